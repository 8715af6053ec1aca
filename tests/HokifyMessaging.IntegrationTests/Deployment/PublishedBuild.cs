using System.Text.RegularExpressions;
using System.Xml.Linq;
using HokifyMessaging.Tests;
using HokifyMessaging.Tests.Deployment;

namespace HokifyMessaging.IntegrationTests.Deployment;

/// <summary>A folder with what the Dockerfile copies, published by the Dockerfile's own line, and what else is made of it.</summary>
public sealed partial class PublishedBuild : IAsyncLifetime
{
    private readonly OwnFolder _folder = new();

    internal static string Version { get; } = XDocument.Load(Checkout.PathOf("Directory.Build.props")).Descendants("Version").Single().Value;

    /// <summary>What the image has in <c>/app</c>.</summary>
    internal string Image => Path.Combine(_folder.Path, "app");

    /// <summary>A CSV outside of any home.</summary>
    internal string ReadableSample => InSource("src/HokifyMessaging/Reading/CsvFiles/sample.csv");

    /// <summary>
    /// Becomes what it starts, as the strongest form of a container that this machine has. For root: a user whom nobody knows, in root's
    /// group, without rights, with a file system of its own in which only two folders can be written to. For anybody else: that user,
    /// who may not write into the program's folder either.
    /// </summary>
    internal IReadOnlyList<string> AsSomebody => Environment.UserName != "root" ? ["env"] :
    [
        "unshare", "--mount", "/bin/sh", "-ec",
        $"""
         for writable in data tmp; do mount --bind '{_folder.Path}'/$writable '{_folder.Path}'/$writable; done
         mount -o remount,bind,ro /
         cd "$PWD"
         if touch '{Image}/written' 2>/dev/null; then echo 'The program could be written to.' >&2; exit 99; fi
         exec setpriv --reuid 12345 --regid 0 --clear-groups --no-new-privs --bounding-set=-all --inh-caps=-all "$@"
         """,
        "somebody",
    ];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var dockerfile = Checkout.Read("Dockerfile");
        foreach (var copy in Copied().Matches(dockerfile).Select(match => match.Groups["what"].Value.Split(' ')))
        {
            foreach (var source in copy[..^1])
            {
                Copy(source.TrimEnd('/'), Path.Combine(InSource(copy[^1].TrimEnd('/')), Directory.Exists(Checkout.PathOf(source)) ? "" : Path.GetFileName(source)));
            }
        }

        var line = Published().Match(dockerfile).Groups["line"].Value.Split(' ');
        Assert.Equal(["/app"], line[^1..]);
        await RunAsync("dotnet", [.. line[1..^1], Image, .. BuildProgram.Quiet]);
        Assert.True(File.Exists(Path.Combine(Image, "appsettings.json")));
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(_folder.Path, (UnixFileMode)0b111_101_101);
            await RunAsync("chmod", ["-R", "a-w", Image]);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!OperatingSystem.IsWindows() && Directory.Exists(Image))
        {
            await RunAsync("chmod", ["-R", "u+w", Image]);
        }

        _folder.Dispose();
    }

    internal string InSource(string file) => Path.GetFullPath(file, Path.Combine(_folder.Path, "source"));

    /// <summary>An empty folder, in which the group may write, too.</summary>
    internal string FolderFor(string name)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_folder.Path, name));
        if (!OperatingSystem.IsWindows())
        {
            folder.UnixFileMode = (UnixFileMode)0b111_111_000;
        }

        return folder.FullName;
    }

    /// <summary>Each with when it was written.</summary>
    internal static IReadOnlyList<string> FilesOf(string folder) =>
        [.. new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories).Select(file => $"{file.FullName} {file.LastWriteTimeUtc:O}").Order(StringComparer.Ordinal)];

    internal IReadOnlyList<string> LockFiles() =>
        [.. Directory.GetFiles(InSource("src"), "packages.lock.json", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(InSource("."), file))];

    /// <summary>The tool's package, of what has been built already.</summary>
    internal async Task<string> PackAsync()
    {
        Copy("README.md", InSource("README.md"));
        var packages = FolderFor("packages");
        await RunAsync("dotnet", ["pack", "src/HokifyMessaging.Service", "--configuration", "Release", "--no-build", "--output", packages, .. BuildProgram.Quiet]);
        return Assert.Single(Directory.GetFiles(packages));
    }

    /// <summary>A configuration of NuGet's that knows this folder and nothing else.</summary>
    internal async Task<string> OnlySourceAsync(string packages)
    {
        var file = Path.Combine(_folder.Path, "nuget.config");
        await File.WriteAllTextAsync(file, $"""<configuration><packageSources><clear /><add key="packed" value="{packages}" /></packageSources></configuration>""", Cancel);
        return file;
    }

    internal Task RunAsync(string program, IReadOnlyList<string> arguments) => BuildProgram.RunAsync(InSource("."), program, arguments);

    /// <summary>A file, or a folder without what .dockerignore keeps out of it.</summary>
    private static void Copy(string source, string target)
    {
        var from = Checkout.PathOf(source);
        if (File.Exists(from))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(from, target, overwrite: true);
            return;
        }

        foreach (var entry in Directory.GetFileSystemEntries(from).Select(entry => Path.GetFileName(entry)).Where(name => name is not ("bin" or "obj") && !name.Contains(".db", StringComparison.Ordinal)))
        {
            Copy(Path.Combine(source, entry), Path.Combine(target, entry));
        }
    }

    [GeneratedRegex(@"^COPY (?!--from)(?<what>.+)$", RegexOptions.Multiline)]
    private static partial Regex Copied();

    [GeneratedRegex(@"^RUN (?<line>dotnet publish .+)$", RegexOptions.Multiline)]
    private static partial Regex Published();
}
