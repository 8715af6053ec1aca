using System.Diagnostics;
using HokifyMessaging.IntegrationTests.Processes;
using HokifyMessaging.Tests;

namespace HokifyMessaging.IntegrationTests.Service;

/// <summary>The script that a shell completes by, in a shell.</summary>
public sealed class CompletionTests : IDisposable
{
    private readonly OwnFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("hokify ru", "runs")]
    [InlineData("hokify runs sh", "show")]
    [InlineData("hokify runs --fa", "--failed")]
    [InlineData("hokify request --mode F", "Full")]
    [InlineData("hokify completion b", "bash")]
    public async Task Bash_completes_what_was_begun(string line, string completed)
    {
        Assert.SkipUnless(File.Exists("/bin/bash"), "There is no bash.");
        var outcome = await HokifyProcess.RunAsync(_folder.Path, [], "completion", "bash");
        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Error));
        var program = Path.Combine(AppContext.BaseDirectory, "hokify");
        var script = $$"""
            hokify() { "{{program}}" "$@"; }
            {{outcome.Output}}
            COMP_LINE='{{line}}'
            COMP_POINT={{line.Length}}
            COMP_WORDS=($COMP_LINE)
            COMP_CWORD={{line.Split(' ').Length - 1}}
            _hokify
            printf '%s\n' "${COMPREPLY[@]}"
            """;

        using var bash = Process.Start(new ProcessStartInfo("/bin/bash", ["-c", script]) { RedirectStandardOutput = true, WorkingDirectory = _folder.Path })!;
        var printed = await bash.StandardOutput.ReadToEndAsync(Cancel);
        await bash.WaitForExitAsync(Cancel);

        Assert.Equal([completed], printed.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task A_shell_that_nobody_knows_is_refused_with_those_that_are()
    {
        var outcome = await HokifyProcess.RunAsync(_folder.Path, [], "completion", "csh");

        Assert.Equal((1, ""), (outcome.ExitCode, outcome.Output));
        Assert.StartsWith("shell is 'csh'; it must be bash, zsh, fish or pwsh.", outcome.Error, StringComparison.Ordinal);
    }
}
