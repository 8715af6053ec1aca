using System.Diagnostics;

namespace HokifyMessaging.IntegrationTests.Foreign;

/// <summary>A program of another platform, in a process of its own; disposing ends it.</summary>
internal sealed class ForeignProgram : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private readonly Process _process;
    private readonly Task<string> _errors;

    private ForeignProgram(Process process)
    {
        _process = process;
        _errors = process.StandardError.ReadToEndAsync();
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>The folder of the scripts beside the test assembly.</summary>
    public static string Folder { get; } = Path.Combine(AppContext.BaseDirectory, "Foreign");

    public static ForeignProgram Start(ForeignCommand command, params string[] arguments)
    {
        var start = new ProcessStartInfo(command.Program, [.. command.Arguments, .. arguments])
        {
            WorkingDirectory = command.Folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in command.Environment)
        {
            start.Environment[name] = value;
        }

        var process = Process.Start(start) ?? throw new InvalidOperationException($"{command.Program} could not be started.");
        process.StandardInput.Close();
        return new ForeignProgram(process);
    }

    /// <summary>Runs a program to its end.</summary>
    public static async Task<(int ExitCode, string Output, string Errors)> RunAsync(ForeignCommand command, params string[] arguments)
    {
        await using var program = Start(command, arguments);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        limit.CancelAfter(Limit);
        var output = await program._process.StandardOutput.ReadToEndAsync(limit.Token);
        await program._process.WaitForExitAsync(limit.Token);
        return (program._process.ExitCode, output, await program._errors);
    }

    /// <summary>The next line that the program prints; fails with what it says instead.</summary>
    public async Task<string> ReadLineAsync()
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        limit.CancelAfter(Limit);
        return await _process.StandardOutput.ReadLineAsync(limit.Token)
            ?? throw new InvalidOperationException($"The program ended without a further line:\n{await _errors}");
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
}

/// <summary>How a program is started.</summary>
internal sealed record ForeignCommand(string Folder, string Program, params string[] Arguments)
{
    public Dictionary<string, string> Environment { get; } = [];
}
