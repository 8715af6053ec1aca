using System.Globalization;
using HokifyMessaging.Applications;
using HokifyMessaging.Contracts;
using HokifyMessaging.Runs;
using HokifyMessaging.Storage;
using HokifyMessaging.Writing;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Tests.Writing;

/// <summary>
/// What writing promises, whichever database it writes to and however it does it: a subclass names the database, and a
/// faster writer inherits the rest.
/// </summary>
public abstract partial class WriterSpecification : IAsyncLifetime
{
    private TestDatabase? _database;
    private ImportWorker? _worker;

    private protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private protected TestDatabase Database => _database!;

    private protected ImportWorker Worker => _worker!;

    private protected Faults Faults { get; } = new();

    private protected abstract Task<TestDatabase> CreateDatabaseAsync();

    /// <summary>What differs from the defaults for this kind of writer, by configuration key.</summary>
    private protected virtual Dictionary<string, string?> Settings => [];

    /// <summary>The way of writing; null for the one that the provider has by default.</summary>
    private protected virtual BatchRowsOf? Rows => null;

    public async ValueTask InitializeAsync()
    {
        _database = await CreateDatabaseAsync();
        _worker = NewWorker(Faults);
    }

    public async ValueTask DisposeAsync()
    {
        if (_worker is not null)
        {
            await _worker.DisposeAsync();
        }

        if (_database is not null)
        {
            await _database.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    /// <summary>A second process beside the first, with the same clock.</summary>
    private protected ImportWorker NewWorker(Faults? faults = null, int? scopeId = null, params (string Key, string Value)[] settings)
    {
        var all = Settings;
        foreach (var (key, value) in settings)
        {
            all[key] = value;
        }

        return new ImportWorker(Database.Options, scopeId ?? Database.ScopeId, _worker?.Clock, all, Rows, faults is null ? [] : [faults]);
    }

    /// <summary>Opens a run that has nothing to retry.</summary>
    private protected static async Task<RunInProgress> OpenAsync(ImportWorker worker, ImportMode mode = ImportMode.Full, bool dryRun = false)
    {
        var run = await worker.OpenAsync(mode: mode, dryRun: dryRun);
        await worker.Writer.WriteAsync(run, ImportStep.To(RunPhase.Reading), Cancel);
        return run;
    }

    private protected Task<RunInProgress> OpenAsync(ImportMode mode = ImportMode.Full, bool dryRun = false) => OpenAsync(Worker, mode, dryRun);

    private protected Task WriteAsync(RunInProgress run, params IEnumerable<MappedApplication> applications) =>
        Worker.Writer.WriteAsync(run, Record.Batch([.. applications.Select(Record.Ready)]), Cancel);

    /// <summary>One run that reads these applications in one batch.</summary>
    private protected async Task<ImportTally> ImportAsync(params IEnumerable<MappedApplication> applications)
    {
        var run = await OpenAsync();
        await WriteAsync(run, applications);
        await Worker.ConcludeAsync(run);
        return run.Tally;
    }

    /// <summary>What was counted of people and of applications, without the figures that are 0.</summary>
    private protected static string Counts(ImportTally tally) => string.Join(
        ", ",
        from counts in new[] { ("created", tally.Created), ("updated", tally.Updated), ("deleted", tally.Deleted), ("unchanged", tally.Unchanged), ("failed", tally.Failed) }
        from count in counts.Item2
        where count.Value != 0
        orderby count.Key
        select string.Create(CultureInfo.InvariantCulture, $"{count.Key} {counts.Item1} {count.Value}"));

    private protected Task<CandidateProfile> ProfileAsync(string id) => Worker.QueryAsync(db =>
        db.CandidateProfiles.AsNoTracking().Include(p => p.Candidate).SingleAsync(p => p.ScopeId == Worker.ScopeId && p.ReferenceId == id, Cancel));

    private protected Task<List<ActivityLog>> LogsAsync() => Worker.QueryAsync(db =>
        db.ActivityLogs.AsNoTracking().Where(l => l.ScopeId == Worker.ScopeId).OrderBy(l => l.Date).ThenBy(l => l.ElementName).ThenBy(l => l.ReferenceId).ToListAsync(Cancel));

    /// <summary>The scope's rows as text: <c>a1 'Köchin' of p1</c>.</summary>
    private protected Task<string> RowsAsync(int? scopeId = null) => Worker.QueryAsync(async db =>
    {
        var profiles = await db.CandidateProfiles.AsNoTracking().Include(p => p.Candidate)
            .Where(p => p.ScopeId == (scopeId ?? Worker.ScopeId)).OrderBy(p => p.ReferenceId).ToListAsync(Cancel);
        return string.Join(
            '\n',
            profiles.Select(p => string.Create(
                CultureInfo.InvariantCulture,
                $"{p.ReferenceId} '{p.Columns.Name}' {p.Version:O} of {p.Candidate!.ReferenceId} '{p.Candidate.Columns.DisplayName}'{(p.IsDeleted ? " deleted" : "")}")));
    });

    private protected Task<ImportRun> RunRowAsync(Guid id) => Worker.QueryAsync(db => db.ImportRuns.AsNoTracking().SingleAsync(r => r.Id == id, Cancel));
}
