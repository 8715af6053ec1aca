using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using HokifyMessaging.IntegrationTests.Processes;
using HokifyMessaging.IntegrationTests.Service;
using HokifyMessaging.Tests;
using HokifyMessaging.Tests.Deployment;

namespace HokifyMessaging.IntegrationTests.Deployment;

/// <summary>The service under systemd: what it tells it, how it logs there, and the unit that is committed.</summary>
public sealed partial class SystemdTests : IDisposable
{
    /// <summary>What 'systemd-analyze security' calls 2.0 on its scale, which ends at 10.0 for a service that may do anything.</summary>
    private const string MostExposed = "20";

    /// <summary>Becomes what it starts, which then is what systemd has started.</summary>
    private static readonly string[] AsSystemd = ["/bin/sh", "-c", "SYSTEMD_EXEC_PID=$$ JOURNAL_STREAM=8:9 exec \"$@\"", "systemd"];

    private readonly OwnFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("InMemory", "simple")]
    [InlineData("RabbitMq", "json")]
    public async Task Systemd_hears_that_the_service_is_ready_when_it_answers_also_without_a_broker_and_that_it_stops(string transport, string formatter)
    {
        HokifyProcess.Require();
        using var systemd = new NotifySocket(_folder.Path);
        var settings = ServeTests.Scope;
        (settings["NOTIFY_SOCKET"], settings["Transport__Kind"], settings["Transport__RabbitMq__Port"], settings["Logging__Console__FormatterName"]) = (systemd.Address, transport, "1", formatter);

        await using var service = await HokifyProcess.StartProgramAsync(_folder.Path, settings, [.. AsSystemd, .. HokifyProcess.Command, "serve"]);
        Assert.Equal("READY=1", await systemd.HearAsync());
        using var http = new HttpClient { BaseAddress = new Uri(Listening().Match(await service.UntilLineAsync("Now listening on: ")).Value) };
        using var live = await http.GetAsync(new Uri("health/live", UriKind.Relative), Cancel);
        Assert.Equal(HttpStatusCode.OK, live.StatusCode);
        Assert.True(File.Exists(Path.Combine(_folder.Path, "hokify.db")));

        var ended = await service.InterruptAsync();
        Assert.Equal("STOPPING=1", await systemd.HearAsync());
        Assert.Equal((0, ""), (ended.ExitCode, ended.Error));

        // Each line with how grave it is, and without a time, which the journal has; or what somebody has chosen.
        Assert.All(ended.Output.Split('\n'), line => Assert.Matches(formatter == "json" ? "^\\{.*\\}$" : @"^<[3-6]>[A-Z][\w.]+\[\d+\] ", line));
        Assert.Equal(transport == "InMemory", ended.Output.Contains("Application started", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_service_that_has_no_database_is_never_ready()
    {
        HokifyProcess.Require();
        using var systemd = new NotifySocket(_folder.Path);
        var settings = ServeTests.Scope;
        settings["NOTIFY_SOCKET"] = systemd.Address;
        Directory.CreateDirectory(Path.Combine(_folder.Path, "hokify.db"));

        var outcome = await HokifyProcess.RunAsync(_folder.Path, settings, "serve");

        Assert.Equal(1, outcome.ExitCode);
        Assert.Equal(0, systemd.Available);
    }

    [Fact]
    public async Task The_service_works_in_the_folder_that_it_is_told()
    {
        var there = Directory.CreateDirectory(Path.Combine(_folder.Path, "there")).FullName;
        await File.WriteAllTextAsync(Path.Combine(there, "appsettings.json"), """{ "Database": { "ConnectionString": "Data Source=of-the-folder.db" } }""", Cancel);
        await using (var service = await HokifyProcess.StartAsync(_folder.Path, ServeTests.Scope, "serve", "--folder", "there"))
        {
            await service.UntilStartedAsync();
            Assert.Equal(0, await service.TerminateAsync());
        }

        Assert.True(File.Exists(Path.Combine(there, "of-the-folder.db")));
        Assert.Empty(Directory.GetFiles(_folder.Path));
        var nowhere = await HokifyProcess.RunAsync(_folder.Path, ServeTests.Scope, "serve", "--folder", "nowhere");
        Assert.Equal(new HokifyOutcome(1, "", "--folder is 'nowhere'; it must be a folder that is there and that this user may enter."), nowhere);
    }

    [Fact]
    public async Task Systemd_takes_the_unit_and_finds_it_locked_in_and_so_with_the_secrets_of_the_manual()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "There is no systemd.");
        var program = Path.Combine(_folder.Path, "hokify");
        File.CreateSymbolicLink(program, "/bin/true");
        var unit = Path.Combine(_folder.Path, "hokify.service");
        var committed = Checkout.Read(".config/systemd/hokify.service");
        await File.WriteAllTextAsync(unit, committed.Replace("ExecStart=/opt/hokify/hokify ", $"ExecStart={program} ", StringComparison.Ordinal), Cancel);

        Assert.Equal((0, ""), await AnalyzeAsync("verify", unit));
        var (exitCode, found) = await AnalyzeAsync("security", "--offline=true", $"--threshold={MostExposed}", unit);
        Assert.True(exitCode == 0, found);

        var manual = Checkout.Read("src/HokifyMessaging.Service/OPERATIONS.md");
        var secrets = Assert.Single(manual.Split("```ini\n")[1..]).Split("```")[0];
        Assert.Contains("LoadCredential=", secrets, StringComparison.Ordinal);
        await File.AppendAllTextAsync(unit, $"\n{secrets}", Cancel);
        Assert.Equal((0, ""), await AnalyzeAsync("verify", unit));
    }

    private static async Task<(int ExitCode, string Said)> AnalyzeAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("systemd-analyze", [.. arguments, "--no-pager"]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var said = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(Cancel), process.StandardError.ReadToEndAsync(Cancel));
        await process.WaitForExitAsync(Cancel);
        return (process.ExitCode, string.Concat(said));
    }

    [GeneratedRegex(@"http://127\.0\.0\.1:\d+")]
    private static partial Regex Listening();

    /// <summary>systemd's ear.</summary>
    private sealed class NotifySocket : IDisposable
    {
        private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);

        public NotifySocket(string folder)
        {
            Address = Path.Combine(folder, "notify");
            _socket.Bind(new UnixDomainSocketEndPoint(Address));
        }

        public string Address { get; }

        public int Available => _socket.Available;

        public async Task<string> HearAsync()
        {
            var bytes = new byte[4096];
            return Encoding.UTF8.GetString(bytes, 0, await _socket.ReceiveAsync(bytes, Cancel).AsTask().WaitAsync(HokifyProcess.Patience, Cancel));
        }

        public void Dispose() => _socket.Dispose();
    }
}
