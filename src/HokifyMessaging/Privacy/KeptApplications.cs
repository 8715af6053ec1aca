using HokifyMessaging.Storage;
using HokifyMessaging.Writing;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Privacy;

/// <summary>For how long an application is kept, as things are.</summary>
/// <param name="Until">Until when by the rule; null where it forgets it never.</param>
/// <param name="IsHeld">Whether it is on hold, and kept longer if need be.</param>
/// <param name="HeldUntil">Until when it is; null where nobody knows.</param>
internal sealed record KeptApplication(DateTimeOffset? Until, bool IsHeld, DateTimeOffset? HeldUntil);

/// <summary>Finds out for how long applications are kept.</summary>
internal sealed class KeptApplications(IDbContextFactory<HokifyDbContext> contexts, RetentionRules rules, TimeProvider clock)
{
    /// <summary>The scope's rule; null where it is not configured any more.</summary>
    public RetentionRule? RuleOf(int scopeId) => rules.Of(scopeId);

    /// <returns>By the keys of their rows.</returns>
    public async Task<IReadOnlyDictionary<long, KeptApplication>> FindAsync(int scopeId, IReadOnlyCollection<CandidateProfile> applications, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var (rule, holds) = (rules.Of(scopeId), await HeldRows.FindAsync(db, scopeId, clock.GetUtcNow(), cancellationToken));
        var facts = rule is not { Forgets: true }
            ? new Dictionary<long, RetentionFacts>()
            : await new AgedApplications(db, scopeId, rule, rules.PoolOf(scopeId)).FactsOfAsync(applications.Select(one => one.Id), cancellationToken);
        return applications.ToDictionary(one => one.Id, one =>
        {
            var (isHeld, until) = holds.HoldOf([one.CandidateId], [one.Id]);
            return new KeptApplication(facts.TryGetValue(one.Id, out var known) ? rule!.ForgetFrom(known) : null, isHeld, until);
        });
    }
}
