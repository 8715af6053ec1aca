using HokifyMessaging.Planning;
using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Runs;

/// <summary>The plan that a run was asked to apply is not what it would do now: it has written nothing.</summary>
/// <param name="message">The sentence; it names applications and fields, and no value.</param>
internal sealed class PlanRefusedException(string message) : Exception(VisibleText.Of(message, FailureEvents.ReasonLength));

/// <summary>One entry in which a plan that was made again differs from the one that was to be applied.</summary>
/// <param name="Entry">The entry of the new plan; of the old one where the new one has none.</param>
/// <param name="Kind">How it differs.</param>
/// <param name="Fields">In which fields, where both have it.</param>
internal sealed record PlanEntryDifference(PlanEntryKey Entry, PlanDifference Kind, IReadOnlyList<string> Fields);

/// <summary>Which entry of which run's plan.</summary>
internal readonly record struct PlanEntryKey(Guid RunId, long Number, PlannedChange Change, string ElementName, string ReferenceId);

/// <summary>The plans that runs have kept: what tells them apart, and in what they differ.</summary>
internal sealed class StoredPlans(FencedTransactions transactions)
{
    /// <summary>So many differences are looked at field by field: the sentence names few.</summary>
    private const int MostDescribed = 5;

    /// <summary>The digest of what a run has planned; null where the plan had no room for all of it.</summary>
    public async Task<string?> DigestAsync(RunInProgress run, CancellationToken cancellationToken)
    {
        if (run.IsPlanTooLarge)
        {
            return null;
        }

        var hashes = await transactions.ReadAsync((db, token) => Shown(db, run.RunId).Select(e => e.Hash).ToListAsync(token), cancellationToken);
        return PlanHash.Digest(run.Request.ScopeId, run.Request.ImportMode.ToString(), run.Request.UnixSecondsFrom, hashes);
    }

    /// <summary>The run that made the plan which another was asked to apply; null where it is not whole any more.</summary>
    public Task<Guid?> WholeAsync(RunInProgress run, CancellationToken cancellationToken) => transactions.ReadAsync(
        async (db, token) => (await MadeBy(db, run.Request.ScopeId, run.Request.PlanDigest!).Where(r => r.PlanForgottenAt == null).Select(r => new { r.Id }).FirstOrDefaultAsync(token))?.Id,
        cancellationToken);

    /// <summary>The dry runs that have made this plan, the last one first.</summary>
    public static IQueryable<ImportRun> MadeBy(HokifyDbContext db, int scopeId, string digest) =>
        db.ImportRuns.Where(r => r.ScopeId == scopeId && r.PlanDigest == digest && r.DryRun).OrderByDescending(r => r.CompletedAt);

    /// <summary>In what the plan of a run differs from another's, by what is shown of both.</summary>
    public async Task<IReadOnlyList<PlanEntryDifference>> CompareAsync(RunInProgress run, Guid asked, CancellationToken cancellationToken)
    {
        var (now, then) = (await EntriesAsync(run.RunId, cancellationToken), await EntriesAsync(asked, cancellationToken));
        var differences = new List<PlanEntryDifference>();
        foreach (var (key, entry) in now)
        {
            if (!then.TryGetValue(key, out var before))
            {
                differences.Add(new PlanEntryDifference(entry.Key, PlanDifference.Added, []));
            }
            else if (!before.Hash.AsSpan().SequenceEqual(entry.Hash))
            {
                var fields = differences.Count < MostDescribed ? await FieldsAsync(entry.Key, before.Key, cancellationToken) : [];
                differences.Add(new PlanEntryDifference(entry.Key, PlanDifference.Changed, fields));
            }
        }

        differences.AddRange(then.Where(entry => !now.ContainsKey(entry.Key)).Select(entry => new PlanEntryDifference(entry.Value.Key, PlanDifference.Gone, [])));
        return [.. differences.OrderBy(d => d.Entry.ElementName != ElementNames.CandidateProfile).ThenBy(d => d.Entry.ReferenceId, StringComparer.Ordinal)];
    }

    /// <summary>The sentence of a run whose plan is not the one that was asked for.</summary>
    public static string Sentence(IReadOnlyList<PlanEntryDifference> differences)
    {
        var first = differences.Take(MostDescribed).Select(Clause).ToList();
        var more = differences.Count - first.Count;
        return FormattableString.Invariant(
            $"hokify or the database has moved since the plan was made, and nothing was written: {string.Join("; ", first)}{(more > 0 ? $"; and {more} more" : "")}. Make a new plan with a dry run.");
    }

    private static string Clause(PlanEntryDifference difference)
    {
        var what = difference.Entry.ElementName switch
        {
            ElementNames.Candidate => $"person {difference.Entry.ReferenceId}",
            ElementNames.CandidateProfile => $"application {difference.Entry.ReferenceId}",
            _ => $"the record {difference.Entry.ReferenceId}",
        };
        var would = difference.Entry.Change switch
        {
            PlannedChange.Refused => "be refused",
            var change => $"be {change.ToString().ToLowerInvariant()}",
        };
        return difference.Kind switch
        {
            PlanDifference.Added => $"{what} would now {would}, which the plan does not have",
            PlanDifference.Gone => $"{what} would no longer {would}",
            _ => difference.Fields.Count == 0 ? $"{what} would now {would} otherwise" : $"{what} differs in {string.Join(", ", difference.Fields)}",
        };
    }

    /// <summary>Notes differences on the run's own entries; of what only the other plan has, it gets a copy. To do it again changes nothing.</summary>
    public static async Task NoteAsync(HokifyDbContext db, RunInProgress run, IReadOnlyList<PlanEntryDifference> differences, CancellationToken cancellationToken)
    {
        foreach (var some in differences.Where(d => d.Kind != PlanDifference.Gone).GroupBy(d => d.Kind))
        {
            await Lookups.ForAsync(some.Select(d => d.Entry.Number), numbers => db.PlanEntries.Where(e => e.RunId == run.RunId && numbers.Contains(e.Number)).ExecuteUpdateAsync(
                set => set.SetProperty(e => e.Difference, some.Key), cancellationToken));
        }

        var gone = differences.Where(d => d.Kind == PlanDifference.Gone).ToList();
        if (gone.Count == 0)
        {
            return;
        }

        var last = await db.PlanEntries.Where(e => e.RunId == run.RunId).OrderByDescending(e => e.Number).Select(e => e.Number).FirstOrDefaultAsync(cancellationToken);
        var (of, numbers) = (gone[0].Entry.RunId, gone.Select(d => d.Entry.Number));
        foreach (var entry in await Lookups.ListAsync(numbers, some => db.PlanEntries.AsNoTracking().Where(e => e.RunId == of && some.Contains(e.Number)), cancellationToken))
        {
            if (!await db.PlanEntries.AnyAsync(e => e.RunId == run.RunId && e.ElementName == entry.ElementName && e.ReferenceId == entry.ReferenceId, cancellationToken))
            {
                (entry.RunId, entry.Number, entry.Difference) = (run.RunId, ++last, PlanDifference.Gone);
                (entry.State, entry.Payload, entry.PersonKey, entry.Before) = (null, null, null, null);
                db.PlanEntries.Add(entry);
            }
        }
    }

    /// <summary>What is shown of a plan: what only remembers a newer record is not, nor is what the run does not have by itself.</summary>
    public static IQueryable<PlanEntry> Shown(HokifyDbContext db, Guid runId) =>
        db.PlanEntries.AsNoTracking().Where(e => e.RunId == runId && e.Kind != PlannedChange.Confirmed && (e.Difference == null || e.Difference != PlanDifference.Gone));

    private async Task<Dictionary<(string Element, string Reference), (PlanEntryKey Key, byte[] Hash)>> EntriesAsync(Guid runId, CancellationToken cancellationToken)
    {
        var entries = await transactions.ReadAsync(
            (db, token) => Shown(db, runId).Select(e => new { e.Number, e.Kind, e.ElementName, e.ReferenceId, e.Hash }).ToListAsync(token), cancellationToken);
        return entries.ToDictionary(e => (e.ElementName, e.ReferenceId), e => (new PlanEntryKey(runId, e.Number, e.Kind, e.ElementName, e.ReferenceId), e.Hash));
    }

    private async Task<IReadOnlyList<string>> FieldsAsync(PlanEntryKey one, PlanEntryKey other, CancellationToken cancellationToken)
    {
        var (now, then) = (await FieldsAsync(one, cancellationToken), await FieldsAsync(other, cancellationToken));
        return PlannedFields.Differences(now, then);
    }

    private Task<string?> FieldsAsync(PlanEntryKey entry, CancellationToken cancellationToken) => transactions.ReadAsync(
        (db, token) => db.PlanEntries.Where(e => e.RunId == entry.RunId && e.Number == entry.Number).Select(e => e.Fields).SingleOrDefaultAsync(token), cancellationToken);
}
