using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Runs.Queries;

/// <summary>A hash by which somebody or something may be remembered that is kept out.</summary>
/// <param name="Hash">The hash.</param>
/// <param name="IsForgotten">Whether it is that of an application that was forgotten in time, and not of somebody who was erased.</param>
internal sealed record ErasureMark(byte[] Hash, bool IsForgotten);

/// <summary>The hashes by which somebody would be remembered who was erased and is named by an id or a mail address.</summary>
/// <param name="scopeId">The scope.</param>
/// <param name="asked">The id or address.</param>
/// <exception cref="InvalidOperationException">There is no key to make them with.</exception>
internal delegate IReadOnlyList<ErasureMark> ErasureMarks(int scopeId, string asked);

/// <summary>
/// Tells what became of an application or a person, from the rows, the activity logs and the hashes of erased people. Ids are found by indexes, in
/// each scope by itself; mail addresses by the hash that their applications came with, or, where somebody wants to be thorough, by reading the people of a scope.
/// </summary>
internal sealed partial class RecordTrails(IDbContextFactory<HokifyDbContext> contexts, ErasureMarks marks)
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
    public async Task<RecordTrail> FollowAsync(RecordQuestion question, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var known = await db.Scopes.AsNoTracking().OrderBy(s => s.ScopeId).Select(s => new ScopeReach(s.ScopeId, s.Watermark)).ToListAsync(cancellationToken);
        var scopes = known.Where(scope => question.ScopeIds?.Contains(scope.ScopeId) != false).ToList();
        var trail = new Trail(question);
        foreach (var scope in scopes)
        {
            await FollowAsync(db, scope.ScopeId, trail, cancellationToken);
        }

        return new RecordTrail { Asked = question.Asked, Found = trail.Found, IsCut = trail.IsCut, Scopes = scopes, NotKnown = [.. trail.NotKnown] };
    }

    private async Task FollowAsync(HokifyDbContext db, int scopeId, Trail trail, CancellationToken cancellationToken)
    {
        var people = await PeopleAsync(db, scopeId, trail, cancellationToken);
        var profiles = db.CandidateProfiles.Where(p => p.ScopeId == scopeId);
        var applications = trail.IsAddress ? [] : await RowsAsync(profiles.Where(p => p.ReferenceId == trail.Asked));
        foreach (var person in trail.Cut(people))
        {
            applications.AddRange(trail.Cut(await RowsAsync(profiles.Where(p => p.CandidateId == person.Id))));
        }

        // Of a person who is there a single application may have been forgotten: nothing of it is left that could be told.
        applications.RemoveAll(row => ErasedRow.Is(row.ReferenceId));
        applications = [.. applications.DistinctBy(row => row.Id)];
        var entries = await EntriesAsync(db, scopeId, trail, people, cancellationToken);
        var changes = await ChangesAsync(db, scopeId, trail.WithValues, people, applications, cancellationToken);
        var keys = await KeysAsync(db, entries, changes, cancellationToken);
        trail.Found.AddRange(people.Take(Listed).Select(person => Found(scopeId, ElementNames.Candidate, person, [], changes, keys)));
        var fullReads = await FullReadsAsync(db, scopeId, applications, cancellationToken);
        trail.Found.AddRange(applications.Select(row => Found(scopeId, ElementNames.CandidateProfile, row, [.. entries.Where(entry => entry.Application == row.ReferenceId)], changes, keys)).Select(found => FoundAgainBy(found, fullReads)));
        var known = applications.Select(row => row.ReferenceId).ToHashSet(StringComparer.Ordinal);
        trail.Found.AddRange(entries.Where(entry => !known.Contains(entry.Application)).GroupBy(entry => entry.Application)
            .Select(of => Found(scopeId, of.First().ElementName, null, [.. of], changes, keys)));
        await AddErasedAsync(db, scopeId, trail, cancellationToken);

        Task<List<StoredRow>> RowsAsync(IQueryable<CandidateProfile> rows) => rows.OrderBy(p => p.Id).Take(Listed + 1)
            .Select(p => new StoredRow(p.Id, p.ReferenceId, p.Candidate!.ReferenceId, p.IsDeleted, p.CreatedAt, p.ChangedAt, p.Version)).ToListAsync(cancellationToken);
    }

    private static async Task<List<StoredRow>> PeopleAsync(HokifyDbContext db, int scopeId, Trail trail, CancellationToken cancellationToken)
    {
        if (!trail.IsAddress)
        {
            return await RowsAsync(db.Candidates.Where(c => c.ScopeId == scopeId && c.ReferenceId == trail.Asked));
        }

        if (trail.IsThorough)
        {
            return await RowsAsync(OfAddress(db, scopeId, trail.Asked));
        }

        trail.NotKnown.Add("An address is found that an application came with; a second one of a person is not. Ask by an id where somebody is missing.");
        var (first, last) = PersonKey.OfAddress(trail.Asked);
        var people = await db.Database
            .SqlQuery<long>($"SELECT CandidateId AS Value FROM CandidateProfile WHERE ScopeId = {scopeId} AND PersonKey >= {first} AND PersonKey <= {last}")
            .Distinct().OrderBy(id => id).Take(Listed + 1).ToListAsync(cancellationToken);
        return people.Count == 0 ? [] : await RowsAsync(db.Candidates.Where(c => people.Contains(c.Id)));

        Task<List<StoredRow>> RowsAsync(IQueryable<Candidate> rows) => rows.OrderBy(c => c.Id).Take(Listed + 1)
            .Select(c => new StoredRow(c.Id, c.ReferenceId, null, c.IsDeleted, c.CreatedAt, c.ChangedAt, c.Version)).ToListAsync(cancellationToken);
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
            var asked = marks(scopeId, trail.Asked);
            var hashes = asked.Select(mark => mark.Hash).ToList();
            var found = await db.ErasedKeys.Where(e => e.ScopeId == scopeId && hashes.Contains(e.Hash)).Select(e => new { e.Hash, e.ErasedAt }).ToListAsync(cancellationToken);
            if (found.Count > 0)
            {
                var isForgotten = found.All(key => asked.Any(mark => mark.IsForgotten && mark.Hash.AsSpan().SequenceEqual(key.Hash)));
                trail.Found.RemoveAll(record => record.ScopeId == scopeId && record.Fate == RecordFate.Settled);
                trail.Found.Add(new FoundRecord
                {
                    ScopeId = scopeId,
                    ElementName = isForgotten ? ElementNames.CandidateProfile : ElementNames.Candidate,
                    ReferenceId = trail.Asked,
                    Fate = isForgotten ? RecordFate.Forgotten : RecordFate.Withheld,
                    ErasedAt = found.Min(key => key.ErasedAt),
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
        var own = changes.Where(change => row is not null && change.Element == element && change.Row == row.Id).ToList();
        var events = own.Select(EventOf).Concat(entries.SelectMany(EventsOf))
            .OrderByDescending(one => one.At).ThenBy(one => one.Decision is RecordDecision.DoesNotFit or RecordDecision.Refused or RecordDecision.Contradicts).ToList();
        return new FoundRecord
        {
            ScopeId = scopeId,
            ElementName = element,
            ReferenceId = row?.ReferenceId ?? entries[0].Application,
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
            Events = [.. events.Take(Listed).Select(one => one with { IdempotencyKey = one.RunId is { } run ? keys.GetValueOrDefault(run) : null })],
            HasMoreEvents = events.Count > Listed,
            IsBeginningForgotten = row is not null && own.Count <= Listed && !own.Exists(change => change.Name == ActivityName.Created),
        };
    }

    /// <summary>What is being put together.</summary>
    private sealed class Trail(RecordQuestion question)
    {
        public string Asked { get; } = question.Asked;

        public bool IsAddress { get; } = question.IsAddress;

        public bool IsThorough { get; } = question.IsThorough;

        public bool WithValues { get; } = question.WithValues;

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
}
