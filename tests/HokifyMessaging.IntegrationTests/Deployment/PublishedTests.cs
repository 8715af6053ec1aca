using System.IO.Compression;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Text.RegularExpressions;
using HokifyMessaging.IntegrationTests.Processes;
using HokifyMessaging.IntegrationTests.Service;
using HokifyMessaging.Tests;
using HokifyMessaging.Tests.Deployment;

namespace HokifyMessaging.IntegrationTests.Deployment;

/// <summary>
/// The program as others get it, built from what the Dockerfile copies and from nothing else: in the image, as a tool, and with a runtime
/// of its own.
/// </summary>
public sealed partial class PublishedTests(PublishedBuild build) : IClassFixture<PublishedBuild>
{
    private const string Sample = "src/HokifyMessaging/Reading/CsvFiles/sample.csv";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_the_image_holds_serves_and_imports_as_any_user_and_writes_to_its_data_and_to_tmp_alone()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The image is one of Linux.");
        var data = build.FolderFor("data");
        var temporary = build.FolderFor("tmp");
        var before = PublishedBuild.FilesOf(build.Image);
        var settings = ServeTests.Scope;
        (settings["TMPDIR"], settings["HOME"], settings["DOTNET_EnableDiagnostics"]) = (temporary, "/nowhere", "0");

        await using (var service = await HokifyProcess.StartProgramAsync(data, settings, [.. build.AsSomebody, Path.Combine(build.Image, "hokify"), "serve"]))
        {
            await service.UntilStartedAsync();
            using var http = new HttpClient { BaseAddress = await service.AddressAsync() };
            using var ready = await http.GetAsync(new Uri("health/ready", UriKind.Relative), Cancel);
            ready.EnsureSuccessStatusCode();
            Assert.Equal(0, await service.TerminateAsync());
        }

        var imported = await HokifyProcess.RunProgramAsync(data, settings, [.. build.AsSomebody, Path.Combine(build.Image, "hokify"), "import", "--scope", "9", "--file", build.ReadableSample, "--json"]);
        AssertImported(imported, data);
        Assert.Equal(before, PublishedBuild.FilesOf(build.Image));

        // Where it may write nothing, it says so.
        var refused = await HokifyProcess.RunProgramAsync(build.Image, settings, [.. build.AsSomebody, Path.Combine(build.Image, "hokify"), "import", "--scope", "9", "--file", build.ReadableSample]);
        Assert.Equal(1, refused.ExitCode);
        Assert.DoesNotContain("   at ", refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_image_holds_brings_the_model_of_each_kind_of_database_along()
    {
        using var assembly = new PEReader(File.OpenRead(Path.Combine(build.Image, "HokifyMessaging.dll")));
        var metadata = assembly.GetMetadataReader();
        var models = metadata.TypeDefinitions.Select(metadata.GetTypeDefinition)
            .Where(type => metadata.GetString(type.Namespace).StartsWith("HokifyMessaging.Storage.Models.", StringComparison.Ordinal))
            .Select(type => metadata.GetString(type.Name));

        Assert.Superset(new HashSet<string> { "SqliteHokifyDbContextModel", "SqlServerHokifyDbContextModel" }, models.ToHashSet());
    }

    [Fact]
    public async Task The_tool_is_installed_from_its_package_alone_finds_its_settings_and_imports()
    {
        var package = await build.PackAsync();
        await using (var content = await ZipFile.OpenReadAsync(package, Cancel))
        {
            Assert.Equal(
                ["HokifyMessaging.Tool.nuspec", "README.md", "[Content_Types].xml", "_rels", "package", "tools"],
                content.Entries.Select(entry => entry.FullName.Split('/')[0]).Distinct().Order(StringComparer.Ordinal));
        }

        var tools = build.FolderFor("tools");
        await build.RunAsync("dotnet", ["tool", "install", "HokifyMessaging.Tool", "--tool-path", tools, "--configfile", await build.OnlySourceAsync(Path.GetDirectoryName(package)!), "--version", PublishedBuild.Version]);
        string[] hokify = [Path.Combine(tools, OperatingSystem.IsWindows() ? "hokify.exe" : "hokify")];
        var folder = build.FolderFor("importing");

        var version = await HokifyProcess.RunProgramAsync(folder, [], [.. hokify, "--version"]);
        Assert.Equal(new HokifyOutcome(0, PublishedBuild.Version, ""), version);
        var imported = await HokifyProcess.RunProgramAsync(folder, [], [.. hokify, "import", "--scope", "9", "--file", Checkout.PathOf(Sample), "--json"]);
        AssertImported(imported, folder);

        // The settings that come with it are read: without them the log would have another form.
        await using var service = await HokifyProcess.StartProgramAsync(folder, ServeTests.Scope, [.. hokify, "serve"]);
        Assert.Matches(@"^\d{4}-\d{2}-\d{2} .*Settings: read from .*appsettings\.json and the environment$", await service.UntilLineAsync("Settings: read from"));
        await service.UntilStartedAsync();
        Assert.Equal(0, await service.TerminateAsync());
    }

    [Fact]
    public async Task With_a_runtime_of_its_own_it_needs_none_of_the_machine()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "It is built for Linux.");
        LongForm.Require();
        var output = build.FolderFor("alone");
        var line = SelfContained().Match(Checkout.Read("src/HokifyMessaging.Service/OPERATIONS.md")).Groups["line"].Value;
        await build.RunAsync("dotnet", [.. line.Split(' ')[1..], output, .. BuildProgram.Quiet, "-p:RunAnalyzers=false"]);
        Dictionary<string, string> nowhere = new() { ["DOTNET_ROOT"] = "/nowhere", ["DOTNET_ROOT_X64"] = "/nowhere", ["PATH"] = "/usr/bin:/bin" };
        var folder = build.FolderFor("importing-alone");

        Assert.True(File.Exists(Path.Combine(output, "libcoreclr.so")));
        var imported = await HokifyProcess.RunProgramAsync(folder, nowhere, [Path.Combine(output, "hokify"), "import", "--scope", "9", "--file", Checkout.PathOf(Sample), "--json"]);
        AssertImported(imported, folder);

        // The committed lock files are those of every machine, and stay as they are.
        Assert.All(build.LockFiles(), file => Assert.Equal(File.ReadAllText(Checkout.PathOf(file)), File.ReadAllText(build.InSource(file))));
    }

    private static void AssertImported(HokifyOutcome outcome, string folder)
    {
        Assert.True(outcome.ExitCode == 0, $"{outcome}");
        Assert.True(outcome.Json.GetProperty("result").GetProperty("CreatedCounts").GetProperty("CandidateProfile").GetInt32() > 0, $"{outcome}");
        Assert.True(File.Exists(Path.Combine(folder, "hokify.db")));
    }

    [GeneratedRegex("^(?<line>dotnet publish .*--self-contained --output) ", RegexOptions.Multiline)]
    private static partial Regex SelfContained();
}
