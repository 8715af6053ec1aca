using HokifyMessaging.Machine;
using HokifyMessaging.Storage;
using HokifyMessaging.Telemetry;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Privacy;

/// <summary>What killed programs have left in the folder for temporary files of the machine that does the round: files of runs, what came by standard input, unpacked backups.</summary>
internal sealed class AgedFiles(IDbContextFactory<HokifyDbContext> contexts, IOptions<HokifyOptions> options) : AgedPart(contexts)
{
    public override string What => "temporary files";

    protected override TimeSpan? Age { get; } = options.Value.Retention.Files;

    protected override bool IsOfInstallation => true;

    protected override Task<AgedRows> GoThroughAsync(RetentionRound round, DateTimeOffset before, CancellationToken cancellationToken)
    {
        var left = TemporaryFiles.LeftIn(Path.GetTempPath(), before);
        var gone = round.IsDry ? 0 : left.Count(TemporaryFiles.TryRemove);
        ImportMetrics.Forgot(scopeId: null, What, gone);
        return Task.FromResult(new AgedRows(round.IsDry ? left.Count : gone, Held: 0));
    }
}
