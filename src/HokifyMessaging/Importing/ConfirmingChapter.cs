using HokifyMessaging.Reading;
using HokifyMessaging.Runs;
using HokifyMessaging.Storage;
using HokifyMessaging.Writing;

namespace HokifyMessaging.Importing;

/// <summary>
/// The chapter of a full import that looks again for what the first read did not bring, until it is proven gone: nothing is
/// deleted on the word of a read that something may have slipped through.
/// </summary>
internal sealed class ConfirmingChapter(ApplicationSources sources, MissingApplications missing) : IChapter
{
    public RunPhase Phase => RunPhase.Confirming;

    public async IAsyncEnumerable<ImportStep> StepsAsync(RunInProgress run, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var leave = ImportStep.To(RunPhase.Deleting);
        var source = sources.For(run.Request.ScopeId);
        var isProven = source.ProvesAbsence && !run.Seen[RunPhase.Reading].Contains(RecordKeys.Patched);
        if (!MissingApplications.MayBeDeleted(run) || isProven || !await missing.AnyAsync(run, cancellationToken))
        {
            yield return leave;
            yield break;
        }

        var pass = ConfirmingPass.Parse(run.Progress.Position.Checkpoint) ?? ConfirmingPass.First(source.Present);
        var (before, brought) = (new HashSet<UInt128>(), new HashSet<UInt128>());
        while (true)
        {
            await foreach (var page in source.ReadAsync(pass.Window, pass.Checkpoint, cancellationToken).Traced(run.Request.ScopeId, cancellationToken))
            {
                var slipped = page.Records.Where(record => IsUnknown(run, RecordKeys.Of(record))).ToList();
                // The first pass brings everything; only what later ones bring is little enough to be remembered.
                var contents = pass.From is null ? [] : page.Records.Select(ContentOf).ToList();
                pass = pass.With(page, pass.From is null || contents.Exists(content => !before.Contains(content)));
                brought.UnionWith(contents);
                var counted = new ImportTally();
                counted.Count(Stat.Slipped, slipped.Count);
                yield return new ImportStep(new RunPosition(RunPhase.Confirming, pass.ToString())) { Records = slipped, Read = counted };
            }

            if (pass.Proves(source.ProvesAbsence) || !await missing.AnyAsync(run, cancellationToken))
            {
                break;
            }

            if (pass.Number >= ConfirmingPass.Most)
            {
                leave = leave with { Marks = [RecordKeys.Unproven] };
                break;
            }

            (before, brought) = (brought, []);
            pass = pass.Next(source.Present);
        }

        yield return leave;
    }

    /// <summary>A record that has changed since is another one.</summary>
    private static UInt128 ContentOf(SourceRecord record) => record.Hash ?? RecordKeys.Of(record);

    private static bool IsUnknown(RunInProgress run, UInt128 key) =>
        !run.Seen[RunPhase.Reading].Contains(key) && !run.Seen[RunPhase.Confirming].Contains(key);
}
