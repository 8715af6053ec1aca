using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Writing;

/// <summary>A person or an application of the database that is among the erased.</summary>
/// <param name="Reference">The id.</param>
/// <param name="ErasedAt">When that was.</param>
internal sealed record NamedByHash(string Reference, DateTimeOffset ErasedAt)
{
    /// <summary>Whether it is an application that was forgotten in time, which takes nobody along.</summary>
    public bool IsForgotten { get; init; }
}

/// <summary>
/// Looks through a scope for the people whom some hashes name. From a hash nobody reads an id: so each row's ids and addresses are
/// hashed in the same way, and compared.
/// </summary>
/// <param name="db">The database.</param>
/// <param name="scopeId">The scope.</param>
/// <param name="hashes">Makes hashes.</param>
/// <param name="erased">The hashes of the erased, as hexadecimal text, and since when.</param>
internal sealed class RowsOfTheErased(HokifyDbContext db, int scopeId, ErasureHashes hashes, IReadOnlyDictionary<string, DateTimeOffset> erased)
{
    public async Task<IReadOnlyList<NamedByHash>> FindAsync(CancellationToken cancellationToken)
    {
        if (erased.Count == 0)
        {
            return [];
        }

        var named = await PeopleAsync(cancellationToken);
        await AddApplicationsAsync(named, cancellationToken);
        await AddWaitingAsync(named, cancellationToken);
        await AddPlannedAsync(named, cancellationToken);
        return named;
    }

    private async Task<List<NamedByHash>> PeopleAsync(CancellationToken cancellationToken)
    {
        var named = new List<NamedByHash>();
        var byAddress = new Dictionary<long, (string Reference, DateTimeOffset ErasedAt)>();
        var people = db.Candidates.AsNoTracking().Where(c => c.ScopeId == scopeId).OrderBy(c => c.Id)
            .Select(c => new { c.Id, c.ReferenceId, c.Columns.Email, c.Columns.HokifyMail, c.Columns.DisplayName, c.Columns.FirstName, c.Columns.LastName });
        await foreach (var row in people.AsAsyncEnumerable().WithCancellation(cancellationToken))
        {
            if (Since(hashes.OfReference(scopeId, row.ReferenceId).Where(h => !h.IsAddress).Select(h => h.Hash)) is { } since)
            {
                named.Add(new NamedByHash(row.ReferenceId, since));
            }
            else if (new PersonId(row.ReferenceId).IsDerived)
            {
                var columns = new CandidateColumns { Email = row.Email, HokifyMail = row.HokifyMail, DisplayName = row.DisplayName, FirstName = row.FirstName, LastName = row.LastName };
                if (Since(hashes.OfReference(scopeId, row.ReferenceId).Select(h => h.Hash).Concat(hashes.OfAddresses(scopeId, columns))) is { } then)
                {
                    byAddress.Add(row.Id, (row.ReferenceId, then));
                }
            }
        }

        named.AddRange(await ThoseOfThenAsync(byAddress, cancellationToken));
        return named;
    }

    /// <summary>An address may belong to a person who came back and applied anew: all of their applications are of a later time.</summary>
    private async Task<IEnumerable<NamedByHash>> ThoseOfThenAsync(Dictionary<long, (string Reference, DateTimeOffset ErasedAt)> byAddress, CancellationToken cancellationToken)
    {
        var applied = (await Lookups.ListAsync(
            byAddress.Keys,
            some => db.CandidateProfiles.AsNoTracking().Where(p => some.Contains(p.CandidateId)).Select(p => new { p.CandidateId, p.Columns.DatePublish }),
            cancellationToken)).ToLookup(p => p.CandidateId, p => p.DatePublish);
        return byAddress.Where(person => !applied[person.Key].Any() || applied[person.Key].Any(at => at is null || at <= person.Value.ErasedAt))
            .Select(person => new NamedByHash(person.Value.Reference, person.Value.ErasedAt));
    }

    private async Task AddApplicationsAsync(List<NamedByHash> named, CancellationToken cancellationToken)
    {
        var ids = db.CandidateProfiles.AsNoTracking().Where(p => p.ScopeId == scopeId).OrderBy(p => p.Id).Select(p => p.ReferenceId);
        await foreach (var id in ids.AsAsyncEnumerable().WithCancellation(cancellationToken))
        {
            if (Since([hashes.Application(scopeId, id)]) is { } since)
            {
                named.Add(new NamedByHash(id, since));
            }
            else if (Since([hashes.ForgottenApplication(scopeId, id)]) is { } forgotten)
            {
                named.Add(new NamedByHash(id, forgotten) { IsForgotten = true });
            }
        }
    }

    /// <summary>Who is in a plan may be nowhere else yet.</summary>
    private async Task AddPlannedAsync(List<NamedByHash> named, CancellationToken cancellationToken)
    {
        var entries = db.PlanEntries.AsNoTracking().Where(e => e.ScopeId == scopeId).Select(e => new { e.ReferenceId, e.PersonReferenceId }).Distinct();
        await foreach (var entry in entries.AsAsyncEnumerable().WithCancellation(cancellationToken))
        {
            if (Since([hashes.ForgottenApplication(scopeId, entry.ReferenceId)]) is { } forgotten)
            {
                named.Add(new NamedByHash(entry.ReferenceId, forgotten) { IsForgotten = true });
            }

            foreach (var reference in new[] { entry.ReferenceId, entry.PersonReferenceId }.OfType<string>())
            {
                if (Since(hashes.OfReference(scopeId, reference).Where(h => !h.IsAddress).Select(h => h.Hash)) is { } since)
                {
                    named.Add(new NamedByHash(reference, since));
                }
            }
        }
    }

    /// <summary>What waits to be tried again has no row, but whom it is about and all that was delivered.</summary>
    private async Task AddWaitingAsync(List<NamedByHash> named, CancellationToken cancellationToken)
    {
        var entries = db.ActivityLogs.AsNoTracking().Where(l => l.ScopeId == scopeId && l.LastRunId != null).OrderBy(l => l.Id)
            .Select(l => new { l.ReferenceId, l.PersonReferenceId, l.Date });
        await foreach (var entry in entries.AsAsyncEnumerable().WithCancellation(cancellationToken))
        {
            if (Since([hashes.ForgottenApplication(scopeId, entry.ReferenceId)]) is { } forgotten)
            {
                named.Add(new NamedByHash(entry.ReferenceId, forgotten) { IsForgotten = true });
            }

            foreach (var reference in new[] { entry.ReferenceId, entry.PersonReferenceId }.OfType<string>())
            {
                var since = Since(hashes.OfReference(scopeId, reference).Where(h => !h.IsAddress).Select(h => h.Hash))
                    ?? (Since(hashes.OfReference(scopeId, reference).Where(h => h.IsAddress).Select(h => h.Hash)) is { } then && entry.Date <= then ? then : null);
                if (since is { } at)
                {
                    // Of the person alone, where it is the person who is erased: the application may be stored as somebody else's.
                    named.Add(new NamedByHash(reference, at));
                }
            }
        }
    }

    private DateTimeOffset? Since(IEnumerable<byte[]> some)
    {
        foreach (var hash in some)
        {
            if (erased.TryGetValue(Convert.ToHexString(hash), out var at))
            {
                return at;
            }
        }

        return null;
    }
}
