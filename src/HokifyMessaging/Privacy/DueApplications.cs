using HokifyMessaging.Storage;
using HokifyMessaging.Telemetry;
using HokifyMessaging.Writing;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Privacy;

/// <summary>
/// Forgets the applications that have been kept long enough. Which those are is found by the instant of receipt, which an index has; what is due decides itself once more in the
/// transaction that forgets it, for an import may have changed an application since, and somebody may have put it on hold.
/// </summary>
internal sealed class DueApplications(
    RetentionRules rules, IDbContextFactory<HokifyDbContext> contexts, Func<ErasureSecret> secret, TimeProvider clock) : IRetentionPart
{
    public const string What = "applications";

    /// <summary>How many one transaction forgets: more, and an import would wait for it.</summary>
    public const int AtATime = 100;

    /// <summary>For so many the sentences of all runs are looked through once.</summary>
    private const int AtASentence = 10_000;

    public bool Concerns(int scopeId) => rules.Of(scopeId) is { Forgets: true };

    public async Task<IReadOnlyList<RetentionCount>> RunAsync(RetentionRound round, CancellationToken cancellationToken)
    {
        var (due, soon, held) = (new List<long>(), 0L, 0L);
        await using (var db = await contexts.CreateDbContextAsync(cancellationToken))
        {
            var holds = await HeldRows.FindAsync(db, round.ScopeId, round.Now, cancellationToken);
            await foreach (var one in Aged(db, round.ScopeId).ThroughAsync(round.Now + RetentionRound.Ahead, cancellationToken))
            {
                if (holds.Holds(one.CandidateId, one.Id))
                {
                    held++;
                }
                else if (one.ForgetFrom <= round.Now)
                {
                    due.Add(one.Id);
                }
                else
                {
                    soon++;
                }
            }
        }

        var forgotten = round.IsDry ? 0 : await ForgetAsync(round, due, cancellationToken);
        return [new RetentionCount(What, due.Count, soon, held, forgotten)];
    }

    private async Task<long> ForgetAsync(RetentionRound round, List<long> due, CancellationToken cancellationToken)
    {
        var hashes = new ErasureHashes(secret());
        var forgotten = 0L;
        foreach (var many in due.Chunk(AtASentence))
        {
            var since = await NamelessSentencesAsync(round, many, hashes, cancellationToken);
            foreach (var some in many.Chunk(AtATime))
            {
                var gone = 0;
                await round.Commit(async (db, token) => gone = await ForgetAsync(db, round, some, hashes, since, token));
                forgotten += gone;
                ImportMetrics.Forgot(round.ScopeId, What, gone);
            }
        }

        return forgotten;
    }

    private async Task<int> ForgetAsync(HokifyDbContext db, RetentionRound round, long[] some, ErasureHashes hashes, DateTimeOffset since, CancellationToken cancellationToken)
    {
        await secret().RequireUnchangedAsync(db, cancellationToken);
        var holds = await HeldRows.FindAsync(db, round.ScopeId, round.Now, cancellationToken);
        var due = await Aged(db, round.ScopeId).AmongAsync(some, round.Now, cancellationToken);
        var applications = new ForgottenApplications(db, round.ScopeId, hashes);
        var plan = await applications.PlanAsync([.. due.Where(one => !holds.Holds(one.CandidateId, one.Id)).Select(one => one.Id)], [], cancellationToken);
        return (await applications.ForgetAsync(plan with { SentencesSince = since }, clock.GetUtcNow(), cancellationToken)).Profiles;
    }

    /// <summary>
    /// Takes the ids of many out of the sentences of the runs that have ended, each run by itself. To look through all of them takes too long for a transaction; and behind the
    /// rows it could not be done at all, for with the rows the ids are gone.
    /// </summary>
    /// <returns>When that began.</returns>
    private async Task<DateTimeOffset> NamelessSentencesAsync(RetentionRound round, long[] many, ErasureHashes hashes, CancellationToken cancellationToken)
    {
        var since = clock.GetUtcNow();
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var plan = await new ForgottenApplications(db, round.ScopeId, hashes).PlanAsync(many, [], cancellationToken);
        HashSet<string> ids = [.. plan.References, .. plan.Settled];
        foreach (var run in await new NamelessRuns(db, round.ScopeId, ids).FindAsync(cancellationToken))
        {
            await round.Commit((writing, token) => new NamelessRuns(writing, round.ScopeId, ids).ForgetAsync(run, token));
        }

        return since;
    }

    private AgedApplications Aged(HokifyDbContext db, int scopeId) => new(db, scopeId, rules.Of(scopeId)!, rules.PoolOf(scopeId));
}
