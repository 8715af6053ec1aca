using HokifyMessaging.Applications;
using HokifyMessaging.Reading;
using HokifyMessaging.Runs;
using HokifyMessaging.Storage;
using HokifyMessaging.Writing;

namespace HokifyMessaging;

/// <summary>
/// The chapter of a full import that looks again for what the first read did not bring, until it is proven gone: nothing is
/// deleted on the word of a read that something may have slipped through.
/// </summary>
internal sealed class ConfirmingChapter(
    ApplicationSources sources, ApplicationMapping mapping, ApplicationWriter writer, MissingApplications missing, FencedTransactions transactions)
{
    /// <returns>Whether it came to its end; otherwise the run stands at its checkpoint.</returns>
    public async Task<bool> ConfirmAsync(RunInProgress run, Func<bool> isOver, CancellationToken cancellationToken)
    {
        if (run.Phase != RunPhase.Confirming)
        {
            return true;
        }

        var source = sources.For(run.Request.ScopeId);
        var isProven = source.ProvesAbsence && !run.Seen[RunPhase.Reading].Contains(RecordKeys.Patched);
        if (MissingApplications.MayBeDeleted(run) && !isProven && await missing.AnyAsync(run, cancellationToken))
        {
            var pass = ConfirmingPass.Parse(run.Checkpoint) ?? ConfirmingPass.First(source.Present);
            var brought = new HashSet<UInt128>();
            while (await ReadAsync(run, source, pass, brought, isOver, cancellationToken) is { } read)
            {
                if (read.Proves(source.ProvesAbsence) || !await missing.AnyAsync(run, cancellationToken))
                {
                    return await LeaveAsync(run, [], cancellationToken);
                }

                if (read.Number >= ConfirmingPass.Most)
                {
                    return await LeaveAsync(run, [RecordKeys.Unproven], cancellationToken);
                }

                pass = read.Next(source.Present);
            }

            return false;
        }

        return await LeaveAsync(run, [], cancellationToken);
    }

    /// <param name="brought">What the pass before has brought; then what this one has.</param>
    /// <returns>The pass as it ended; null if it was interrupted.</returns>
    private async Task<ConfirmingPass?> ReadAsync(
        RunInProgress run, IApplicationSource source, ConfirmingPass pass, HashSet<UInt128> brought, Func<bool> isOver, CancellationToken cancellationToken)
    {
        var before = brought.ToHashSet();
        brought.Clear();
        await foreach (var page in source.ReadAsync(pass.Window, pass.Checkpoint, cancellationToken))
        {
            var slipped = page.Records.Where(record => IsUnknown(run, RecordKeys.Of(record))).Select(record => BatchRecord.Of(record, mapping)).ToList();
            // The first pass brings everything; only what later ones bring is little enough to be remembered.
            var contents = pass.From is null ? [] : page.Records.Select(ContentOf).ToList();
            pass = pass.With(page, pass.From is null || contents.Exists(content => !before.Contains(content)));
            brought.UnionWith(contents);
            var counted = new ImportTally();
            counted.Count(Stat.Slipped, slipped.Count);
            await writer.WriteAsync(run, new RecordBatch(slipped, counted, new RunPosition(RunPhase.Confirming, pass.ToString())), cancellationToken);
            if (isOver())
            {
                return null;
            }
        }

        return pass;
    }

    private async Task<bool> LeaveAsync(RunInProgress run, List<UInt128> marks, CancellationToken cancellationToken)
    {
        await transactions.CommitAsync(
            run,
            (_, _) => Task.FromResult(new RunStep(new ImportTally(), marks) { Position = new RunPosition(RunPhase.Deleting, null) }),
            cancellationToken);
        return true;
    }

    /// <summary>A record that has changed since is another one.</summary>
    private static UInt128 ContentOf(ApplicationRecord record) =>
        record is ApplicationRecord.Unread unread ? unread.Hash : RecordKeys.Of(record);

    private static bool IsUnknown(RunInProgress run, UInt128 key) =>
        !run.Seen[RunPhase.Reading].Contains(key) && !run.Seen[RunPhase.Confirming].Contains(key);
}
