using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace HokifyMessaging.IntegrationTests.Processes;

/// <summary>How a process ended.</summary>
internal sealed record HokifyOutcome(int ExitCode, string Output, string Error)
{
    public JsonElement Json => JsonDocument.Parse(Output).RootElement;
}

/// <summary>
/// The executable <c>hokify</c> as an operating system or an operator runs it: in a folder, configured by its environment, and started,
/// paused, interrupted, killed and asked to end from outside. It ends with the test at the latest, and with the test process if that dies.
/// </summary>
internal sealed class HokifyProcess : IAsyncDisposable
{
    /// <summary>How long a test waits for anything before it fails.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static readonly string[] Configuration = ["Hokify__", "Database__", "Transport__", "Http__", "ASPNETCORE_", "DOTNET_ENVIRONMENT", "Logging__", "Urls", "Kestrel__", "OTEL_", "NOTIFY_SOCKET"];

    private readonly Process _keeper;
    private readonly ConcurrentQueue<(bool IsError, string Text)> _lines = new();
    private readonly TaskCompletionSource<int> _processId = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private HokifyProcess(Process keeper)
    {
        _keeper = keeper;
        keeper.OutputDataReceived += (_, line) => Note(line.Data);
        keeper.ErrorDataReceived += (_, line) => Note(line.Data, isError: true);
    }

    /// <summary>What it has printed, standard error included.</summary>
    public IReadOnlyCollection<string> Lines => [.. _lines.Select(line => line.Text)];

    /// <summary>What it has printed, without standard error.</summary>
    public string Output => Printed(isError: false);

    /// <summary>Whether it has ended, for whatever reason.</summary>
    public bool HasExited => _keeper.HasExited;

    /// <summary>The operating system's number for it.</summary>
    public int Id => _processId.Task.Result;

    /// <summary>The program as the build has put it beside the tests, or as it was published and a variable names it: that starts in half the time.</summary>
    public static string Program => Environment.GetEnvironmentVariable("HOKIFY_TEST_PROGRAM") is { Length: > 0 } published ? published : Beside("hokify.dll");

    /// <summary>How <see cref="Program"/> is started.</summary>
    public static IReadOnlyList<string> Command => [Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet", Program];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Skips the calling test where processes cannot be paused and killed as on Unix.</summary>
    public static void Require() => Assert.SkipWhen(OperatingSystem.IsWindows(), "The signals STOP, CONT and TERM are Unix's.");

    /// <param name="folder">Its working directory, and where its temporary files go.</param>
    /// <param name="settings">By configuration key, such as <c>Database:ConnectionString</c>, or environment variable; nothing of the machine's own configuration reaches it.</param>
    /// <param name="arguments">The verb and its options; none serves.</param>
    public static Task<HokifyProcess> StartAsync(string folder, IEnumerable<KeyValuePair<string, string>> settings, params string[] arguments) =>
        StartProgramAsync(folder, settings, [.. Command, .. arguments]);

    /// <summary>The same for a program that is elsewhere, or is started by another one.</summary>
    /// <param name="folder">Its working directory, and where its temporary files go.</param>
    /// <param name="settings">As for <c>StartAsync</c>.</param>
    /// <param name="command">The whole command line; whatever starts another program must become it.</param>
    public static async Task<HokifyProcess> StartProgramAsync(string folder, IEnumerable<KeyValuePair<string, string>> settings, IReadOnlyList<string> command)
    {
        var start = new ProcessStartInfo("/bin/sh")
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // A shell tells what it runs in the background to ignore Ctrl+C.
        string[] heedsInterrupts = OperatingSystem.IsLinux() ? ["env", "--default-signal=INT"] : [];
        foreach (var argument in new[] { Beside("Processes/hokify-process.sh") }.Concat(heedsInterrupts).Concat(command))
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var name in start.Environment.Keys.Where(name => Configuration.Any(c => name.StartsWith(c, StringComparison.OrdinalIgnoreCase))).ToList())
        {
            start.Environment.Remove(name);
        }

        start.Environment["TMPDIR"] = folder;
        foreach (var (key, value) in settings)
        {
            start.Environment[key.Replace(":", "__", StringComparison.Ordinal)] = value;
        }

        var process = new HokifyProcess(Process.Start(start) ?? throw new InvalidOperationException("/bin/sh could not be started."));
        process._keeper.BeginOutputReadLine();
        process._keeper.BeginErrorReadLine();
        await process._processId.Task.WaitAsync(Patience, Cancel);
        return process;
    }

    /// <summary>Runs a verb to its end; see <see cref="StartAsync"/>.</summary>
    public static Task<HokifyOutcome> RunAsync(string folder, IEnumerable<KeyValuePair<string, string>> settings, params string[] arguments) =>
        RunProgramAsync(folder, settings, [.. Command, .. arguments]);

    /// <summary>Runs another program to its end; see <see cref="StartProgramAsync"/>.</summary>
    public static async Task<HokifyOutcome> RunProgramAsync(string folder, IEnumerable<KeyValuePair<string, string>> settings, IReadOnlyList<string> command)
    {
        await using var process = await StartProgramAsync(folder, settings, command);
        return await process.EndAsync();
    }

    /// <summary>Waits for a line that contains the text.</summary>
    public Task<string> UntilLineAsync(string text) => UntilLineAsync(line => line.Contains(text, StringComparison.Ordinal), $"it prints '{text}'");

    public async Task<string> UntilLineAsync(Func<string, bool> isIt, string what)
    {
        await UntilAsync(() => Task.FromResult(Lines.Any(isIt)), what);
        return Lines.First(isIt);
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

    /// <summary>Ctrl+C, and then the end.</summary>
    public async Task<HokifyOutcome> InterruptAsync()
    {
        await SignalAsync("INT");
        return await EndAsync();
    }

    /// <summary>Waits for its end.</summary>
    public async Task<HokifyOutcome> EndAsync() => new(await ExitAsync(), Output, Printed(isError: true));

    public override string ToString() => string.Join('\n', Lines);

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

    private static string Beside(string file) => Path.Combine(AppContext.BaseDirectory, file);

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

    private string Printed(bool isError) => string.Join('\n', _lines.Where(line => line.IsError == isError).Select(line => line.Text));

    private void Note(string? line, bool isError = false)
    {
        if (line is null)
        {
            return;
        }

        if (isError || _processId.Task.IsCompleted || !int.TryParse(line, CultureInfo.InvariantCulture, out var id))
        {
            _lines.Enqueue((isError, line));
        }
        else
        {
            _processId.SetResult(id);
        }
    }
}
