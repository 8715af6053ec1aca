using HokifyMessaging.Sandbox.Data;
using HokifyMessaging.Sandbox.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace HokifyMessaging.Sandbox;

/// <summary>
/// A hokify that runs on this machine: today's ATS API, that of 2019 and the "extern" API of 2018 over the same generated
/// applications, and everything that can go wrong with them, on demand. It listens on a loopback address only.
/// </summary>
/// <example>
/// <code>
/// await using var sandbox = await HokifySandbox.StartAsync(new SandboxOptions { Applications = 500 }, cancellationToken);
/// sandbox.Faults.Add(SandboxFaultKind.TooManyRequests, after: 2);
/// sandbox.Advance(@new: 5, changed: 3, withdrawn: 2, erased: 1);
/// </code>
/// </example>
public sealed class HokifySandbox : IAsyncDisposable
{
    private readonly Dictionary<string, DataSet> _data;
    private readonly RequestLog _log;
    private readonly WebApplication _application;
    private readonly string _firstMandator;

    private HokifySandbox(SandboxOptions options)
    {
        options.Validate();
        _firstMandator = options.Mandators[0].Mandator;
        _data = options.Mandators.ToDictionary(
            m => m.Mandator,
            m => new DataSet(m.Mandator, m.Mark, options.Seed, m.Applications ?? options.Applications, options.Jobs, options.History, options.Clock));
        _log = new RequestLog(options.Clock);
        _application = Build(options);
    }

    /// <summary>The address that it listens on, with its port and a slash at the end: <c>http://127.0.0.1:49152/</c>.</summary>
    public Uri BaseAddress { get; private set; } = null!;

    /// <summary>The base address of today's ATS API.</summary>
    public Uri AtsApi => new(BaseAddress, "ats-api");

    /// <summary>The base address of the ATS API of 2019.</summary>
    public Uri AtsApiV1 => new(BaseAddress, "ats-api/v1");

    /// <summary>The base address of the "extern" API of 2018.</summary>
    public Uri ExternApi => new(BaseAddress, "api");

    /// <summary>What goes wrong. Nothing, at the start.</summary>
    public SandboxFaults Faults { get; } = new();

    /// <summary>The latest 10,000 requests to hokify's APIs, oldest first; without those to <c>/sandbox</c>.</summary>
    public IReadOnlyList<SandboxRequest> Requests => _log.Requests;

    /// <summary>Starts a sandbox; dispose it to stop it.</summary>
    /// <param name="options">What it contains and how it behaves.</param>
    /// <param name="cancellationToken">Gives up starting.</param>
    /// <exception cref="ArgumentException">An option is out of range, or the address is not a loopback address.</exception>
    /// <exception cref="IOException">The port is taken.</exception>
    public static async Task<HokifySandbox> StartAsync(SandboxOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        var sandbox = new HokifySandbox(options);
        try
        {
            await sandbox._application.StartAsync(cancellationToken);
            sandbox.BaseAddress = new Uri(sandbox._application.Urls.Single() + "/");
            return sandbox;
        }
        catch
        {
            await sandbox.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs a sandbox until it is cancelled.</summary>
    /// <param name="options">What it contains and how it behaves.</param>
    /// <param name="cancellationToken">Stops it; the method then returns without an error.</param>
    public static Task RunAsync(SandboxOptions options, CancellationToken cancellationToken) => RunAsync(options, _ => { }, cancellationToken);

    /// <summary>Runs a sandbox until it is cancelled.</summary>
    /// <param name="options">What it contains and how it behaves.</param>
    /// <param name="started">Is called once it listens: the place to print its address.</param>
    /// <param name="cancellationToken">Stops it; the method then returns without an error.</param>
    public static async Task RunAsync(SandboxOptions options, Action<HokifySandbox> started, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(started);
        await using var sandbox = await StartAsync(options, cancellationToken);
        var told = new TaskCompletionSource();
        await using var hearing = cancellationToken.Register(told.SetResult);
        started(sandbox);
        await told.Task;
    }

    /// <summary>Lets time pass: applications come in, change, are withdrawn, and persons are erased. What was touched has the clock's time as <c>lastupdate</c>.</summary>
    /// <param name="new">How many applications come in. Default: 0.</param>
    /// <param name="changed">How many change: another contact stage, another answer, and half of them another phone number. Default: 0.</param>
    /// <param name="withdrawn">How many disappear from every list. Default: 0.</param>
    /// <param name="erased">How many persons are erased, with all of their applications. Default: 0.</param>
    /// <param name="mandator">Whose applications. Default: the first mandator of the options.</param>
    /// <returns>The ids of what was touched.</returns>
    /// <exception cref="ArgumentException">A number is negative or larger than what is left, or there is no such mandator.</exception>
    public SandboxAdvance Advance(int @new = 0, int changed = 0, int withdrawn = 0, int erased = 0, string? mandator = null) =>
        Of(mandator).Advance(@new, changed, withdrawn, erased);

    /// <summary>How a mandator's applications stand.</summary>
    /// <param name="mandator">Default: the first mandator of the options.</param>
    public SandboxState State(string? mandator = null)
    {
        var data = Of(mandator);
        var now = data.Now;
        return new SandboxState(data.Mandator, data.Initial, now.Visible, now.Erased.Count);
    }

    /// <summary>The ids of all listed applications, in the order of applying; made while they are enumerated.</summary>
    /// <param name="mandator">Default: the first mandator of the options.</param>
    public IEnumerable<string> ApplicationIds(string? mandator = null)
    {
        var data = Of(mandator);
        return data.Now.Select(null, null, SandboxFilter.Creation, SandboxOrder.CreationAscending).All.Select(data.IdOf);
    }

    /// <summary>Stops listening.</summary>
    public ValueTask DisposeAsync() => _application.DisposeAsync();

    private DataSet Of(string? mandator) =>
        _data.GetValueOrDefault(mandator ?? _firstMandator) ?? throw new ArgumentException("There is no such mandator in this sandbox.", nameof(mandator));

    private WebApplication Build(SandboxOptions options)
    {
        // The empty builder reads no settings, no environment and no command line: nothing can move the sandbox off its address.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Listen(options.Address, options.Port);
        });
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton<IHostLifetime, HostedByOthers>();
        // A web page that resolves its own name to 127.0.0.1 gets nothing.
        builder.Services.AddHostFiltering(filter => filter.AllowedHosts = ["localhost", "127.0.0.1", "[::1]"]);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(1));
        options.Logging?.Invoke(builder.Logging);

        var application = builder.Build();
        application.UseHostFiltering();
        application.Use(next => context => _log.NoteAsync(context, next));
        application.Use(next => context =>
        {
            // hokify's clock is the one that its answers show.
            context.Response.Headers.Date = options.Clock.GetUtcNow().ToString("R", CultureInfo.InvariantCulture);
            return next(context);
        });
        application.UseRouting();

        var door = new FrontDoor(options, new AccessTokens(options), Faults, _data);
        new AtsApi(options, door, Faults).Map(application);
        new ExternApi(options, door, Faults).Map(application);
        new ControlApi(this, options).Map(application);
        return application;
    }

    /// <summary>Leaves Ctrl+C and signals to the process that the sandbox runs in.</summary>
    private sealed class HostedByOthers : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
