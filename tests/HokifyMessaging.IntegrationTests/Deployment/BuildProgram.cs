using System.Diagnostics;

namespace HokifyMessaging.IntegrationTests.Deployment;

/// <summary>A program that builds something, as it runs on a CI machine; what it printed is why a test fails.</summary>
internal static class BuildProgram
{
    /// <summary>Of a build that leaves no server behind.</summary>
    public static readonly string[] Quiet = ["-p:UseSharedCompilation=false", "-nodeReuse:false"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task RunAsync(string folder, string program, IReadOnlyList<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            Environment = { ["CI"] = "true", ["DOTNET_CLI_UI_LANGUAGE"] = "en", ["MSBUILDTERMINALLOGGER"] = "off" },
        };
        using var process = Process.Start(start)!;
        var printed = await process.StandardOutput.ReadToEndAsync(Cancel);
        await process.WaitForExitAsync(Cancel);
        Assert.True(process.ExitCode == 0, printed);
    }
}
