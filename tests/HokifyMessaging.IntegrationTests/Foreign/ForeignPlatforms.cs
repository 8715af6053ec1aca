using HokifyMessaging.IntegrationTests.Broker;
using HokifyMessaging.IntegrationTests.Foreign;

[assembly: AssemblyFixture(typeof(ForeignPlatforms))]

namespace HokifyMessaging.IntegrationTests.Foreign;

/// <summary>
/// The platforms that publish, subscribe and read results without .NET, where this machine has them. A test that needs one is skipped
/// without it, and fails where <c>CI</c> is <c>true</c>.
/// </summary>
public sealed class ForeignPlatforms : IDisposable
{
    // Debian's python3-pika belongs to Debian's own Python; another one may come first on the path.
    private const string Python = "/usr/bin/python3";

    private static readonly string NodeFolder = Path.Combine(ForeignProgram.Folder, "node");

    private readonly SemaphoreSlim _one = new(1);
    private string? _nodeProblem;
    private bool _nodeChecked;

    /// <summary>A script under <c>Foreign/node</c>, with its packages installed.</summary>
    internal async Task<ForeignCommand> RequireNodeAsync(string script)
    {
        await _one.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            if (!_nodeChecked)
            {
                _nodeProblem = await InstallPackagesAsync();
                _nodeChecked = true;
            }
        }
        finally
        {
            _one.Release();
        }

        Require(_nodeProblem);
        return new ForeignCommand(NodeFolder, "node", script);
    }

    /// <summary>A script under <c>Foreign/python</c>.</summary>
    internal static async Task<ForeignCommand> RequirePythonAsync(string script)
    {
        var folder = Path.Combine(ForeignProgram.Folder, "python");
        var hasPika = File.Exists(Python) && (await ForeignProgram.RunAsync(new ForeignCommand(folder, Python, "-c", "import pika"))).ExitCode == 0;
        Require(hasPika ? null : "There is no pika for Python: install the package python3-pika.");
        return new ForeignCommand(folder, Python, script);
    }

    /// <summary>A script under <c>Foreign/management</c>, which calls <paramref name="program"/>.</summary>
    internal static ForeignCommand RequireShell(string script, string program)
    {
        Require(IsOnPath(program) ? null : $"There is no {program}: install it.");
        return new ForeignCommand(Path.Combine(ForeignProgram.Folder, "management"), "/bin/sh", script);
    }

    /// <summary>
    /// A script under <c>Foreign/management</c> that calls <c>rabbitmqadmin</c> 2, a program of its own since RabbitMQ 4. It comes with the newest RabbitMQ; elsewhere, where the
    /// name means the older program, another one stands in for it.
    /// </summary>
    internal static ForeignCommand RequireRabbitMqAdmin2(string script)
    {
        var command = RequireShell(script, "curl");
        command.Environment["PATH"] = $"{Path.Combine(command.Folder, "v2")}{Path.PathSeparator}{Environment.GetEnvironmentVariable("PATH")}";
        command.Environment["NEWEST_ROOT"] = RabbitMqInstallation.Chosen.Root;
        return command;
    }

    /// <summary>A spreadsheet program without a window, which works in this folder and keeps its own settings there.</summary>
    internal static ForeignCommand RequireSpreadsheet(DirectoryInfo folder)
    {
        Require(IsOnPath("soffice") ? null : "There is no LibreOffice: install the package libreoffice-calc.");
        var settings = new Uri(Path.Combine(folder.FullName, "settings"));
        return new ForeignCommand(folder.FullName, "soffice", $"-env:UserInstallation={settings}", "--headless", "--norestore")
        {
            Environment = { ["LC_ALL"] = "C.UTF-8" },
        };
    }

    /// <summary>A browser without a window, which asks no other machine for anything and keeps its own settings in this folder.</summary>
    internal static ForeignCommand RequireBrowser(DirectoryInfo folder)
    {
        return new ForeignCommand(
            folder.FullName, RequireBrowserProgram(), "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", $"--user-data-dir={Path.Combine(folder.FullName, "profile")}");
    }

    /// <summary>The machine's Chromium.</summary>
    /// <returns>Where it is.</returns>
    internal static string RequireBrowserProgram()
    {
        var browser = new[] { "chromium", "chromium-browser", "google-chrome" }.FirstOrDefault(IsOnPath);
        Require(browser is null ? "There is no browser: install the package chromium." : null);
        return (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(folder => Path.Combine(folder, browser!)).First(File.Exists);
    }

    /// <summary>Prometheus, or the program beside it that checks its files.</summary>
    internal static ForeignCommand RequirePrometheus(string folder, string program, params string[] arguments)
    {
        Require(IsOnPath("prometheus") && IsOnPath("promtool") ? null : "There is no Prometheus: install the package prometheus.");
        return new ForeignCommand(folder, program, arguments);
    }

    public void Dispose() => _one.Dispose();

    /// <summary>Installs what the lock file names, once for each lock file; says why it is not possible, or null.</summary>
    private static async Task<string?> InstallPackagesAsync()
    {
        if (!IsOnPath("node") || !IsOnPath("npm"))
        {
            return "There is no Node: install the packages nodejs and npm.";
        }

        var cancel = TestContext.Current.CancellationToken;
        var wanted = await File.ReadAllTextAsync(Path.Combine(NodeFolder, "package-lock.json"), cancel);
        var installed = new FileInfo(Path.Combine(NodeFolder, "node_modules", "installed-package-lock.json"));
        if (installed.Exists && await File.ReadAllTextAsync(installed.FullName, cancel) == wanted)
        {
            return null;
        }

        var (exitCode, output, errors) = await ForeignProgram.RunAsync(new ForeignCommand(NodeFolder, "npm", "ci"));
        if (exitCode != 0)
        {
            return $"npm ci failed in {NodeFolder}:\n{output}\n{errors}";
        }

        await File.WriteAllTextAsync(installed.FullName, wanted, cancel);
        return null;
    }

    private static void Require(string? problem)
    {
        if (problem is null)
        {
            return;
        }

        Assert.SkipUnless(Environment.GetEnvironmentVariable("CI") == "true", problem);
        Assert.Fail(problem);
    }

    private static bool IsOnPath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, program)));
}
