using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace HokifyMessaging.IntegrationTests.Processes;

/// <summary>
/// The executable <c>hokify</c> as an operating system runs it: started, paused, killed and asked to end from outside. It
/// ends with the test at the latest, and with the test process if that dies.
/// </summary>
internal sealed class HokifyProcess : IAsyncDisposable
{
    /// <summary>How long a test waits for anything before it fails.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly Process _keeper;
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly TaskCompletionSource<int> _processId = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private HokifyProcess(Process keeper)
    {
        _keeper = keeper;
        keeper.OutputDataReceived += (_, line) => Note(line.Data);
        keeper.ErrorDataReceived += (_, line) => Note(line.Data);
    }

    /// <summary>What it has printed, standard error included.</summary>
    public IReadOnlyCollection<string> Lines => _lines;

    /// <summary>Whether it has ended, for whatever reason.</summary>
    public bool HasExited => _keeper.HasExited;

    /// <summary>The operating system's number for it.</summary>
    public int Id => _processId.Task.Result;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Skips the calling test where processes cannot be paused and killed as on Unix.</summary>
    public static void Require() => Assert.SkipWhen(OperatingSystem.IsWindows(), "The signals STOP, CONT and TERM are Unix's.");

    /// <param name="settings">By configuration key, such as <c>Database:ConnectionString</c>; passed as environment variables.</param>
    /// <param name="arguments">The verb and its options; none serves.</param>
    public static async Task<HokifyProcess> StartAsync(IEnumerable<KeyValuePair<string, string>> settings, params string[] arguments)
    {
        var start = new ProcessStartInfo("/bin/sh")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in new[] { Beside("Processes/hokify-process.sh"), Environment.ProcessPath is { } host && IsDotnet(host) ? host : "dotnet", Beside("hokify.dll") }.Concat(arguments))
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["ASPNETCORE_URLS"] = "http://127.0.0.1:0";
        // These processes live for seconds: what the compiler learns about them it would never use.
        start.Environment["DOTNET_TieredPGO"] = "0";
        start.Environment["Logging__Console__FormatterName"] = "simple";
        start.Environment["Logging__Console__FormatterOptions__SingleLine"] = "true";
        foreach (var (key, value) in settings)
        {
            start.Environment[key.Replace(":", "__", StringComparison.Ordinal)] = value;
        }

        var process = new HokifyProcess(Process.Start(start) ?? throw new InvalidOperationException("/bin/sh could not be started."));
        process._keeper.BeginOutputReadLine();
        process._keeper.BeginErrorReadLine();
        await process._processId.Task.WaitAsync(Patience, Cancel);
        return process;

        static string Beside(string file) => Path.Combine(AppContext.BaseDirectory, file);
        static bool IsDotnet(string path) => Path.GetFileNameWithoutExtension(path) == "dotnet";
    }

    /// <summary>Waits for a line that contains the text.</summary>
    public Task<string> UntilLineAsync(string text) => UntilLineAsync(line => line.Contains(text, StringComparison.Ordinal), $"it prints '{text}'");

    public async Task<string> UntilLineAsync(Func<string, bool> isIt, string what)
    {
        await UntilAsync(() => Task.FromResult(_lines.Any(isIt)), what);
        return _lines.First(isIt);
    }

    /// <summary>Waits for the consumer and the sweeper to be at work.</summary>
    public Task UntilStartedAsync() => UntilLineAsync("Application started");

    /// <summary>Where the service listens.</summary>
    public async Task<Uri> AddressAsync()
    {
        const string Listening = "Now listening on: ";
        var line = await UntilLineAsync(Listening);
        return new Uri(line[(line.IndexOf(Listening, StringComparison.Ordinal) + Listening.Length)..].Trim());
    }

    /// <summary>Waits for a condition that this process should bring about; fails with what it printed when it ends or takes too long.</summary>
    public async Task UntilAsync(Func<Task<bool>> condition, string what)
    {
        var waited = Stopwatch.StartNew();
        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!await condition())
        {
            if (_keeper.HasExited && !await condition())
            {
                Assert.Fail($"hokify ended before {what}:\n{this}");
            }

            if (waited.Elapsed > Patience)
            {
                Assert.Fail($"Within {Patience.TotalSeconds} seconds it did not come true that {what}:\n{this}");
            }

            await poll.WaitForNextTickAsync(Cancel);
        }
    }

    /// <summary>Stops it where it stands, in the middle of whatever it does: it looks dead and is not.</summary>
    public async Task PauseAsync()
    {
        await SignalAsync("STOP");
        await UntilAsync(async () => (await StateAsync()).StartsWith('T'), "it is stopped");
    }

    /// <summary>Lets it go on after <see cref="PauseAsync"/>.</summary>
    public Task ContinueAsync() => SignalAsync("CONT");

    /// <summary>Ends it as a power cut does.</summary>
    public async Task KillAsync()
    {
        using (var process = Process.GetProcessById(Id))
        {
            process.Kill();
        }

        await ExitAsync();
    }

    /// <summary>Asks it to end, as an operating system or a container host does.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> TerminateAsync()
    {
        await SignalAsync("TERM");
        return await ExitAsync();
    }

    public override string ToString() => string.Join('\n', _lines);

    public async ValueTask DisposeAsync()
    {
        _keeper.StandardInput.Close();
        await _keeper.WaitForExitAsync(CancellationToken.None).WaitAsync(Patience, CancellationToken.None);
        _keeper.Dispose();
    }

    /// <summary>Waits for its end.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> ExitAsync()
    {
        try
        {
            await _keeper.WaitForExitAsync(Cancel).WaitAsync(Patience, Cancel);
        }
        catch (TimeoutException)
        {
            Assert.Fail($"hokify did not end within {Patience.TotalSeconds} seconds:\n{this}");
        }

        return _keeper.ExitCode;
    }

    private async Task SignalAsync(string signal) => await ShellAsync($"kill -{signal} {Id}");

    private Task<string> StateAsync() => ShellAsync($"ps -o state= -p {Id}");

    private static async Task<string> ShellAsync(string command)
    {
        using var shell = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", command]) { RedirectStandardOutput = true })!;
        var output = await shell.StandardOutput.ReadToEndAsync(Cancel);
        await shell.WaitForExitAsync(Cancel);
        Assert.True(shell.ExitCode == 0, $"'{command}' ended with {shell.ExitCode}");
        return output.Trim();
    }

    private void Note(string? line)
    {
        if (line is null)
        {
            return;
        }

        if (_processId.Task.IsCompleted || !int.TryParse(line, CultureInfo.InvariantCulture, out var id))
        {
            _lines.Enqueue(line);
        }
        else
        {
            _processId.SetResult(id);
        }
    }
}
