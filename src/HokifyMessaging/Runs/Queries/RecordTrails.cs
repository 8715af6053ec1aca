using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Runs.Queries;

/// <summary>The hashes by which somebody would be remembered who was erased and is named by an id or a mail address.</summary>
/// <param name="scopeId">The scope.</param>
/// <param name="asked">The id or address.</param>
/// <exception cref="InvalidOperationException">There is no key to make them with.</exception>
internal delegate IReadOnlyList<byte[]> ErasureMarks(int scopeId, string asked);

/// <summary>
/// Tells what became of an application or a person, from the rows, the activity logs and the hashes of erased people. Ids are found by indexes, in
/// each scope by itself; mail addresses have none, so that the people of a scope are read for one.
/// </summary>
internal sealed class RecordTrails(IDbContextFactory<HokifyDbContext> contexts, ErasureMarks marks)
{
    /// <summary>The most of anything: people of an address, applications of a person, what runs did.</summary>
    public const int Listed = 20;

    /// <summary>What the user means, in the form in which it is stored; null where it is neither an id nor an address.</summary>
    /// <param name="asked">As the user has it.</param>
    /// <param name="problem">What is wrong with it, as the rest of a sentence that begins with it.</param>
    public static string? Comparable(string asked, out string problem)
    {
        // What stands for an id where a source has none is shown by other verbs, and can be asked for as it is shown there.
        var text = asked.Trim();
        if (text.Contains('@', StringComparison.Ordinal) || text.Contains(':', StringComparison.Ordinal))
        {
            problem = "";
            return text;
        }

        return RecordId.TryRead(text, out var id, out problem) ? id : null;
    }

    /// <summary>Follows what somebody asks for.</summary>
    /// <param name="asked">An application's or person's id, or a mail address; <see cref="Comparable"/>.</param>
    /// <param name="scopeId">Where to look; null for everywhere.</param>
    /// <param name="cancellationToken">Gives up asking.</param>
    public async Task<RecordTrail> FollowAsync(string asked, int? scopeId, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var scopes = await db.Scopes.AsNoTracking().Where(s => scopeId == null || s.ScopeId == scopeId)
            .OrderBy(s => s.ScopeId).Select(s => new ScopeReach(s.ScopeId, s.Watermark)).ToListAsync(cancellationToken);
        var trail = new Trail(asked);
        foreach (var scope in scopes)
        {
            await FollowAsync(db, scope.ScopeId, trail, cancellationToken);
        }

        return new RecordTrail { Asked = asked, Found = trail.Found, IsCut = trail.IsCut, Scopes = scopes, NotKnown = [.. trail.NotKnown] };
    }

    private async Task FollowAsync(HokifyDbContext db, int scopeId, Trail trail, CancellationToken cancellationToken)
    {
        var people = await (trail.IsAddress ? OfAddress(db, scopeId, trail.Asked) : db.Candidates.Where(c => c.ScopeId == scopeId && c.ReferenceId == trail.Asked))
            .OrderBy(c => c.Id).Take(Listed + 1)
            .Select(c => new StoredRow(c.Id, c.ReferenceId, null, c.IsDeleted, c.CreatedAt, c.ChangedAt, c.Version)).ToListAsync(cancellationToken);
        var profiles = db.CandidateProfiles.Where(p => p.ScopeId == scopeId);
        var applications = trail.IsAddress ? [] : await RowsAsync(profiles.Where(p => p.ReferenceId == trail.Asked));
        foreach (var person in trail.Cut(people))
        {
            applications.AddRange(trail.Cut(await RowsAsync(profiles.Where(p => p.CandidateId == person.Id))));
        }

        var entries = await EntriesAsync(db, scopeId, trail, people, cancellationToken);
        var changes = await ChangesAsync(db, scopeId, people, applications, cancellationToken);
        var keys = await KeysAsync(db, entries, changes, cancellationToken);
        trail.Found.AddRange(people.Take(Listed).Select(person => Found(scopeId, ElementNames.Candidate, person, [], changes, keys)));
        trail.Found.AddRange(applications.DistinctBy(row => row.Id).Select(row =>
            Found(scopeId, ElementNames.CandidateProfile, row, [.. entries.Where(entry => entry.ReferenceId == row.ReferenceId)], changes, keys)));
        var known = applications.Select(row => row.ReferenceId).ToHashSet(StringComparer.Ordinal);
        trail.Found.AddRange(entries.Where(entry => !known.Contains(entry.ReferenceId)).GroupBy(entry => entry.ReferenceId)
            .Select(of => Found(scopeId, of.First().ElementName, null, [.. of], changes, keys)));
        await AddErasedAsync(db, scopeId, trail, cancellationToken);

        Task<List<StoredRow>> RowsAsync(IQueryable<CandidateProfile> rows) => rows.OrderBy(p => p.Id).Take(Listed + 1)
            .Select(p => new StoredRow(p.Id, p.ReferenceId, p.Candidate!.ReferenceId, p.IsDeleted, p.CreatedAt, p.ChangedAt, p.Version)).ToListAsync(cancellationToken);
    }

    /// <summary>As the database compares texts, and whatever the case of its letters.</summary>
    public static IQueryable<Candidate> OfAddress(HokifyDbContext db, int scopeId, string address)
    {
        var lower = address.ToLowerInvariant();
#pragma warning disable CA1304, CA1311, CA1862 // The database has no cultures.
        return db.Candidates.Where(c => c.ScopeId == scopeId
            && (c.Columns.Email == address || c.Columns.HokifyMail == address || c.Columns.Email!.ToLower() == lower || c.Columns.HokifyMail!.ToLower() == lower));
#pragma warning restore CA1304, CA1311, CA1862
    }

    /// <summary>All that could not be stored at first, of the application or of the people.</summary>
    private static async Task<List<Entry>> EntriesAsync(HokifyDbContext db, int scopeId, Trail trail, List<StoredRow> people, CancellationToken cancellationToken)
    {
        var entries = db.ActivityLogs.Where(l => l.ScopeId == scopeId && l.LastRunId != null);
        var found = trail.IsAddress ? [] : await NewestAsync(entries.Where(l => l.ReferenceId == trail.Asked));
        foreach (var person in people.Select(person => person.ReferenceId).Concat(trail.IsAddress ? [] : [trail.Asked]).Distinct().Take(Listed))
        {
            found.AddRange(trail.Cut(await NewestAsync(entries.Where(l => l.PersonReferenceId == person))));
        }

        return [.. found.DistinctBy(entry => entry.Id).OrderByDescending(entry => entry.Id)];

        Task<List<Entry>> NewestAsync(IQueryable<ActivityLog> some) => some.OrderByDescending(l => l.Id).Take(Listed + 1)
            .Select(l => new Entry(l.Id, l.ReferenceId, l.ElementName, l.Status, l.Name, l.RunId, l.LastRunId!.Value, l.Date, l.DateExecuted, l.ResultData, l.RetryCount, l.DueAt))
            .ToListAsync(cancellationToken);
    }

    private static async Task<List<Change>> ChangesAsync(
        HokifyDbContext db, int scopeId, List<StoredRow> people, List<StoredRow> applications, CancellationToken cancellationToken)
    {
        var changes = new List<Change>();
        foreach (var (element, row) in people.Select(row => (ElementNames.Candidate, row.Id)).Concat(applications.Select(row => (ElementNames.CandidateProfile, row.Id))).Distinct())
        {
            changes.AddRange(await db.ActivityLogs
                .Where(l => l.ElementId == row && l.ElementName == element && l.ScopeId == scopeId && l.LastRunId == null)
                .OrderByDescending(l => l.Id).Take(Listed)
                .Select(l => new Change(l.ElementName, row, l.RunId, l.Name, l.Date)).ToListAsync(cancellationToken));
        }

        return changes;
    }

    private static async Task<Dictionary<Guid, string>> KeysAsync(HokifyDbContext db, List<Entry> entries, List<Change> changes, CancellationToken cancellationToken)
    {
        var ids = entries.SelectMany(entry => new[] { entry.RunId, entry.LastRunId }).Concat(changes.Select(change => change.RunId));
        var runs = await Lookups.ListAsync(ids, some => db.ImportRuns.Where(r => some.Contains(r.Id)).Select(r => new { r.Id, r.IdempotencyKey }), cancellationToken);
        return runs.ToDictionary(run => run.Id, run => run.IdempotencyKey);
    }

    /// <summary>Who was erased is known by hashes alone, and only to whoever has their key.</summary>
    private async Task AddErasedAsync(HokifyDbContext db, int scopeId, Trail trail, CancellationToken cancellationToken)
    {
        if (!await db.ErasedKeys.AnyAsync(e => e.ScopeId == scopeId, cancellationToken))
        {
            return;
        }

        if (trail.IsAddress)
        {
            trail.NotKnown.Add("Whoever was erased is recognized by the id of the person or of an application; by an address only where it came without a name.");
        }

        try
        {
            var hashes = marks(scopeId, trail.Asked);
            if (await db.ErasedKeys.Where(e => e.ScopeId == scopeId && hashes.Contains(e.Hash)).MinAsync(e => (DateTimeOffset?)e.ErasedAt, cancellationToken) is { } erasedAt)
            {
                trail.Found.RemoveAll(found => found.ScopeId == scopeId && found.Fate == RecordFate.Settled);
                trail.Found.Add(new FoundRecord
                {
                    ScopeId = scopeId,
                    ElementName = ElementNames.Candidate,
                    ReferenceId = trail.Asked,
                    Fate = RecordFate.Withheld,
                    ErasedAt = erasedAt,
                    Events = [],
                });
            }
        }
        catch (InvalidOperationException exception)
        {
            trail.NotKnown.Add($"Whether it was erased cannot be told: {exception.Message}");
        }
    }

    private static FoundRecord Found(int scopeId, string element, StoredRow? row, List<Entry> entries, List<Change> changes, Dictionary<Guid, string> keys)
    {
        var waiting = entries.Find(entry => entry.Status is ActivityStatus.Open or ActivityStatus.Parked);
        var dropped = entries.Find(entry => entry.Status == ActivityStatus.Dropped && (row is null || entry.DateExecuted > row.ChangedAt));
        var events = changes.Where(change => row is not null && change.Element == element && change.Row == row.Id)
            .Select(change => (change.RunId, change.At, What: $"{change.Name}"))
            .Concat(entries.Select(entry => (entry.RunId, At: entry.Date, What: $"{entry.Name}")))
            .Concat(entries.Where(entry => entry.LastRunId != entry.RunId && entry.Status != ActivityStatus.Dropped).Select(entry => (RunId: entry.LastRunId, At: entry.DateExecuted ?? entry.Date, What: "tried again")));
        return new FoundRecord
        {
            ScopeId = scopeId,
            ElementName = element,
            ReferenceId = row?.ReferenceId ?? entries[0].ReferenceId,
            Fate = (waiting, row) switch
            {
                ({ Status: ActivityStatus.Open }, _) => RecordFate.Waiting,
                ({ }, _) => RecordFate.Parked,
                (_, { IsDeleted: true }) => RecordFate.Deleted,
                (_, { }) => RecordFate.Stored,
                _ when dropped is not null => RecordFate.Dropped,
                _ => RecordFate.Settled,
            },
            PersonReferenceId = row?.Person,
            StoredAt = row?.CreatedAt,
            ChangedAt = row?.ChangedAt,
            Version = row?.Version,
            Reason = (waiting ?? dropped ?? (row is null ? entries[0] : null))?.Reason,
            RetryCount = waiting?.RetryCount ?? 0,
            DueAt = waiting?.DueAt,
            Events =
            [
                .. events.OrderByDescending(one => one.At).Take(Listed)
                    .Select(one => new RecordEvent(one.RunId, keys.GetValueOrDefault(one.RunId) ?? "", one.At, one.What.ToLowerInvariant())),
            ],
        };
    }

    /// <summary>What is being put together.</summary>
    private sealed class Trail(string asked)
    {
        public string Asked { get; } = asked;

        public bool IsAddress { get; } = asked.Contains('@', StringComparison.Ordinal);

        public List<FoundRecord> Found { get; } = [];

        public HashSet<string> NotKnown { get; } = [];

        public bool IsCut { get; private set; }

        /// <summary>At most as many as are listed.</summary>
        public IEnumerable<T> Cut<T>(List<T> found)
        {
            IsCut |= found.Count > Listed;
            return found.Take(Listed);
        }
    }

    private sealed record StoredRow(long Id, string ReferenceId, string? Person, bool IsDeleted, DateTimeOffset CreatedAt, DateTimeOffset ChangedAt, DateTimeOffset? Version);

    private sealed record Entry(
        long Id, string ReferenceId, string ElementName, ActivityStatus Status, ActivityName Name, Guid RunId, Guid LastRunId, DateTimeOffset Date, DateTimeOffset? DateExecuted,
        string? Reason, int RetryCount, DateTimeOffset? DueAt);

    private sealed record Change(string Element, long Row, Guid RunId, ActivityName Name, DateTimeOffset At);
}
