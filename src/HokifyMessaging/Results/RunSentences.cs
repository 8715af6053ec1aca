using HokifyMessaging.Planning;
using HokifyMessaging.Runs;
using HokifyMessaging.Storage;

namespace HokifyMessaging.Results;

/// <summary>A run in sentences: what it was asked, what it read, what it counted, what went wrong. Nothing of a person.</summary>
/// <param name="run">The run.</param>
/// <param name="result">What it has counted.</param>
/// <param name="scope">The name of its scope.</param>
/// <param name="zone">The time zone of the instants.</param>
internal sealed class RunSentences(ImportRun run, ExportImportResult result, string scope, TimeZoneInfo zone)
{
    public IReadOnlyList<string> Logs =>
    [
        Text($"Run {run.Id}: {(run.DryRun ? "dry run of " : "")}{run.ImportMode} import of scope {run.ScopeId}, {scope}."),
        Window,
        State,
        Text($"Retrying: {Stats(Stat.Retried)} waiting {Stats(Stat.Retried):record|records} tried again, {Stats(Stat.RetriesSucceeded)} of them stored, {Stats(Stat.Parked)} parked."),
        Text($"Reading: {Stats(Stat.Fetched)} {Stats(Stat.Fetched):record|records} in {Stats(Stat.Pages)} {Stats(Stat.Pages):page|pages}, {Stats(Stat.Duplicates)} read before, {Stats(Stat.Slipped)} found by the second read only, {Stats(Stat.UnknownFields)} unknown {Stats(Stat.UnknownFields):field|fields}."),
        Text($"Writing: {Stats(Stat.Batches)} {Stats(Stat.Batches):batch|batches}; {Stats(Stat.Rejected)} {Stats(Stat.Rejected):record|records} rejected, {Stats(Stat.Failed)} refused by the database, {Stats(Stat.Stale)} older than what is stored."),
        Text($"Privacy: {Stats(Stat.Erased)} {Stats(Stat.Erased):person|people} erased, {Stats(Stat.ErasedWithheld)} {Stats(Stat.ErasedWithheld):record|records} of erased people withheld."),
        .. Elements.Select(element => Text(
            $"{element}: {Of(result.CreatedCounts, element)} created, {Of(result.UpdatedCounts, element)} updated, {Of(result.DeletedCounts, element)} deleted, {Of(result.UnchangedCounts, element)} unchanged.")),
        .. Details,
    ];

    public IReadOnlyList<string> ExceptionLogs
    {
        get
        {
            var listed = result.Exceptions.Values.SelectMany(exceptions => exceptions).Select(e => e.Message ?? e.ClassName).ToList();
            var more = result.ErrorCount - listed.Count;
            if (more > 0)
            {
                listed.Add(Text($"{more} further {more:failure is|failures are} counted and not listed."));
            }

            return [.. listed, .. Failures];
        }
    }

    /// <summary>What went wrong with the run as a whole; nothing of a single record.</summary>
    public IReadOnlyList<string> OfWholeRun =>
        [.. result.Exceptions.Values.SelectMany(exceptions => exceptions).Where(e => e.Source == nameof(DeletionGuard)).Select(e => e.Message).OfType<string>(), .. Failures];

    private IEnumerable<string> Failures =>
        run.Failure is { } failure ? [Text($"The run as a whole failed, {run.Failures} {run.Failures:time|times} so far, the last time with: {failure}")] : [];

    private string Window => run switch
    {
        { WindowTo: null } => "It has not begun.",
        { WindowFrom: null, WindowTo: { } to } => $"It read everything up to {Text(to)}.",
        { WindowFrom: { } from, WindowTo: { } to } => $"It read what is new or changed from {Text(from)} to {Text(to)}.",
    };

    private string State => run.CompletedAt is { } end && run.StartedAt is { } start
        ? $"It began {Text(start)} and ended {Text(end)}."
        : $"It is {run.State} in the phase {run.Phase}; the figures are those so far.";

    /// <summary>A file without rows must not be taken for that of an import that did nothing.</summary>
    private IEnumerable<string> Details => AreDetailsGone ? [Text($"What it did to each record is no longer kept, since {Text(run.DetailsForgottenAt!.Value)}; the figures are.")] : [];

    /// <summary>Whether there was something to be told of single records, which is not kept any more.</summary>
    public bool AreDetailsGone => run.DetailsForgottenAt is not null
        && (result.ErrorCount > 0 || Stats(Stat.Retried) > 0 || new[] { result.CreatedCounts, result.UpdatedCounts, result.DeletedCounts }.Any(counts => counts.Values.Sum() > 0));

    private IEnumerable<string> Elements =>
        new[] { result.CreatedCounts, result.UpdatedCounts, result.DeletedCounts, result.UnchangedCounts }
            .SelectMany(counts => counts.Keys).Distinct().Order(StringComparer.Ordinal);

    private int Stats(string name) => Of(result.StatsCounter, name);

    private static int Of(IReadOnlyDictionary<string, int> counts, string name) => counts.GetValueOrDefault(name);

    private string Text(DateTimeOffset instant) =>
        TimeZoneInfo.ConvertTime(instant, zone).ToString(RunCsvWriter.InstantFormat, CultureInfo.InvariantCulture);

    private static string Text(FormattableString sentence) => Counted.Text(sentence);
}
