using System.Collections.Concurrent;
using System.Text.Json;
using HokifyMessaging.Contracts;
using HokifyMessaging.Receiving;
using HokifyMessaging.Sandbox;
using HokifyMessaging.Storage;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace HokifyMessaging.Tests.Importing;

/// <summary>The whole import with the bus in memory, and whoever asks for imports and is told of them.</summary>
internal sealed class ImportSetup : HostedImport
{
    private ImportSetup(HokifySandbox sandbox)
        : base(sandbox) => Set(
        [
            new("Hokify:Scopes:1:AtsApi:Http:Retries", "2"),
            new("Hokify:Import:BatchSize", "20"),
            new("Hokify:Ledger:FirstInterval", "00:00:00"),
        ]);

    public Completions Completions { get; private set; } = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <param name="applications">How many applications hokify has.</param>
    /// <param name="settings">What differs from the defaults, by configuration key.</param>
    /// <param name="sandbox">Which hokify.</param>
    /// <param name="services">What the test replaces in the host.</param>
    /// <param name="scopeId">A scope with the same source beside the first one, for what is told apart by scopes across tests.</param>
    public static async Task<ImportSetup> StartAsync(
        int applications = 40,
        IEnumerable<KeyValuePair<string, string?>>? settings = null,
        Action<SandboxOptions>? sandbox = null,
        Action<IServiceCollection>? services = null,
        int scopeId = 1)
    {
        var options = new SandboxOptions { Applications = applications };
        sandbox?.Invoke(options);
        var setup = new ImportSetup(await HokifySandbox.StartAsync(options, Cancel));
        setup.Set(settings ?? []);
        setup.CopyScopeTo(scopeId);
        await setup.StartHostAsync(services);
        return setup;
    }

    /// <summary>Two tenants, each with applications of its own.</summary>
    public static async Task<ImportSetup> OfTwoScopesAsync(int applications, int ofSecond)
    {
        var options = new SandboxOptions { Applications = applications };
        options.Mandators.Add(new SandboxMandator("other", "other-token") { Applications = ofSecond });
        var setup = new ImportSetup(await HokifySandbox.StartAsync(options, Cancel));
        setup.CopyScopeTo(2);
        setup.Settings["Hokify:Scopes:2:AtsApi:Mandator"] = "other";
        setup.Settings["Hokify:Scopes:2:AtsApi:Token"] = "other-token";
        await setup.StartHostAsync();
        return setup;
    }

    public Task PublishAsync(HokifyImportRequested request, Action<PublishContext>? configure = null) =>
        Services.GetRequiredService<IBus>().Publish(request, context => configure?.Invoke(context), Cancel);

    /// <summary>Asks for an import as a publisher does and waits for the event as a subscriber does.</summary>
    public async Task<HokifyImportCompleted> ImportAsync(HokifyImportRequested request)
    {
        request = request with { IdempotencyKey = request.IdempotencyKey ?? $"test-{Guid.NewGuid()}" };
        var before = Completions.Of(request.IdempotencyKey!).Count;
        await PublishAsync(request);
        await Until(() => Completions.Of(request.IdempotencyKey!).Count > before
            || Completions.FailuresOf(request.IdempotencyKey!).Count > 0);
        Assert.Equal([], Completions.FailuresOf(request.IdempotencyKey!).Select(failure => failure.Event.Reason));
        var completed = Completions.Of(request.IdempotencyKey!)[^1].Event;
        Accounting.Closes(completed.Result);
        return completed;
    }

    public Task<HokifyImportCompleted> ImportFullAsync() => ImportAsync(new HokifyImportRequested { ImportMode = ImportMode.Full });

    public Task<HokifyImportCompleted> ImportIncrementalAsync() => ImportAsync(new HokifyImportRequested());

    /// <summary>Publishes a request that fails and returns the sentence that its publisher is told.</summary>
    public async Task<string> FailureAsync(HokifyImportRequested request) => (await FailedAsync(request)).Event.Reason;

    /// <summary>As above, with all that is told.</summary>
    public async Task<(Guid? MessageId, HokifyImportFailed Event)> FailedAsync(HokifyImportRequested request)
    {
        var before = Completions.Failures.Count;
        await PublishAsync(request);
        await Until(() => Completions.Failures.Count > before);
        return Completions.Failures.Last();
    }

    public Task ExecuteAsync(string sql) => QueryAsync(db => db.Database.ExecuteSqlRawAsync(sql, Cancel));

    /// <summary>The applicants' rows as text, without what differs from import to import.</summary>
    public Task<string> RowsAsync() => QueryAsync(RowsAsync);

    public static async Task<string> RowsAsync(HokifyDbContext db)
    {
        var candidates = await db.Candidates.AsNoTracking().OrderBy(c => c.ReferenceId).ToListAsync(Cancel);
        var people = candidates.ToDictionary(c => c.Id, c => c.ReferenceId);
        var profiles = await db.CandidateProfiles.AsNoTracking().OrderBy(p => p.ReferenceId).ToListAsync(Cancel);
        return string.Join('\n', candidates.Select(c => JsonSerializer.Serialize(new { c.ScopeId, c.ReferenceId, c.IsDeleted, c.Version, c.VersionReferenceId, c.Columns }))
            .Concat(profiles.Select(p => JsonSerializer.Serialize(new { p.ScopeId, p.ReferenceId, p.IsDeleted, p.Version, p.Columns, Person = people[p.CandidateId] }))));
    }

    private void CopyScopeTo(int scopeId)
    {
        foreach (var (key, value) in Settings.Where(setting => setting.Key.StartsWith("Hokify:Scopes:1:", StringComparison.Ordinal)).ToList())
        {
            Settings[key.Replace(":1:", $":{scopeId}:", StringComparison.Ordinal)] = value;
        }
    }

    protected override void AddBus(IServiceCollection services, IConfiguration configuration)
    {
        Completions = new Completions();
        services.AddSingleton(Completions);
        services.AddHokifyBus(configuration, bus =>
        {
            bus.AddConsumer<Completions.Subscriber>().Endpoint(endpoint => endpoint.Name = "completions");
            bus.AddConsumer<Completions.FailureSubscriber>().Endpoint(endpoint => endpoint.Name = "failures");
        });
    }
}

/// <summary>What subscribers have received.</summary>
internal sealed class Completions
{
    private readonly ConcurrentQueue<(Guid? MessageId, HokifyImportCompleted Event)> _received = new();
    private readonly ConcurrentQueue<(Guid? MessageId, HokifyImportFailed Event)> _failures = new();
    private readonly ConcurrentQueue<(string? Key, string? Trace, string? OfMassTransit)> _traces = new();

    /// <summary>All that has failed, in the order in which it was told.</summary>
    public IReadOnlyCollection<(Guid? MessageId, HokifyImportFailed Event)> Failures => _failures;

    public IReadOnlyCollection<(Guid? MessageId, HokifyImportCompleted Event)> All => _received;

    public IReadOnlyList<(Guid? MessageId, HokifyImportCompleted Event)> Of(string key) =>
        [.. _received.Where(r => r.Event.IdempotencyKey == key)];

    public IReadOnlyList<(Guid? MessageId, HokifyImportFailed Event)> FailuresOf(string key) =>
        [.. _failures.Where(f => f.Event.IdempotencyKey == key)];

    /// <summary>What the events of a key say of the trace that they are in, as W3C and as MassTransit has it.</summary>
    public IReadOnlyList<(string? Trace, string? OfMassTransit)> TracesOf(string key) => [.. _traces.Where(t => t.Key == key).Select(t => (t.Trace, t.OfMassTransit))];

    private void NoteTrace(string? key, ConsumeContext context) => _traces.Enqueue((key, context.Headers.Get<string>("traceparent"), context.Headers.Get<string>("MT-Activity-Id")));

    internal sealed class Subscriber(Completions completions) : IConsumer<HokifyImportCompleted>
    {
        public Task Consume(ConsumeContext<HokifyImportCompleted> context)
        {
            completions.NoteTrace(context.Message.IdempotencyKey, context);
            completions._received.Enqueue((context.MessageId, context.Message));
            return Task.CompletedTask;
        }
    }

    internal sealed class FailureSubscriber(Completions completions) : IConsumer<HokifyImportFailed>
    {
        public Task Consume(ConsumeContext<HokifyImportFailed> context)
        {
            completions.NoteTrace(context.Message.IdempotencyKey, context);
            completions._failures.Enqueue((context.MessageId, context.Message));
            return Task.CompletedTask;
        }
    }
}
