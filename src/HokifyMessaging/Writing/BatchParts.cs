using HokifyMessaging.Applications;
using HokifyMessaging.Runs;
using HokifyMessaging.Storage;

namespace HokifyMessaging.Writing;

/// <summary>
/// In which parts a batch is written that holds erasures. An erasure takes more along than its own application: what comes before it
/// has to be written before it, and what comes after it looked up after it, as if it had come in a batch of its own. Where nothing
/// else in the batch has to do with whom the erasures take along, the order makes no difference, and two parts are enough.
/// </summary>
/// <param name="erasures">The applications that are erasures.</param>
internal sealed class BatchParts(HokifyDbContext db, int scopeId, IReadOnlySet<object> erasures)
{
    public async Task<IReadOnlyList<List<BatchRecord>>> OfAsync(
        IReadOnlyList<BatchRecord> records, IReadOnlyList<IncomingApplication> arrived, IReadOnlyList<BatchRecord.Rejected> rejected, CancellationToken cancellationToken)
    {
        var others = records.Where(r => !IsErasure(r)).ToList();
        if (others.Count == 0 || await AreApartAsync(others, arrived, rejected, cancellationToken))
        {
            return [.. new[] { others, [.. records.Where(IsErasure)] }.Where(part => part.Count > 0)];
        }

        var parts = new List<List<BatchRecord>>();
        foreach (var record in records)
        {
            if (parts.Count == 0 || IsErasure(parts[^1][0]) != IsErasure(record))
            {
                parts.Add([]);
            }

            parts[^1].Add(record);
        }

        return parts;
    }

    private bool IsErasure(BatchRecord record) => record.Read() is BatchRecord.Ready ready && erasures.Contains(ready.Application);

    /// <summary>
    /// Whether nobody else in the batch has an id, a name at an address, an entry of the ledger or a row in common with those who are erased. Only
    /// such a record could change what an erasure takes along, or find something else behind it.
    /// </summary>
    private async Task<bool> AreApartAsync(
        List<BatchRecord> others, IReadOnlyList<IncomingApplication> arrived, IReadOnlyList<BatchRecord.Rejected> rejected, CancellationToken cancellationToken)
    {
        // Among these themselves, too, the parts may make a difference: between copies of one application, and to people without an id.
        var (erased, staying) = (arrived.Where(erasures.Contains).ToList(), arrived.Where(a => !erasures.Contains(a)).ToList());
        if (others.DistinctBy(r => r.Key).Count() < others.Count || staying.Exists(a => a.PersonId.IsDerived))
        {
            return false;
        }

        var rows = await ErasableRows.FindAsync(db, scopeId, erased, cancellationToken);
        HashSet<string> references =
        [
            .. erased.SelectMany(a => new[] { a.Id.Value, a.PersonId.Value }),
            .. rows.Candidates.SelectMany(c => ErasableRows.DerivedIds(c).Append(c.ReferenceId)),
            .. rows.Profiles.Select(p => p.ReferenceId),
        ];
        references.UnionWith(await Lookups.ListAsync(
            references.ToList(), some => db.ActivityLogs.Where(l => l.ScopeId == scopeId && some.Contains(l.PersonReferenceId)).Select(l => l.ReferenceId), cancellationToken));
        var keys = rows.Candidates.SelectMany(c => ErasureHashes.KeysOf(c.Columns)).Concat(rows.Profiles.Select(p => p.Key)).Where(key => key.IsWhole).ToHashSet();
        return !others.Exists(r => r.LedgerReference is { } reference && references.Contains(reference))
            && !staying.Exists(a => references.Overlaps([a.Id.Value, a.PersonId.Value, a.Owner.Value]) || keys.Contains(a.Key))
            && !rejected.Select(r => RecordFailure.Of(r.Rejection)).Any(f => references.Contains(f.ReferenceId) || Names(f.Application?.Value) || Names(f.Person?.Value));

        bool Names(string? reference) => reference is not null && references.Contains(reference);
    }
}
