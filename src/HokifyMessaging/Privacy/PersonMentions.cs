using System.Runtime.InteropServices;
using HokifyMessaging.Runs;
using HokifyMessaging.Storage;
using HokifyMessaging.Writing;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Privacy;

/// <summary>
/// Where a person's ids stand outside of the person's own rows: in sentences about imports, and in hashes. No index leads there, so these tables are read
/// through, of the scope where they have one.
/// </summary>
internal sealed class PersonMentions(HokifyDbContext db, int scopeId, Func<ErasureSecret> secret)
{
    private readonly List<PersonMention> _found = [];
    private readonly List<string> _notKnown = [];

    public IReadOnlyList<PersonMention> Found => _found;

    public IReadOnlyList<string> NotKnown => _notKnown;

    public async Task FindAsync(IReadOnlyList<Candidate> people, IReadOnlyList<CandidateProfile> applications, IReadOnlyCollection<string> references, CancellationToken cancellationToken)
    {
        // Sentences of ours have ids; what others have said may name the person by an address as well.
        var names = people.SelectMany(c => new[] { c.Columns.Email, c.Columns.HokifyMail }).OfType<string>().Where(name => name.Length > 0).Concat(references).Distinct().ToList();
        await InRowsAsync("ImportRun", db.ImportRuns.AsNoTracking().Where(r => r.ScopeId == scopeId).OrderBy(r => r.CreatedAt).ThenBy(r => r.Id), r => ($"{r.Id}", r.CreatedAt), names, cancellationToken);

        // Events have no column that says of which scope they are; the same id in another one is somebody else's.
        await InRowsAsync("PendingEvent", db.PendingEvents.AsNoTracking().OrderBy(e => e.CreatedAt).ThenBy(e => e.Id), e => ($"{e.Id}", e.CreatedAt), names, cancellationToken, e => PendingEvents.EventOf(e.Event).ScopeId == scopeId);
        await InBatchesAsync(people, references, cancellationToken);
        await AmongTheErasedAsync(people, applications, cancellationToken);
    }

    /// <summary>What of a text has one of these in it: of JSON the strings that do, of anything else all of it.</summary>
    public static IEnumerable<string> In(string text, IReadOnlyCollection<string> names)
    {
        if (!names.Any(name => Has(text, name)))
        {
            return [];
        }

        using var json = StoredJson.Parse(text);
        return json is { RootElement.ValueKind: JsonValueKind.Object or JsonValueKind.Array } ? Strings(json.RootElement).Where(value => names.Any(name => Has(value, name))).Distinct().ToList() : [text];
    }

    private static bool Has(string text, string name) => name.Contains('@', StringComparison.Ordinal) ? WholeText.HasAddress(text, name) : WholeText.HasId(text, name);

    private static IEnumerable<string> Strings(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(member => Strings(member.Value)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(Strings),
        JsonValueKind.String => [element.GetString()!],
        _ => [],
    };

    private async Task InRowsAsync<TRow>(
        string name,
        IQueryable<TRow> rows,
        Func<TRow, (string Key, DateTimeOffset At)> keyOf,
        IReadOnlyCollection<string> names,
        CancellationToken cancellationToken,
        Predicate<TRow>? isOfScope = null)
        where TRow : class
    {
        var table = DataMap.Of(name);
        var columns = table.Columns.Where(column => column.Subject == DataSubject.Applicant).ToList();
        await foreach (var row in rows.AsAsyncEnumerable().WithCancellation(cancellationToken))
        {
            if (isOfScope?.Invoke(row) is false)
            {
                continue;
            }

            foreach (var column in columns)
            {
                if (table.ValueOf(row, column) is string text)
                {
                    var (key, at) = keyOf(row);
                    _found.AddRange(In(text, names).Select(said => new PersonMention(name, column.Name, key, at, said)));
                }
            }
        }
    }

    /// <summary>What an import that is not completed has seen, by the hashes that it would have of this person.</summary>
    private async Task InBatchesAsync(IReadOnlyList<Candidate> people, IReadOnlyCollection<string> references, CancellationToken cancellationToken)
    {
        var seen = references.Select(RecordKeys.Of).SelectMany(key => new[] { key, RecordKeys.FailureOf(key), RecordKeys.RecoveryOf(key) })
            .Concat(people.SelectMany(person => new[] { RecordKeys.OfPlanned(new PersonId(person.ReferenceId)), RecordKeys.OfLeft(person.Id) })).ToHashSet();
        var batches = db.RunBatches.AsNoTracking().Where(b => db.ImportRuns.Any(r => r.Id == b.RunId && r.ScopeId == scopeId)).OrderBy(b => b.RunId).ThenBy(b => b.Number);
        await foreach (var batch in batches.AsAsyncEnumerable().WithCancellation(cancellationToken))
        {
            foreach (var key in MemoryMarshal.Cast<byte, UInt128>(batch.RecordKeys).ToArray().Where(seen.Contains))
            {
                _found.Add(new PersonMention("RunBatch", nameof(RunBatch.RecordKeys), FormattableString.Invariant($"{batch.RunId}/{batch.Number}"), null, Convert.ToHexStringLower(RecordKeys.ToBytes([key]))));
            }
        }
    }

    /// <summary>Whoever was erased and came back has a hash of then, which only the key finds.</summary>
    private async Task AmongTheErasedAsync(IReadOnlyList<Candidate> people, IReadOnlyList<CandidateProfile> applications, CancellationToken cancellationToken)
    {
        if (!await db.ErasedKeys.AnyAsync(e => e.ScopeId == scopeId, cancellationToken))
        {
            return;
        }

        try
        {
            var hashes = new ErasureHashes(secret());
            var wanted = people.SelectMany(c => hashes.Of(scopeId, c.ReferenceId, c.Columns).Concat(hashes.OfAddresses(scopeId, c.Columns)))
                .Concat(applications.Select(p => hashes.Application(scopeId, p.ReferenceId))).DistinctBy(Convert.ToHexString).ToList();
            var erased = await Lookups.ListAsync(wanted, some => db.ErasedKeys.AsNoTracking().Where(e => e.ScopeId == scopeId && some.Contains(e.Hash)), cancellationToken);
            _found.AddRange(erased.Select(one => new PersonMention("ErasedKey", nameof(ErasedKey.Hash), Convert.ToHexStringLower(one.Hash), one.ErasedAt, Convert.ToHexStringLower(one.Hash))));
        }
        catch (InvalidOperationException exception)
        {
            _notKnown.Add($"Whether the person was erased before cannot be told: {exception.Message}");
        }
    }
}
