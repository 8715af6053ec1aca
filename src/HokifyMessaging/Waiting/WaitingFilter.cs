using HokifyMessaging.Storage;

namespace HokifyMessaging.Waiting;

/// <summary>Which of the records that could not be stored and wait. All that is given has to be met.</summary>
internal sealed record WaitingFilter
{
    /// <summary>The longest text to look for in reasons.</summary>
    public const int TextLength = RetryRamp.TextLength;

    /// <summary>Of these scopes alone; null for all.</summary>
    public IReadOnlyCollection<int>? ScopeIds { get; init; }

    /// <summary>Those that are tried again by themselves, or those that wait for an operator; null for both.</summary>
    public ActivityStatus? Status { get; init; }

    /// <summary>Of this cause; null for any.</summary>
    public FailureCause? Cause { get; init; }

    /// <summary>Of this field; empty for those whose fault is of no field, null for any.</summary>
    public string? Field { get; init; }

    /// <summary>Those that this run failed to store, first or last; null for any.</summary>
    public Guid? RunId { get; init; }

    /// <summary>Those whose reason has this text in it, in capitals or not; null for any.</summary>
    public string? Text { get; init; }

    /// <summary>The one that goes by this id; null for any.</summary>
    public string? ReferenceId { get; init; }

    /// <summary>These rows alone, which somebody has picked; null for any.</summary>
    public IReadOnlyCollection<long>? Ids { get; init; }

    /// <summary>All that wait and meet it.</summary>
    public IQueryable<ActivityLog> Of(IQueryable<ActivityLog> logs)
    {
        // Both states are always named, and the one that is wanted is a parameter: so SQLite sees that the index of what waits has all of them.
        logs = logs.Where(l => l.Status == ActivityStatus.Open || l.Status == ActivityStatus.Parked);
        if (Status is { } status)
        {
            logs = logs.Where(l => l.Status == status);
        }

        if (ScopeIds is { } scopes)
        {
            logs = scopes.Count == 1 ? OfScope(logs, scopes.First()) : logs.Where(l => scopes.Contains(l.ScopeId));
        }

        if (Cause is { } cause)
        {
            logs = logs.Where(l => l.Cause == cause);
        }

        if (Field is { } field)
        {
            logs = field.Length == 0 ? logs.Where(l => l.Field == null) : logs.Where(l => l.Field == field);
        }

        if (RunId is { } run)
        {
            logs = logs.Where(l => l.RunId == run || l.LastRunId == run);
        }

        if (ReferenceId is { } reference)
        {
            logs = logs.Where(l => l.ReferenceId == reference);
        }

        if (Ids is { } ids)
        {
            logs = logs.Where(l => ids.Contains(l.Id));
        }

        if (Text is { Length: > 0 } text)
        {
            var lower = text.ToLowerInvariant();
#pragma warning disable CA1304, CA1311, CA1862 // The database has no cultures.
            logs = logs.Where(l => l.ResultData!.ToLower().Contains(lower));
#pragma warning restore CA1304, CA1311, CA1862
        }

        return logs;
    }

    /// <summary>What it says, for the audit log: no id of a record and no words of anybody's.</summary>
    public override string ToString()
    {
        string?[] parts =
        [
            Status is { } status ? (status == ActivityStatus.Parked ? "parked" : "open") : null,
            Cause is { } cause ? $"cause {cause}" : null,
            Field is { } field ? (field.Length == 0 ? "of no field" : $"field {field}") : null,
            RunId is { } run ? $"run {run}" : null,
            Text is { Length: > 0 } ? "by words of the reason" : null,
            ReferenceId is null ? null : "one by its id",
            Ids is { } ids ? string.Create(CultureInfo.InvariantCulture, $"{ids.Count} picked by hand") : null,
        ];
        return parts.OfType<string>().ToList() is { Count: > 0 } given ? string.Join(", ", given) : "all";
    }

    private static IQueryable<ActivityLog> OfScope(IQueryable<ActivityLog> logs, int scopeId) => logs.Where(l => l.ScopeId == scopeId);
}
