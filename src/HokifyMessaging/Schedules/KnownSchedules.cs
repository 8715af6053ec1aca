using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Schedules;

/// <summary>Where a schedule says what it says.</summary>
internal enum ScheduleOrigin
{
    /// <summary>In the settings, where alone it can be changed.</summary>
    Settings,

    /// <summary>In the database: somebody has added it to the running service.</summary>
    Stored,
}

/// <summary>A schedule.</summary>
/// <param name="ScopeId">Its scope.</param>
/// <param name="Name">Its name.</param>
/// <param name="Schedule">What it says.</param>
/// <param name="Origin">Where it says so.</param>
internal sealed record KnownSchedule(int ScopeId, string Name, ScheduleOptions Schedule, ScheduleOrigin Origin)
{
    /// <summary>What keeps it from having any times, in one sentence; null for nothing. What is stored may come from a machine that knows more time zones.</summary>
    public string? Problem => Origin == ScheduleOrigin.Settings ? null : ScheduleSettings.Problems(Schedule, setting => $"{setting} of schedule {Name} of scope {Invariant(ScopeId)}").FirstOrDefault();

    private static string Invariant(int number) => number.ToString(CultureInfo.InvariantCulture);
}

/// <summary>All schedules there are: those of the settings, and those that somebody has added. The settings have precedence.</summary>
internal sealed class KnownSchedules(IDbContextFactory<HokifyDbContext> contexts, IOptions<HokifyOptions> options)
{
    /// <summary>Those that this program has in its settings.</summary>
    public IReadOnlyList<KnownSchedule> OfSettings { get; } =
    [
        .. options.Value.Scopes.SelectMany(scope => scope.Value.Schedules.Select(one => new KnownSchedule(scope.Key, one.Key, one.Value, ScheduleOrigin.Settings))),
    ];

    /// <summary>Those of the scopes that this program has in its settings: what is to become of others, whoever has them there decides.</summary>
    public async Task<IReadOnlyList<KnownSchedule>> ListAsync(CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return Among(await db.Schedules.AsNoTracking().Where(s => s.Cron != null).ToListAsync(cancellationToken));
    }

    /// <summary>Those of the settings and, of some rows, those that say something themselves.</summary>
    public IReadOnlyList<KnownSchedule> Among(IEnumerable<ScheduleState> rows) =>
    [
        .. OfSettings,
        .. from row in rows
           let stored = row.Stored
           where stored is not null && options.Value.Scopes.ContainsKey(row.ScopeId) && InSettings(row.ScopeId, row.Name) is null
           orderby row.ScopeId, row.Name
           select new KnownSchedule(row.ScopeId, row.Name, stored, ScheduleOrigin.Stored),
    ];

    /// <summary>The name of a schedule as the settings have it, whatever the case of its letters; null where they have none.</summary>
    public string? InSettings(int scopeId, string name) =>
        options.Value.Scopes.GetValueOrDefault(scopeId)?.Schedules.Keys.FirstOrDefault(key => key.Equals(name, StringComparison.OrdinalIgnoreCase));
}
