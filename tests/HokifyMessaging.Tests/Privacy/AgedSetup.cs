using HokifyMessaging.Privacy;
using HokifyMessaging.Runs;
using HokifyMessaging.Storage;
using HokifyMessaging.Tests.Backups;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Record = HokifyMessaging.Tests.Writing.Record;

namespace HokifyMessaging.Tests.Privacy;

/// <summary>A SQLite database in which everything has an age of 30 days that can have one.</summary>
public abstract class AgedSetup : IAsyncLifetime
{
    private BackupSite? _site;

    private protected static TimeSpan Age { get; } = TimeSpan.FromDays(30);

    private protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private protected BackupSite Site => _site!;

    private protected static KeyValuePair<string, string?>[] Ages(params string[] kinds) =>
        [.. kinds.Select(kind => KeyValuePair.Create($"Hokify:Retention:{kind}", (string?)"30.00:00:00"))];

    public virtual async ValueTask InitializeAsync()
    {
        _site = await BackupSite.CreateAsync();
        await Site.ConfigureAsync(Ages("Payloads", "LedgerEntries", "RunDetails", "Audit", "ErasureRequests"));
    }

    public async ValueTask DisposeAsync()
    {
        await Site.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>One turn of the job, in the scope or in what belongs to none.</summary>
    /// <returns>What was found: <c>payloads 2 of which 2 forgotten, 1 soon, 0 held</c>.</returns>
    private protected async Task<string> RunAsync(bool isDry = false, int scopeId = 1)
    {
        var report = await Site.Worker.Services.GetRequiredService<RetentionJob>().RunAsync(scopeId, isDry, day: null, Cancel);
        return string.Join("; ", report.Counts.Where(count => count != new RetentionCount(count.What, 0)).Select(count => FormattableString.Invariant($"{count.What}: {count.Due} due, {count.Forgotten} forgotten, {count.Soon} soon, {count.Held} held")));
    }

    /// <summary>Some records that are refused, in one run that is completed.</summary>
    private protected async Task<RunInProgress> RejectAsync(params string[] ids)
    {
        var run = await Site.Worker.OpenAsync();
        await Site.Worker.Writer.WriteAsync(run, Record.Batch([.. ids.Select(id => Record.Rejected(id, $$"""{"name":"{{id}}"}""", "p1"))]), Cancel);
        await Site.Worker.ConcludeAsync(run);
        return run;
    }

    private protected Task<int> ParkAsync(string id) => Site.Worker.QueryAsync(db => db.ActivityLogs.Where(l => l.ReferenceId == id)
        .ExecuteUpdateAsync(set => set.SetProperty(l => l.Status, ActivityStatus.Parked).SetProperty(l => l.DueAt, (DateTimeOffset?)null), Cancel));

    private protected Task<ActivityLog> EntryAsync(string id) => Site.Worker.QueryAsync(db => db.ActivityLogs.AsNoTracking().OrderByDescending(l => l.Id).FirstAsync(l => l.ReferenceId == id && l.LastRunId != null, Cancel));

    private protected Task<CandidateProfile> ProfileAsync(string id) => Site.Worker.QueryAsync(db => db.CandidateProfiles.AsNoTracking().SingleAsync(p => p.ReferenceId == id, Cancel));

    private protected Task<ImportRun> RunRowAsync(Guid id) => Site.Worker.QueryAsync(db => db.ImportRuns.AsNoTracking().SingleAsync(r => r.Id == id, Cancel));

    private protected async Task HoldAsync(string application)
    {
        var profile = await ProfileAsync(application);
        await Site.Worker.QueryAsync(db =>
        {
            db.LegalHolds.Add(new LegalHold { Id = Guid.NewGuid(), ScopeId = 1, Who = "karin", Machine = "office", Reason = "file 17", CreatedAt = Site.Worker.Clock.GetUtcNow(), Candidates = "[]", Profiles = FormattableString.Invariant($"[{profile.Id}]") });
            return db.SaveChangesAsync(Cancel);
        });
    }

    private protected Task ReleaseAsync() =>
        Site.Worker.QueryAsync(db => db.LegalHolds.ExecuteUpdateAsync(set => set.SetProperty(h => h.ReleasedAt, (DateTimeOffset?)Record.Epoch), Cancel));
}
