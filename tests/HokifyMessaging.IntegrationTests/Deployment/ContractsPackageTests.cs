using System.IO.Compression;
using System.Xml.Linq;
using HokifyMessaging.Tests;
using HokifyMessaging.Tests.Deployment;

namespace HokifyMessaging.IntegrationTests.Deployment;

/// <summary>The contracts as other systems get them: packed as a release packs them, and opened.</summary>
public sealed class ContractsPackageTests : IDisposable
{
    private readonly OwnFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_package_holds_what_it_is_for_and_nothing_else_and_is_the_same_every_time()
    {
        var (first, second) = (await PackAsync("first"), await PackAsync("second"));

        using var package = await ZipFile.OpenReadAsync(first, Cancel);
        Assert.Equal(
            ["HokifyMessaging.Contracts.nuspec", "README.md", "asyncapi.yaml", "lib/net10.0/HokifyMessaging.Contracts.dll", "lib/net10.0/HokifyMessaging.Contracts.xml"],
            package.Entries.Select(entry => entry.FullName).Where(name => !IsOfTheContainer(name)).Order(StringComparer.Ordinal));
        using var symbols = await ZipFile.OpenReadAsync(Path.ChangeExtension(first, ".snupkg"), Cancel);
        Assert.Contains(symbols.Entries, entry => entry.FullName == "lib/net10.0/HokifyMessaging.Contracts.pdb");

        foreach (var file in new[] { "README.md", "asyncapi.yaml" })
        {
            Assert.Equal(await File.ReadAllBytesAsync(Checkout.PathOf($"src/HokifyMessaging.Contracts/{file}"), Cancel), await ReadAsync(first, file));
        }

        foreach (var entry in package.Entries.Where(entry => entry.FullName.StartsWith("lib/", StringComparison.Ordinal)))
        {
            Assert.Equal(await ReadAsync(first, entry.FullName), await ReadAsync(second, entry.FullName));
        }

        Assert.Contains("P:HokifyMessaging.Contracts.HokifyImportRequested.UnixSecondsFrom", await MembersAsync(first));
        AssertSaysWhatItIs(XDocument.Load(new MemoryStream(await ReadAsync(first, "HokifyMessaging.Contracts.nuspec"))).Root!);
    }

    private static void AssertSaysWhatItIs(XElement nuspec)
    {
        var metadata = nuspec.Elements().Single();
        var version = XDocument.Load(Checkout.PathOf("Directory.Build.props")).Descendants("Version").Single().Value;
        Assert.Equal(("HokifyMessaging.Contracts", version, "README.md"), (Value("id"), Value("version"), Value("readme")));
        Assert.NotEmpty(Value("description"));

        // The address is the checked-out repository's own, where it has one.
        Assert.Matches("^[0-9a-f]{40}$", Assert.Single(metadata.Elements(), element => element.Name.LocalName == "repository").Attribute("commit")!.Value);
        var dependency = Assert.Single(metadata.Descendants(), element => element.Name.LocalName == "dependency");
        Assert.Equal(("MassTransit.Abstractions", "[8.5.12, 9.0.0)"), (dependency.Attribute("id")!.Value, dependency.Attribute("version")!.Value));

        string Value(string name) => Assert.Single(metadata.Elements(), element => element.Name.LocalName == name).Value;
    }

    /// <summary>Packed in a folder of its own, so that no build beside it is disturbed; the same one each time, because a path may be in what is built.</summary>
    private async Task<string> PackAsync(string name)
    {
        var (output, artifacts) = (Path.Combine(_folder.Path, name), Path.Combine(_folder.Path, "artifacts"));
        if (Directory.Exists(artifacts))
        {
            Directory.Delete(artifacts, recursive: true);
        }

        string[] pack = ["pack", "src/HokifyMessaging.Contracts", "--configuration", "Release", "--output", output, $"-p:ArtifactsPath={artifacts}", .. BuildProgram.Quiet, "-warnaserror"];
        await BuildProgram.RunAsync(Checkout.PathOf("."), "dotnet", pack);
        return Assert.Single(Directory.GetFiles(output, "*.nupkg"));
    }

    private static async Task<byte[]> ReadAsync(string package, string name)
    {
        using var archive = await ZipFile.OpenReadAsync(package, Cancel);
        await using var entry = await archive.GetEntry(name)!.OpenAsync(Cancel);
        using var content = new MemoryStream();
        await entry.CopyToAsync(content, Cancel);
        return content.ToArray();
    }

    private static async Task<IReadOnlyList<string>> MembersAsync(string package) =>
        [.. XDocument.Load(new MemoryStream(await ReadAsync(package, "lib/net10.0/HokifyMessaging.Contracts.xml"))).Descendants("member").Select(member => member.Attribute("name")!.Value)];

    private static bool IsOfTheContainer(string name) => name is "[Content_Types].xml" or "_rels/.rels" || name.EndsWith(".psmdcp", StringComparison.Ordinal);
}
