using HokifyMessaging.Planning;
using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Runs.Queries;

/// <content>What was done about a record, from its activity logs and the last changes of its row.</content>
internal sealed partial class RecordTrails
{
    /// <summary>All that could not be stored at first, of the application or of the people.</summary>
    private static async Task<List<Entry>> EntriesAsync(HokifyDbContext db, int scopeId, Trail trail, List<StoredRow> people, CancellationToken cancellationToken)
    {
        var entries = db.ActivityLogs.Where(l => l.ScopeId == scopeId && l.LastRunId != null);
        var found = trail.IsAddress ? [] : await NewestAsync(entries.Where(l => l.ReferenceId == trail.Asked));
        foreach (var person in people.Select(person => person.ReferenceId).Concat(trail.IsAddress ? [] : [trail.Asked]).Distinct().Take(Listed))
        {
            found.AddRange(trail.Cut(await NewestAsync(entries.Where(l => l.PersonReferenceId == person))));
        }

        if (!trail.IsAddress)
        {
            found.AddRange((await ContradictingAsync(db, scopeId, trail.Asked, cancellationToken)).Select(entry => entry with { Application = trail.Asked }));
        }

        return [.. found.OrderByDescending(entry => entry.Application == trail.Asked).DistinctBy(entry => entry.Id).OrderByDescending(entry => entry.Id)];

        Task<List<Entry>> NewestAsync(IQueryable<ActivityLog> some) => Entries(some.OrderByDescending(l => l.Id).Take(Listed + 1)).ToListAsync(cancellationToken);
    }

    /// <summary>
    /// Records that contradict another of the same application go by what was delivered, and only their sentence says which application it is. Two comparisons and no
    /// prefix: only these take SQLite through its index of what waits.
    /// </summary>
    private static async Task<List<Entry>> ContradictingAsync(HokifyDbContext db, int scopeId, string application, CancellationToken cancellationToken)
    {
        const string First = "payload:";
        const string Behind = "payload;";
        var named = $"application {application}:";
#pragma warning disable CA1309 // The database compares, by the column's collation.
        var parked = db.ActivityLogs.Where(l => l.ScopeId == scopeId && (l.Status == ActivityStatus.Open || l.Status == ActivityStatus.Parked)
            && string.Compare(l.ReferenceId, First) > 0 && string.Compare(l.ReferenceId, Behind) < 0 && l.ResultData!.Contains(named));
#pragma warning restore CA1309
        var found = await Entries(parked.OrderByDescending(l => l.Id).Take(Listed + 1)).ToListAsync(cancellationToken);
        return [.. found.Where(entry => entry.Reason?.Contains(named, StringComparison.Ordinal) == true)];
    }

    private static IQueryable<Entry> Entries(IQueryable<ActivityLog> some) => some.Select(l => new Entry(
        l.Id, l.ReferenceId, l.ElementName, l.Status, l.Name, l.Why, l.RunId, l.LastRunId!.Value, l.Date, l.DateExecuted, l.ResultData, l.Field, l.RetryCount, l.DueAt));

    private static async Task<List<Change>> ChangesAsync(
        HokifyDbContext db, int scopeId, bool withValues, List<StoredRow> people, List<StoredRow> applications, CancellationToken cancellationToken)
    {
        var changes = new List<Change>();
        foreach (var (element, row) in people.Select(row => (ElementNames.Candidate, row.Id)).Concat(applications.Select(row => (ElementNames.CandidateProfile, row.Id))).Distinct())
        {
            changes.AddRange(await db.ActivityLogs
                .Where(l => l.ElementId == row && l.ElementName == element && l.ScopeId == scopeId && l.LastRunId == null)
                .OrderByDescending(l => l.Id).Take(Listed + 1)
                .Select(l => new Change(l.ElementName, row, l.RunId, l.Name, l.Why, l.Date)).ToListAsync(cancellationToken));
        }

        var updated = changes.Where(change => change.Name == ActivityName.Updated).ToLookup(change => change.Element, change => change.Row);
        var ofPeople = await Lookups.ListAsync(
            updated[ElementNames.Candidate], some => db.Candidates.Where(c => some.Contains(c.Id)).Select(c => new { c.Id, c.History }), cancellationToken);
        var ofApplications = await Lookups.ListAsync(
            updated[ElementNames.CandidateProfile], some => db.CandidateProfiles.Where(p => some.Contains(p.Id)).Select(p => new { p.Id, p.History }), cancellationToken);
        var histories = ofPeople.Select(row => (Key: (ElementNames.Candidate, row.Id), row.History)).Concat(ofApplications.Select(row => (Key: (ElementNames.CandidateProfile, row.Id), row.History)))
            .ToDictionary(row => row.Key, row => FieldHistory.Of(row.History));
        return [.. changes.Select(change => change.Name != ActivityName.Updated ? change : change with { Fields = FieldsOf(change, histories[(change.Element, change.Row)], withValues) })];
    }

    /// <summary>The last changes of a row are kept, whichever run made them: of an older run none may be left.</summary>
    private static List<ChangedField>? FieldsOf(Change change, IReadOnlyList<FieldChange> history, bool withValues)
    {
        var own = history.Where(field => field.Run == change.RunId && field.Field != nameof(CandidateProfile.IsDeleted)).ToList();
        var mayBeCut = history.Count >= FieldHistory.Length && history[0].Time >= change.At;
        return own.Count == 0 && mayBeCut
            ? null
            : own.ConvertAll(field => new ChangedField(field.Field, withValues ? ValueOf(field.Old) : null, withValues ? ValueOf(field.New) : null, !withValues));
    }

    private static object? ValueOf(object? value) => value is JsonElement json
        ? json.ValueKind switch
        {
            JsonValueKind.Null => null,
            JsonValueKind.String => json.GetString(),
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => json.GetRawText(),
        }
        : value;

    private static async Task<Dictionary<Guid, string>> KeysAsync(HokifyDbContext db, List<Entry> entries, List<Change> changes, CancellationToken cancellationToken)
    {
        var ids = entries.SelectMany(entry => new[] { entry.RunId, entry.LastRunId }).Concat(changes.Select(change => change.RunId));
        var runs = await Lookups.ListAsync(ids, some => db.ImportRuns.Where(r => some.Contains(r.Id)).Select(r => new { r.Id, r.IdempotencyKey }), cancellationToken);
        return runs.ToDictionary(run => run.Id, run => run.IdempotencyKey);
    }

    private static RecordEvent EventOf(Change change) => new(
        change.RunId,
        null,
        change.At,
        $"{change.Name}".ToLowerInvariant(),
        (change.Name, change.Why) switch
        {
            (ActivityName.Created, _) => RecordDecision.New,
            (ActivityName.Updated, ActivityWhy.CameBack) => RecordDecision.CameBack,
            (ActivityName.Updated, ActivityWhy.OtherPerson) => RecordDecision.OtherPersons,
            (ActivityName.Updated, _) => RecordDecision.Changed,
            (ActivityName.Deleted, ActivityWhy.LastGone) => RecordDecision.LastGone,
            (ActivityName.Deleted, _) => RecordDecision.NotThere,
            _ => RecordDecision.Erased,
        })
    {
        Fields = change.Fields,
    };

    /// <summary>That it failed, and what became of it the last time that it was tried: of the tries between nothing is kept but how many they were.</summary>
    private static IEnumerable<RecordEvent> EventsOf(Entry entry)
    {
        yield return new RecordEvent(
            entry.RunId,
            null,
            entry.Date,
            $"{entry.Name}".ToLowerInvariant(),
            entry.Why == ActivityWhy.OtherPerson ? RecordDecision.Contradicts : entry.Name == ActivityName.Failed ? RecordDecision.Refused : RecordDecision.DoesNotFit)
        {
            Reason = entry.Reason,
            Field = entry.Field,
        };
        var last = entry.DateExecuted ?? entry.Date;
        if (entry.Status == ActivityStatus.Dropped)
        {
            yield return new RecordEvent(null, null, last, "dropped", RecordDecision.Dropped);
        }
        else if (entry.LastRunId != entry.RunId)
        {
            yield return new RecordEvent(
                entry.LastRunId,
                null,
                last,
                "tried again",
                entry.Status switch
                {
                    ActivityStatus.Closed => RecordDecision.StoredAfterAll,
                    ActivityStatus.Superseded => RecordDecision.Outdated,
                    _ => RecordDecision.FailedAgain,
                });
        }
    }

    /// <param name="Application">The id of the application that it is about, whatever the entry goes by.</param>
    private sealed record Entry(
        long Id, string Application, string ElementName, ActivityStatus Status, ActivityName Name, ActivityWhy? Why, Guid RunId, Guid LastRunId, DateTimeOffset Date, DateTimeOffset? DateExecuted,
        string? Reason, string? Field, int RetryCount, DateTimeOffset? DueAt);

    private sealed record Change(string Element, long Row, Guid RunId, ActivityName Name, ActivityWhy? Why, DateTimeOffset At)
    {
        public List<ChangedField>? Fields { get; init; }
    }
}
