using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;

namespace HokifyMessaging.IntegrationTests.Service;

/// <summary>How a verb ended.</summary>
internal sealed record VerbOutcome(int ExitCode, string Output, string Error)
{
    public JsonElement Json => JsonDocument.Parse(Output).RootElement;
}

/// <summary>The executable as operators run it: a process of its own, in a folder of its own, configured by its environment.</summary>
internal sealed class VerbProcess : IAsyncDisposable
{
    private static readonly string[] Configuration = ["Hokify__", "Database__", "Transport__", "Http__", "ASPNETCORE_", "DOTNET_ENVIRONMENT", "Logging__", "Urls", "Kestrel__"];

    private readonly ConcurrentQueue<string> _output = new();
    private readonly ConcurrentQueue<string> _error = new();
    private readonly Process _process;
    private readonly Task _reading;

    private VerbProcess(ProcessStartInfo start)
    {
        _process = Process.Start(start)!;
        _reading = Task.WhenAll(ReadAsync(_process.StandardOutput, _output), ReadAsync(_process.StandardError, _error));
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Starts a verb.</summary>
    /// <param name="folder">Its working directory, and where its temporary files go.</param>
    /// <param name="settings">Its environment; nothing of the machine's own configuration reaches it.</param>
    /// <param name="arguments">Verb and options.</param>
    public static VerbProcess Start(string folder, IEnumerable<KeyValuePair<string, string>> settings, params string[] arguments)
    {
        // A shell that runs tests in the background tells them to ignore Ctrl+C, and their children inherit it.
        List<string> command = IgnoresInterrupts() ? ["env", "--default-signal=INT", "dotnet"] : ["dotnet"];
        var start = new ProcessStartInfo(command[0])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (var argument in command.Skip(1).Append(Path.Combine(AppContext.BaseDirectory, "hokify.dll")).Concat(arguments))
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var name in start.Environment.Keys.Where(name => Configuration.Any(c => name.StartsWith(c, StringComparison.OrdinalIgnoreCase))).ToList())
        {
            start.Environment.Remove(name);
        }

        start.Environment["TMPDIR"] = folder;
        foreach (var (name, value) in settings)
        {
            start.Environment[name] = value;
        }

        return new VerbProcess(start);
    }

    /// <summary>Runs a verb to its end.</summary>
    public static async Task<VerbOutcome> RunAsync(string folder, IEnumerable<KeyValuePair<string, string>> settings, params string[] arguments)
    {
        await using var process = Start(folder, settings, arguments);
        return await process.EndAsync();
    }

    /// <summary>Waits until the verb ends by itself.</summary>
    public async Task<VerbOutcome> EndAsync()
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        limit.CancelAfter(TimeSpan.FromMinutes(2));
        await _process.WaitForExitAsync(limit.Token);
        await _reading;
        return new VerbOutcome(_process.ExitCode, string.Join('\n', _output), string.Join('\n', _error));
    }

    /// <summary>Waits for a line of the output and returns it.</summary>
    public async Task<string> LineAsync(Func<string, bool> wanted)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        limit.CancelAfter(TimeSpan.FromMinutes(1));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (true)
        {
            var hasEnded = _reading.IsCompleted;
            if (_output.FirstOrDefault(wanted) is { } line)
            {
                return line;
            }

            Assert.False(hasEnded, $"The verb ended without that line. It said:\n{string.Join('\n', _output)}\n{string.Join('\n', _error)}");
            await timer.WaitForNextTickAsync(limit.Token);
        }
    }

    /// <summary>All of the output so far.</summary>
    public string Output => string.Join('\n', _output);

    /// <summary>Ctrl+C, and then the end.</summary>
    public async Task<VerbOutcome> InterruptAsync()
    {
        using var kill = Process.Start("kill", ["-INT", _process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync(Cancel);
        return await EndAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
    }

    private static async Task ReadAsync(StreamReader from, ConcurrentQueue<string> into)
    {
        while (await from.ReadLineAsync(CancellationToken.None) is { } line)
        {
            into.Enqueue(line);
        }
    }

    private static bool IgnoresInterrupts()
    {
        if (!File.Exists("/proc/self/status"))
        {
            return false;
        }

        var ignored = File.ReadLines("/proc/self/status").First(line => line.StartsWith("SigIgn:", StringComparison.Ordinal));
        return (Convert.ToUInt64(ignored["SigIgn:".Length..].Trim(), 16) & 2) != 0;
    }
}
