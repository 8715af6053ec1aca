using HokifyMessaging.Contracts;
using HokifyMessaging.IntegrationTests.Broker;
using HokifyMessaging.IntegrationTests.Processes;
using HokifyMessaging.IntegrationTests.Service;
using HokifyMessaging.Runs;
using HokifyMessaging.Sandbox;
using HokifyMessaging.Service.Http.Keys;
using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.IntegrationTests.WebConsole;

/// <summary>
/// A service at a broker that has been in use for a while: runs that ended in all ways and one that goes on for as long as anybody looks, a plan, a hole, records that wait. Started when the
/// first test asks; tests that share it leave to others what they find, and take what is theirs: scope 2 is at work all the time, scope 1 is free.
/// </summary>
public sealed class FilledConsole(SharedBroker shared) : IAsyncDisposable
{
    public const string Done = "nightly/2026-11-26T02:30";
    public const string Failed = "nightly/2026-11-27T02:30";
    public const string Moving = "by-hand";
    public const string Plan = "look-first";

    private const int More = 60;

    /// <summary>At a page of two every 25 seconds.</summary>
    private const int Endless = 2_000;

    private readonly string _everything = ApiKey.Create();
    private readonly string _nothing = ApiKey.Create();
    private BrokerVirtualHost? _broker;
    private Installation? _site;
    private Uri? _address;

    internal Installation Site => _site!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Somebody who may do everything, or who sees nothing.</summary>
    internal async Task<ConsoleVisit> VisitAsync(ConsoleBrowser browser, ConsoleLook? look = null, bool seesNothing = false)
    {
        if (_address is null)
        {
            await StartAsync();
        }

        return await ConsoleVisit.WithKeyAsync(browser, _address!, seesNothing ? _nothing : _everything, look);
    }

    internal async Task<string> RunAsync(string key) => $"/console/runs/{(await Site.Database.RunAsync(key)).Id}";

    public async ValueTask DisposeAsync()
    {
        if (_site is not null)
        {
            await _site.DisposeAsync();
        }

        if (_broker is not null)
        {
            await _broker.DisposeAsync();
        }
    }

    private async Task StartAsync()
    {
        _broker = await shared.CreateVirtualHostAsync(Cancel);
        _site = await Installation.StartAsync(applications: 60, sandbox => sandbox.Mandators.Add(new SandboxMandator("slow", "slow-token") { Applications = Endless }));
        _site.AddScope(2, "slow", "slow-token");
        _site.Settings["Hokify:Scopes:2:AtsApi:PageSize"] = "2";
        _site.Use(_broker);
        foreach (var (name, value) in AtBroker.Asking(_broker).Concat(
        [
            new("Hokify:Scopes:1:Name", "Gasthaus zur Sandkiste"),
            new("Hokify:Scopes:2:Name", "Hotel zum Langsamen Wirt"),
            new("Hokify:Scopes:1:Schedules:nightly:Cron", "30 2 * * *"),
            new("Hokify:Import:FailedRunDelay", "01:00:00"),
            .. Key("everything", _everything, "all", "read,import,operate,personal"),
            .. Key("nothing", _nothing, "77", "read"),
        ]))
        {
            _site.Settings[name] = value;
        }

        var service = await _site.ServeAsync();
        await service.UntilStartedAsync();
        await FillAsync(_site, service);
        _address = await service.AddressAsync();
    }

    private static async Task FillAsync(Installation site, HokifyProcess service)
    {
        await site.Database.QueueFullAsync(Done);
        await service.UntilAsync(() => site.Database.IsAnnouncedAsync(Done), "the first run is announced");
        site.Sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.InternalServerError) { Times = null, Mandator = "demo" });
        await site.Database.QueueFullAsync(Failed);
        await service.UntilAsync(async () => (await site.Database.RunAsync(Failed)).State == RunState.Failed, "the second run fails");
        site.Sandbox.Faults.Clear();
        site.Sandbox.Advance(@new: 25, changed: 5);
        await site.Database.QueueAsync(new ImportRequest(Plan, 1, ImportMode.Full, null, true, null));
        await service.UntilAsync(() => site.Database.IsAnnouncedAsync(Plan), "the dry run is announced");
        await WaitingRecords.LayOutAsync(site, 30, _ => WaitingRecords.NoDate);
        await AddOlderAsync(site);

        // It has read three small pages, and takes hours for all the others.
        site.Sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.Slow) { After = 3, Times = null, Delay = TimeSpan.FromSeconds(25), Mandator = "slow" });
        await site.Database.QueueAsync(new ImportRequest(Moving, 2, ImportMode.Full, null, false, null));
        await service.UntilAsync(() => site.Database.IsAsync(Moving, run => HokifyDatabase.Fetched(run) > 0), "the third run is at work");
    }

    /// <summary>More of everything than a page has room for, and a hole in what was read.</summary>
    private static Task<int> AddOlderAsync(Installation site) => site.Database.QueryAsync(async db =>
    {
        var scope = await db.Scopes.SingleAsync(one => one.ScopeId == 1, Cancel);
        (scope.SkippedFrom, scope.SkippedTo) = (scope.Watermark!.Value.AddDays(-10), scope.Watermark.Value.AddDays(-1));
        var done = await db.ImportRuns.AsNoTracking().SingleAsync(run => run.IdempotencyKey == Done, Cancel);
        await db.ImportRuns.Where(run => run.Id == done.Id).ExecuteUpdateAsync(set => set.SetProperty(run => run.WindowFrom, scope.SkippedTo), Cancel);
        foreach (var number in Enumerable.Range(1, More).Reverse())
        {
            db.Audit.Add(new AuditEntry { At = done.CreatedAt.AddHours(-number), Who = "night shift", Machine = "10.0.0.7", Action = AuditAction.RequestImport, ScopeId = 1, Detail = FormattableString.Invariant($"Run nightly/{number}.") });
        }

        foreach (var number in Enumerable.Range(1, 25))
        {
            var older = await db.ImportRuns.AsNoTracking().SingleAsync(run => run.Id == done.Id, Cancel);
            older.Id = Guid.NewGuid();
            older.IdempotencyKey = FormattableString.Invariant($"older/{number:00}");
            (older.CreatedAt, older.StartedAt, older.CompletedAt) = (older.CreatedAt.AddDays(-number), older.StartedAt?.AddDays(-number), older.CompletedAt?.AddDays(-number));
            db.ImportRuns.Add(older);
        }

        return await db.SaveChangesAsync(Cancel);
    });

    private static IEnumerable<KeyValuePair<string, string>> Key(string name, string key, string scopes, string rights) =>
    [
        new($"Http:Keys:{name}:Hash", KeyHash.Of(key).ToString()),
        new($"Http:Keys:{name}:Scopes", scopes),
        new($"Http:Keys:{name}:Rights", rights),
    ];
}
