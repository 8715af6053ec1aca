using HokifyMessaging.Storage;
using HokifyMessaging.Writing;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Privacy;

/// <summary>What forbids an erasure now.</summary>
/// <param name="Until">Until when; null until a hold is released that has no end.</param>
internal sealed record ErasureDeferral(DateTimeOffset? Until)
{
    /// <summary>Decides. Null where nothing forbids it.</summary>
    /// <param name="hold">Whether anything of the people is on hold, and until when.</param>
    /// <param name="claimsEnd">Until when claims can be made; null where there are none.</param>
    /// <param name="now">The time.</param>
    public static ErasureDeferral? Of((bool IsHeld, DateTimeOffset? Until) hold, DateTimeOffset? claimsEnd, DateTimeOffset now) => (hold.IsHeld, claimsEnd > now) switch
    {
        (true, _) when hold.Until is null => new ErasureDeferral(Until: null),
        (true, true) => new ErasureDeferral(hold.Until > claimsEnd ? hold.Until : claimsEnd),
        (true, false) => new ErasureDeferral(hold.Until),
        (false, true) => new ErasureDeferral(claimsEnd),
        _ => null,
    };
}

/// <summary>Finds what forbids erasures.</summary>
internal sealed class ErasureDeferrals(RetentionRules rules, TimeProvider clock)
{
    /// <summary>What forbids to erase some people now; null where nothing does.</summary>
    /// <param name="db">The database.</param>
    /// <param name="scopeId">The scope.</param>
    /// <param name="candidates">The keys of the people's rows.</param>
    /// <param name="cancellationToken">Gives up asking.</param>
    public async Task<ErasureDeferral?> FindAsync(HokifyDbContext db, int scopeId, IReadOnlyCollection<long> candidates, CancellationToken cancellationToken)
    {
        var (now, rule) = (clock.GetUtcNow(), rules.Of(scopeId));
        var holds = await HeldRows.FindAsync(db, scopeId, now, cancellationToken);
        if (candidates.Count == 0 || (holds.IsEmpty && rule?.ClaimMonths is null))
        {
            return null;
        }

        var profiles = await Lookups.ListAsync(
            candidates, some => db.CandidateProfiles.Where(p => some.Contains(p.CandidateId) && p.ReceivedAt != null).Select(p => p.Id), cancellationToken);
        return ErasureDeferral.Of(holds.HoldOf(candidates, profiles), await ClaimsEndAsync(db, scopeId, rule, profiles, cancellationToken), now);
    }

    private async Task<DateTimeOffset?> ClaimsEndAsync(HokifyDbContext db, int scopeId, RetentionRule? rule, List<long> profiles, CancellationToken cancellationToken) =>
        rule?.ClaimMonths is null ? null
        : (await new AgedApplications(db, scopeId, rule, rules.PoolOf(scopeId)).FactsOfAsync(profiles, cancellationToken)).Values.Select(rule.ClaimEnd).Max();
}
