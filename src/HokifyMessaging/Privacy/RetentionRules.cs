namespace HokifyMessaging.Privacy;

/// <summary>The rules of the scopes, as they are configured.</summary>
internal sealed class RetentionRules(IOptions<HokifyOptions> options)
{
    private readonly TimeZoneInfo _zone = options.Value.RetentionZone;

    /// <summary>The zone in which days are counted.</summary>
    public TimeZoneInfo Zone => _zone;

    /// <summary>A scope's rule; null where the scope is not configured: then nobody says that anything of it may be forgotten.</summary>
    public RetentionRule? Of(int scopeId) => options.Value.Scopes.GetValueOrDefault(scopeId) is { } scope ? RetentionRule.Of(scope.Retention, _zone) : null;

    /// <summary>How a scope's people agree to be kept longer.</summary>
    public TalentPool PoolOf(int scopeId) => new(options.Value.Scopes.GetValueOrDefault(scopeId)?.Retention.TalentPool ?? new TalentPoolOptions());
}
