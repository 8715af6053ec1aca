using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace HokifyMessaging.Tests.Deployment;

/// <summary>The Dockerfile as far as it can be known to be right without an engine that builds it; PublishedTests runs what it builds.</summary>
public sealed partial class DockerfileTests : IDisposable
{
    /// <summary>What the base image brings, which is Ubuntu 24.04 with dash, coreutils and apt, of all that is called here.</summary>
    private static readonly HashSet<string> OfTheBase = ["apt-get", "case", "esac", "chmod", "chown", "mkdir", "rm", "tr"];

    /// <summary>The same of the SDK's image.</summary>
    private static readonly HashSet<string> OfTheSdk = ["dotnet"];

    private readonly OwnFolder _folder = new();

    private static readonly string[] Stages = Joined().Replace(Checkout.Read("Dockerfile"), " ").Split("FROM ", StringSplitOptions.RemoveEmptyEntries);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Each_command_is_in_its_base_image_or_is_installed_before_it_is_called()
    {
        var installed = Installed().Match(Stages[1]).Groups["packages"].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal(2, Stages.Length);
        Assert.All(Commands(Stages[0]), command => Assert.Contains(command, OfTheSdk));
        Assert.All(Commands(Stages[1]), command => Assert.Contains(command, OfTheBase.Concat(installed)));
        Assert.Equal(["curl"], installed);
    }

    /// <summary>A program that is published for 10.0 runs with every patch of it, and with nothing else.</summary>
    [Fact]
    public void The_runtime_is_one_that_the_program_is_built_for()
    {
        using var global = JsonDocument.Parse(Checkout.Read("global.json"));
        var sdk = Version.Parse(global.RootElement.GetProperty("sdk").GetProperty("version").GetString()!);
        var runtime = Version.Parse(Runtime().Match(Stages[1]).Groups["version"].Value);

        Assert.Equal((sdk.Major, sdk.Minor), (runtime.Major, runtime.Minor));
        Assert.Contains($"<TargetFramework>net{sdk.Major}.{sdk.Minor}</TargetFramework>", Checkout.Read("Directory.Build.props"), StringComparison.Ordinal);
    }

    [Fact]
    public void Only_data_belongs_to_those_who_run_it()
    {
        Assert.Contains("chown \"$APP_UID:0\" /data && chmod 0770 /data", Stages[1], StringComparison.Ordinal);
        Assert.Single(ChangedOwners().Matches(Stages[1]));
        Assert.Equal("/data", WorkFolder().Matches(Stages[1])[^1].Groups["folder"].Value);
        Assert.Contains("DOTNET_EnableDiagnostics=0", Stages[1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_release_says_of_the_image_where_it_comes_from()
    {
        var release = Checkout.Read(".github/workflows/release.yml");

        Assert.All(["org.opencontainers.image.revision=$GITHUB_SHA", "org.opencontainers.image.source=$GITHUB_SERVER_URL/"], label => Assert.Contains(label, release, StringComparison.Ordinal));
        Assert.All(["title", "description", "version"], label => Assert.Contains($"org.opencontainers.image.{label}=", Stages[1], StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("/app/hokify", "http://127.0.0.1:8080/health/live")]
    [InlineData("/app/hokify serve", "http://127.0.0.1:8080/health/live")]
    [InlineData("/app/hokify serve --folder /data", "http://127.0.0.1:8080/health/live")]
    [InlineData("/sbin/docker-init -- /app/hokify", "http://127.0.0.1:8080/health/live")]
    [InlineData("/app/hokify import --requested-by serve-er", null)]
    [InlineData("/app/hokify migrate", null)]
    public async Task Who_serves_is_asked_for_its_health_and_who_does_anything_else_is_well(string process, string? asked)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There is no shell of that kind.");
        var (commandLine, calls) = (Path.Combine(_folder.Path, "cmdline"), Path.Combine(_folder.Path, "calls"));
        await File.WriteAllTextAsync(commandLine, string.Concat(process.Split(' ').Select(argument => $"{argument}\0")), Cancel);
        var check = HealthCheck().Match(Stages[1]).Groups["command"].Value.Replace("/proc/1/cmdline", commandLine, StringComparison.Ordinal);

        // In place of the real one: says what it is asked for, and that nobody answers.
        var start = new ProcessStartInfo("/bin/sh", ["-c", $"curl() {{ for last; do :; done; printf %s \"$last\" > '{calls}'; return 7; }}\n{check}"])
        {
            Environment = { ["ASPNETCORE_HTTP_PORTS"] = "8080;8081" },
        };
        using var shell = Process.Start(start)!;
        await shell.WaitForExitAsync(Cancel);

        Assert.Equal((asked is null ? 0 : 7, asked), (shell.ExitCode, File.Exists(calls) ? await File.ReadAllTextAsync(calls, Cancel) : null));
    }

    /// <summary>The first word of each command of a shell, in RUN and HEALTHCHECK.</summary>
    private static List<string> Commands(string stage)
    {
        var found = Shell().Matches(stage).SelectMany(match => FirstWords().Matches(match.Groups["commands"].Value)).Select(match => match.Groups["command"].Value).ToList();
        Assert.NotEmpty(found);
        return found;
    }

    [GeneratedRegex(@"\\\n\s*")]
    private static partial Regex Joined();

    [GeneratedRegex("^RUN (?<commands>.+)$|^HEALTHCHECK .*?CMD (?<commands>.+)$", RegexOptions.Multiline)]
    private static partial Regex Shell();

    [GeneratedRegex(@"(^|&& |\$\(|;; |\*\) )\s*(?<command>[a-z][a-z-]*)")]
    private static partial Regex FirstWords();

    [GeneratedRegex("apt-get install -y --no-install-recommends (?<packages>[a-z0-9 -]+) &&")]
    private static partial Regex Installed();

    [GeneratedRegex(@"dotnet/aspnet:(?<version>\S+)")]
    private static partial Regex Runtime();

    [GeneratedRegex("chown ")]
    private static partial Regex ChangedOwners();

    [GeneratedRegex(@"^WORKDIR (?<folder>\S+)", RegexOptions.Multiline)]
    private static partial Regex WorkFolder();

    [GeneratedRegex("^HEALTHCHECK .*?CMD (?<command>.+)$", RegexOptions.Multiline)]
    private static partial Regex HealthCheck();
}
