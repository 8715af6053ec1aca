using HokifyMessaging.Runs;
using HokifyMessaging.Storage;

namespace HokifyMessaging.Writing;

/// <summary>
/// In which order records are written of which some are erasures. An erasure takes more along than its own application: what comes
/// before it has to be written before it, and what comes after it looked up after it. Where nothing else has to do with whom the
/// erasures take along, the order makes no difference, and they come last, all at once.
/// </summary>
/// <param name="found">What is stored of the records.</param>
/// <param name="erasures">Which of them are erasures, by their place.</param>
internal sealed class ErasureOrder(HokifyDbContext db, RunInProgress run, FoundBatch found, IReadOnlySet<int> erasures)
{
    /// <returns>The records that go together first, and those that are left for later, in their order.</returns>
    public async Task<(List<SourceRecord> Together, List<SourceRecord> Left)> SplitAsync(CancellationToken cancellationToken)
    {
        var others = Enumerable.Range(0, found.Records.Count).Where(index => !erasures.Contains(index)).ToHashSet();
        if (others.Count > 0 && !await AreApartAsync(others, cancellationToken))
        {
            var kind = erasures.Contains(0) ? erasures : others;
            others = Enumerable.Range(0, found.Records.Count).TakeWhile(kind.Contains).ToHashSet();
        }

        var parts = found.Records.Index().ToLookup(record => others.Contains(record.Index), record => record.Item);
        return ([.. parts[true]], [.. parts[false]]);
    }

    /// <summary>
    /// Whether nobody else has an id, a name at an address, an entry of the ledger or a row in common with those who are erased. Only
    /// such a record could change what an erasure takes along, or find something else behind it.
    /// </summary>
    private async Task<bool> AreApartAsync(HashSet<int> others, CancellationToken cancellationToken)
    {
        // Among these themselves, too, the parts may make a difference: between copies of one application, of which one may wait in
        // the ledger under what both say, and to people without an id.
        var arrived = found.Arrived.ToLookup(a => erasures.Contains(a.Index), a => a.Application);
        var records = others.Select(index => found.Records[index]).ToList();
        if (records.DistinctBy(RecordKeys.Of).Count() < records.Count || records.Exists(r => run.HasCounted(RecordKeys.Of(r))) || arrived[false].Any(a => a.PersonId.IsDerived))
        {
            return false;
        }

        var scopeId = run.Request.ScopeId;
        var rows = await ErasableRows.FindAsync(db, scopeId, [.. arrived[true]], cancellationToken);
        HashSet<string> references =
        [
            .. arrived[true].SelectMany(a => new[] { a.Id.Value, a.PersonId.Value }),
            .. rows.Candidates.SelectMany(c => ErasableRows.DerivedIds(c).Append(c.ReferenceId)),
            .. rows.Profiles.Select(p => p.ReferenceId),
        ];
        references.UnionWith(await Lookups.ListAsync(
            references.ToList(), some => db.ActivityLogs.Where(l => l.ScopeId == scopeId && some.Contains(l.PersonReferenceId)).Select(l => l.ReferenceId), cancellationToken));
        var keys = rows.Candidates.SelectMany(c => ErasureHashes.KeysOf(c.Columns)).Concat(rows.Profiles.Select(p => p.Key)).Where(key => key.IsWhole).ToHashSet();
        return !records.Exists(r => Names(r.LedgerReference))
            && !arrived[false].Any(a => references.Overlaps([a.Id.Value, a.PersonId.Value, a.Owner.Value]) || keys.Contains(a.Key))
            && !found.Failed.Exists(f => Names(f.Failure.ReferenceId) || Names(f.Failure.Application?.Value) || Names(f.Failure.Person?.Value));

        bool Names(string? reference) => reference is not null && references.Contains(reference);
    }
}
