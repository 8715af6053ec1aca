using HokifyMessaging.Machine;

namespace HokifyMessaging.Privacy;

/// <summary>What an application's retention depends on. Facts, as they are stored: what follows from them, the settings say, and those may change.</summary>
/// <param name="Received">When the person applied, or the application first came.</param>
/// <param name="Changed">When it last changed: at the source where that is known, else here.</param>
/// <param name="Stage">At which stage it is.</param>
/// <param name="StageSince">Since when it is known to be at one of the stages that mean a rejection; null where it is at none.</param>
/// <param name="HasConsent">Whether the person has agreed to be kept for other jobs.</param>
internal sealed record RetentionFacts(DateTimeOffset Received, DateTimeOffset Changed, string? Stage, DateTimeOffset? StageSince, bool HasConsent)
{
    /// <summary>When it was rejected. Nothing happens to an application before it is received.</summary>
    public DateTimeOffset? Rejected => StageSince < Received ? Received : StageSince;
}

/// <summary>For how long a scope's applications are kept. Pure: the same facts give the same instant.</summary>
internal sealed record RetentionRule(RetentionStart From, int? Months, int? AtMostMonths, int? PoolMonths, int? ClaimMonths, IReadOnlySet<string> RejectionStages, TimeZoneInfo Zone)
{
    /// <summary>A month may be three days shorter than another.</summary>
    private const int Slack = 4;

    /// <summary>What the settings say; what is set beats what is usual.</summary>
    public static RetentionRule Of(ScopeRetentionOptions options, TimeZoneInfo zone)
    {
        var (from, months) = options.Preset switch
        {
            RetentionPreset.Austria => (RetentionStart.Receipt, (int?)7),
            RetentionPreset.Germany => (RetentionStart.Rejection, 6),
            _ => (RetentionStart.Receipt, null),
        };
        return new RetentionRule(
            options.CountedFrom ?? from,
            options.Months ?? months,
            options.AtMostMonths,
            options.TalentPool.Months,
            options.ClaimMonths,
            options.RejectionStages.Select(stage => stage.Trim()).ToHashSet(StringComparer.OrdinalIgnoreCase),
            zone);
    }

    /// <summary>Whether anything is ever forgotten by it.</summary>
    public bool Forgets => Months is not null || AtMostMonths is not null;

    /// <summary>From when on an application is to be forgotten: the end of the day on which its last month is full. Null where it is kept.</summary>
    public DateTimeOffset? ForgetFrom(RetentionFacts facts)
    {
        var due = Earlier(Months is { } months && StartOf(facts) is { } start ? After(start, months) : null, AtMostMonths is { } most ? After(facts.Received, most) : null);
        return due is { } at && facts.HasConsent && PoolMonths is { } pool && After(facts.Received, pool) is var end && end > at ? end : due;
    }

    /// <summary>Until when an erasure on request has to wait for claims that can still be made; null where it does not.</summary>
    public DateTimeOffset? ClaimEnd(RetentionFacts facts) => ClaimMonths is { } months ? After(facts.Rejected ?? facts.Received, months) : null;

    /// <summary>An application that was received later is not forgotten by an instant. One that was received before may be: what else there is of it decides.</summary>
    public DateTimeOffset LatestReceipt(DateTimeOffset until)
    {
        var months = Math.Min(Months ?? int.MaxValue, AtMostMonths ?? int.MaxValue);
        var day = LocalDays.DayOf(until, Zone);
        return day.Year * 12 <= months + 12 ? DateTimeOffset.MinValue : LocalDays.EndOf(day.AddMonths(-months).AddDays(Slack), Zone);
    }

    /// <summary>Whether an instant of receipt leaves the talent pool anything to decide at another.</summary>
    public bool MayBeInPool(DateTimeOffset received, DateTimeOffset now) => PoolMonths is { } pool && After(received, pool) > now;

    private DateTimeOffset? StartOf(RetentionFacts facts) => From switch
    {
        RetentionStart.Rejection => facts.Rejected,
        RetentionStart.LastChange => facts.Changed < facts.Received ? facts.Received : facts.Changed,
        _ => facts.Received,
    };

    private DateTimeOffset After(DateTimeOffset start, int months) => LocalDays.EndOf(LocalDays.DayOf(start, Zone).AddMonths(months), Zone);

    private static DateTimeOffset? Earlier(DateTimeOffset? one, DateTimeOffset? other) => one is null || other < one ? other : one;
}
