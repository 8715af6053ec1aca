using HokifyMessaging.Runs;
using HokifyMessaging.Storage;
using HokifyMessaging.Writing;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Privacy;

/// <summary>Stores who is to be erased, without saying who it is, before anything is erased: whatever happens then, it is not forgotten.</summary>
internal sealed class ErasureRequests(IDbContextFactory<HokifyDbContext> contexts, Func<ErasureSecret> secret, TransientRetries retries)
{
    /// <param name="found">Who was found.</param>
    /// <param name="chosen">Whom of them it is about; nobody where an id is to be kept out that nobody has yet.</param>
    /// <param name="asker">Who asks.</param>
    /// <param name="cancellationToken">Gives up; nothing is stored then.</param>
    /// <exception cref="StorageException">The erasure key was changed since this process began.</exception>
    public async Task<AskedErasure> AskAsync(FoundPeople found, IReadOnlyList<FoundPerson> chosen, ErasureAsker asker, CancellationToken cancellationToken)
    {
        var (hashes, scopeId) = (new ErasureHashes(secret()), found.ScopeId);
        var candidates = chosen.SelectMany(person => person.Rows).Select(row => row.Id).Distinct().Order().ToList();
        var entries = chosen.SelectMany(person => person.Waiting).ToList();
        var asked = MarkOf(scopeId, found.Asked);
        var remembered = NamedIn(found.Asked, scopeId, hashes).Concat(entries.SelectMany(entry => NamedIn(entry, scopeId, hashes))).DistinctBy(Convert.ToHexString).ToList();
        await ScopeErrands.EnsureAsync(contexts, scopeId, cancellationToken);
        return await retries.ExecuteAsync((attempt, token) => StoreAsync(attempt, token), cancellationToken);

        async Task<AskedErasure> StoreAsync(Attempt attempt, CancellationToken token)
        {
            await using var db = await contexts.CreateDbContextAsync(token);
            await using var transaction = await db.BeginWritingAsync(token);
            await RowLocks.ScopeAsync(db, scopeId, token);
            await secret().RequireUnchangedAsync(db, token);
            var earlier = await db.ErasureRequests.AsNoTracking().Where(r => r.ScopeId == scopeId && r.Asked == asked).OrderByDescending(r => r.Id).FirstOrDefaultAsync(token);
            if (earlier is not null && IsTheSame(earlier))
            {
                return new AskedErasure(ErasureView.Of(earlier), IsNew: attempt.IsAgain && earlier.CreatedAt == attempt.Begun);
            }

            var request = new ErasureRequest
            {
                Id = Guid.CreateVersion7(attempt.Begun),
                ScopeId = scopeId,
                Who = AuditEntry.Shown(asker.Name, AuditEntry.NameLength),
                Machine = AuditEntry.Shown(asker.Machine, AuditEntry.NameLength),
                Reason = asker.Reason,
                CreatedAt = attempt.Begun,
                State = ErasureState.Waiting,
                Asked = asked,
                Candidates = JsonSerializer.Serialize(candidates),
                Entries = JsonSerializer.Serialize(entries.Select(entry => entry.Id).Distinct().Order()),
                Hashes = [.. remembered.SelectMany(hash => hash)],
            };
            db.ErasureRequests.Add(request);
            await db.SaveChangesAsync(token);
            await transaction.CommitAsync(token);
            return new AskedErasure(ErasureView.Of(request), IsNew: true);
        }

        // One that is done has left nothing to find; one that waits covers what is found.
        bool IsTheSame(ErasureRequest earlier) => earlier.State == ErasureState.Done
            ? candidates.Count + entries.Count == 0
            : !candidates.Except(ErasureRequest.KeysIn(earlier.Candidates)).Any() && !entries.Select(e => e.Id).Except(ErasureRequest.KeysIn(earlier.Entries)).Any();
    }

    /// <summary>Whether somebody was asked for before by the same id or address, so that who is not there any more is known all the same.</summary>
    /// <exception cref="StorageException">The erasure key was changed since this process began.</exception>
    public async Task<bool> WereMadeAsync(int scopeId, NamedPerson asked, CancellationToken cancellationToken)
    {
        var mark = MarkOf(scopeId, asked);
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await secret().RequireUnchangedAsync(db, cancellationToken);
        return await db.ErasureRequests.AnyAsync(r => r.ScopeId == scopeId && r.Asked == mark, cancellationToken);
    }

    /// <summary>A request; null when there is none in these scopes.</summary>
    /// <param name="id">The request.</param>
    /// <param name="scopeIds">Only in these; null for all.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<ErasureView?> FindAsync(Guid id, IReadOnlyCollection<int>? scopeIds, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var request = await db.ErasureRequests.AsNoTracking().SingleOrDefaultAsync(r => r.Id == id, cancellationToken);
        return request is not null && scopeIds?.Contains(request.ScopeId) is not false ? ErasureView.Of(request) : null;
    }

    /// <summary>Requests, newest first.</summary>
    /// <param name="filter">Which ones.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Null when there is none that the list could go on behind.</returns>
    public async Task<IReadOnlyList<ErasureView>?> ListAsync(ErasureFilter filter, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var requests = db.ErasureRequests.AsNoTracking();
        if (filter.ScopeIds is { } scopeIds)
        {
            requests = requests.Where(r => EF.Parameter(scopeIds).Contains(r.ScopeId));
        }

        if (filter.After is { } after)
        {
            // Whether there is such a one in another scope is not told.
            if (await requests.Where(r => r.Id == after).Select(r => (DateTimeOffset?)r.CreatedAt).SingleOrDefaultAsync(cancellationToken) is not { } createdAt)
            {
                return null;
            }

            requests = requests.Where(r => r.CreatedAt <= createdAt && (r.CreatedAt < createdAt || r.Id.CompareTo(after) < 0));
        }

        if (filter.ScopeId is { } scopeId)
        {
            requests = requests.Where(r => r.ScopeId == scopeId);
        }

        if (filter.State is { } state)
        {
            requests = requests.Where(r => r.State == state);
        }

        var found = await requests.OrderByDescending(r => r.CreatedAt).ThenByDescending(r => r.Id).Take(filter.Limit).ToListAsync(cancellationToken);
        return [.. found.Select(ErasureView.Of)];
    }

    /// <summary>Those that are still to be carried out, in the order in which they were asked for.</summary>
    /// <param name="now">Those that may be carried out from then on, as far as is known, are left out; null to look at each of them again.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<IReadOnlyList<ErasureView>> WaitingAsync(DateTimeOffset? now, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var waiting = await db.ErasureRequests.AsNoTracking().Where(r => r.State == ErasureState.Waiting || r.State == ErasureState.Deferred).ToListAsync(cancellationToken);
        return [.. waiting.Where(r => r.State == ErasureState.Waiting || now is null || r.DueAt <= now).OrderBy(r => r.Id).Select(ErasureView.Of)];
    }

    private byte[] MarkOf(int scopeId, NamedPerson asked) => secret().Hash(scopeId, $"asked {asked.By}", asked.Value);

    private static IEnumerable<byte[]> NamedIn(NamedPerson asked, int scopeId, ErasureHashes hashes) => asked.By switch
    {
        NamedBy.Application => [hashes.Application(scopeId, asked.Value)],
        NamedBy.Person => hashes.OfPerson(scopeId, asked.Value),

        // An address may be somebody else's tomorrow.
        _ => [],
    };

    private static IEnumerable<byte[]> NamedIn(FoundEntry entry, int scopeId, ErasureHashes hashes)
    {
        // What goes by a hash of its content contradicts another record: its application may be somebody else's.
        var application = RecordId.TryRead(entry.ReferenceId, out var id, out _) ? [hashes.Application(scopeId, id)] : Enumerable.Empty<byte[]>();
        return entry.PersonReferenceId is { } person ? application.Concat(hashes.OfPerson(scopeId, person)) : application;
    }
}
