using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace HokifyMessaging.IntegrationTests.Broker;

/// <summary>
/// A private RabbitMQ node of the <see cref="RabbitMqInstallation"/> that is asked for: own ports, own port mapper, own data
/// folder, loopback only. Any number can run side by side. Disposing stops the processes that it started, by their ids, and
/// removes the data; the same happens when the test process dies.
/// </summary>
public sealed class RabbitMqNode : IAsyncDisposable
{
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(30);

    private readonly Process _keeper;
    private readonly Dictionary<string, string> _environment;

    private RabbitMqNode(Process keeper, int[] processIds, Dictionary<string, string> environment, string folder, RabbitMqBroker broker)
    {
        _keeper = keeper;
        _environment = environment;
        Folder = folder;
        ProcessId = processIds[0];
        PortMapperProcessId = processIds[1];
        Broker = broker;
    }

    public RabbitMqBroker Broker { get; }

    /// <summary>Settings, data and logs; gone after the node.</summary>
    public string Folder { get; }

    public int ProcessId { get; private set; }

    public int PortMapperProcessId { get; }

    /// <summary>Starts a node; the calling test is skipped when that is not possible here, and fails where <c>CI</c> is <c>true</c>.</summary>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <param name="configuration">Further lines of <c>rabbitmq.conf</c>, such as <c>consumer_timeout = 5000</c>.</param>
    public static async Task<RabbitMqNode> RequireAsync(CancellationToken cancellationToken, params string[] configuration)
    {
        RabbitMqInstallation.Chosen.Require();
        return await StartAsync(configuration, cancellationToken);
    }

    /// <summary>Stops the broker as <c>rabbitmqctl stop_app</c> does: connections are closed, durable queues and the process stay.</summary>
    public Task StopAppAsync(CancellationToken cancellationToken) => ControlAsync("stop_app", cancellationToken);

    /// <summary>Starts the broker again after <see cref="StopAppAsync"/>; returns when it answers.</summary>
    public async Task StartAppAsync(CancellationToken cancellationToken)
    {
        await ControlAsync("start_app", cancellationToken);
        await AnswersAsync(cancellationToken);
    }

    /// <summary>Returns when what was declared so far outlives <see cref="KillAndStartAsync"/>: the names, and the members of quorum queues.</summary>
    public Task FlushDeclarationsAsync(CancellationToken cancellationToken) =>
        ControlAsync("eval", cancellationToken, "catch mnesia:sync_log(), [dets:sync(Table) || Table <- dets:all()], ok.");

    /// <summary>Ends the process as a power cut does and starts it again over the data that it left; returns when it answers.</summary>
    public async Task KillAndStartAsync(CancellationToken cancellationToken)
    {
        // The script that keeps the node looks for this file when the node is gone.
        await File.WriteAllTextAsync(Path.Combine(Folder, "start-again"), "", cancellationToken);
        await RunAsync("/bin/kill", ["-KILL", $"{ProcessId}"], cancellationToken);
        var processIds = await _keeper.StandardOutput.ReadLineAsync(cancellationToken)
            ?? throw new InvalidOperationException("RabbitMQ was not started again.");
        ProcessId = int.Parse(processIds.Split(' ')[0], CultureInfo.InvariantCulture);
        await AnswersAsync(cancellationToken);
    }

    /// <summary>Stops the process where it stands, until <see cref="ContinueAsync"/>: connections stay, and nobody answers on them.</summary>
    public Task PauseAsync(CancellationToken cancellationToken) => RunAsync("/bin/kill", ["-STOP", $"{ProcessId}"], cancellationToken);

    /// <summary>Lets the process go on after <see cref="PauseAsync"/>.</summary>
    public Task ContinueAsync(CancellationToken cancellationToken) => RunAsync("/bin/kill", ["-CONT", $"{ProcessId}"], cancellationToken);

    /// <summary>Everything that the broker has logged so far.</summary>
    public async Task<string> LogAsync(CancellationToken cancellationToken)
    {
        var logs = Directory.GetFiles(Path.Combine(Folder, "log"), "*.log");
        return string.Concat(await Task.WhenAll(logs.Select(log => File.ReadAllTextAsync(log, cancellationToken))));
    }

    public async ValueTask DisposeAsync()
    {
        _keeper.StandardInput.Close();
        using (var limit = new CancellationTokenSource(StopLimit))
        {
            try
            {
                await _keeper.WaitForExitAsync(limit.Token);
            }
            catch (OperationCanceledException) when (limit.IsCancellationRequested)
            {
                _keeper.Kill(entireProcessTree: true);
                await _keeper.WaitForExitAsync(CancellationToken.None);
                Directory.Delete(Folder, recursive: true);
            }
        }

        _keeper.Dispose();
        Broker.Dispose();
    }

    private static async Task<RabbitMqNode> StartAsync(string[] configuration, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("hokify-rabbitmq-").FullName;
        var ports = FreePorts(4);
        var (amqp, management) = (ports[0], ports[1]);
        await File.WriteAllLinesAsync(
            Path.Combine(folder, "rabbitmq.conf"),
            [
                string.Create(CultureInfo.InvariantCulture, $"listeners.tcp.1 = 127.0.0.1:{amqp}"),
                "management.tcp.ip = 127.0.0.1",
                string.Create(CultureInfo.InvariantCulture, $"management.tcp.port = {management}"),
                // A test that counts in the management API should not wait five seconds for the figures.
                "collect_statistics_interval = 500",
                .. configuration,
            ],
            cancellationToken);
        await File.WriteAllTextAsync(
            Path.Combine(folder, "enabled_plugins"), "[rabbitmq_management,rabbitmq_shovel,rabbitmq_shovel_management].\n", cancellationToken);

        var cookie = Path.Combine(folder, ".erlang.cookie");
        await File.WriteAllTextAsync(cookie, Guid.NewGuid().ToString("N"), cancellationToken);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(cookie, UnixFileMode.UserRead);
        }

        var environment = new Dictionary<string, string>
        {
            ["HOME"] = folder,
            ["NODE_FOLDER"] = folder,
            ["NODE_ROOT"] = RabbitMqInstallation.Chosen.Root,
            ["ERL_CRASH_DUMP_SECONDS"] = "0",
            ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
            ["ERL_EPMD_PORT"] = ports[2].ToString(CultureInfo.InvariantCulture),
            ["RABBITMQ_DIST_PORT"] = ports[3].ToString(CultureInfo.InvariantCulture),
            ["RABBITMQ_NODENAME"] = $"hokify-{Guid.NewGuid():N}@localhost",
            // Overdue acknowledgements are looked for each second, instead of each minute: by channels and, from 4.3 on, by quorum queues.
            ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = "-kernel inet_dist_use_interface {127,0,0,1} -rabbit channel_tick_interval 1000 quorum_tick_interval 1000",
            // Nothing of the machine's own broker: neither its settings nor its data.
            ["RABBITMQ_CONF_ENV_FILE"] = "/dev/null",
            ["RABBITMQ_CONFIG_FILE"] = Path.Combine(folder, "rabbitmq.conf"),
            ["RABBITMQ_CONFIG_FILES"] = Path.Combine(folder, "conf.d"),
            ["RABBITMQ_ENABLED_PLUGINS_FILE"] = Path.Combine(folder, "enabled_plugins"),
            ["RABBITMQ_MNESIA_BASE"] = Path.Combine(folder, "data"),
            ["RABBITMQ_LOG_BASE"] = Path.Combine(folder, "log"),
            ["RABBITMQ_PID_FILE"] = Path.Combine(folder, "pid"),
        };

        var keeper = Start("/bin/sh", [Script("rabbitmq-node.sh"), RabbitMqInstallation.Server], environment);
        var processIds = await keeper.StandardOutput.ReadLineAsync(cancellationToken)
            ?? throw new InvalidOperationException($"RabbitMQ was not started: {await keeper.StandardError.ReadToEndAsync(cancellationToken)}");
        var broker = new RabbitMqBroker(
            new Uri(string.Create(CultureInfo.InvariantCulture, $"amqp://guest:guest@127.0.0.1:{amqp}")),
            new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{management}")));
        var node = new RabbitMqNode(
            keeper, [.. processIds.Split(' ').Select(id => int.Parse(id, CultureInfo.InvariantCulture))], environment, folder, broker);
        try
        {
            await node.AnswersAsync(cancellationToken);
            return node;
        }
        catch
        {
            await node.DisposeAsync();
            throw;
        }
    }

    private Task AnswersAsync(CancellationToken cancellationToken) =>
        Broker.AnswersAsync(async () => _keeper.HasExited ? await _keeper.StandardOutput.ReadToEndAsync(CancellationToken.None) : null, cancellationToken);

    private Task ControlAsync(string command, CancellationToken cancellationToken, params string[] arguments) =>
        RunAsync("/bin/sh", [Script("in-root.sh"), _environment["NODE_ROOT"], RabbitMqInstallation.Control, "--node", _environment["RABBITMQ_NODENAME"], command, .. arguments], cancellationToken);

    private static string Script(string name) => Path.Combine(AppContext.BaseDirectory, "Broker", name);

    private async Task RunAsync(string command, string[] arguments, CancellationToken cancellationToken)
    {
        using var control = Start(command, arguments, _environment);
        control.StandardInput.Close();
        var errors = control.StandardError.ReadToEndAsync(cancellationToken);
        var output = control.StandardOutput.ReadToEndAsync(cancellationToken);
        await control.WaitForExitAsync(cancellationToken);
        if (control.ExitCode != 0)
        {
            throw new InvalidOperationException($"{command} {string.Join(' ', arguments)} failed:\n{await output}\n{await errors}");
        }
    }

    private static Process Start(string command, string[] arguments, Dictionary<string, string> environment)
    {
        var start = new ProcessStartInfo(command, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start) ?? throw new InvalidOperationException($"{command} could not be started.");
    }

    /// <summary>Ports below the range from which the kernel serves outgoing connections: none can take one before the node does.</summary>
    internal static int[] FreePorts(int count)
    {
        var listeners = new List<TcpListener>();
        while (listeners.Count < count)
        {
            var listener = new TcpListener(IPAddress.Loopback, Random.Shared.Next(20_000, 32_000));
            try
            {
                listener.Start();
                listeners.Add(listener);
            }
            catch (SocketException taken) when (taken.SocketErrorCode == SocketError.AddressAlreadyInUse)
            {
                listener.Dispose();
            }
        }

        var ports = listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port).ToArray();
        listeners.ForEach(listener => listener.Dispose());
        return ports;
    }
}
