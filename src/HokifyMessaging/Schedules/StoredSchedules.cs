using HokifyMessaging.Runs;
using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Schedules;

/// <summary>A schedule cannot be as it was asked for; the message is one sentence, or several lines of one.</summary>
internal sealed class ScheduleRefusedException(string message) : Exception(message);

/// <summary>Adds schedules to those of the settings, changes and removes them. Every running service heeds it within half a minute, and none has to be started anew.</summary>
internal sealed class StoredSchedules(
    IDbContextFactory<HokifyDbContext> contexts, KnownSchedules known, IOptions<HokifyOptions> options, TransientRetries retries, TimeProvider clock)
{
    /// <summary>So many may be added to a scope: each is looked at in every round, and a page lists all of them.</summary>
    public const int MostOfScope = 20;

    /// <summary>Adds one.</summary>
    /// <param name="scopeId">The scope, which has to be in the settings.</param>
    /// <param name="name">A name that the scope has no schedule of.</param>
    /// <param name="schedule">What it says.</param>
    /// <param name="placeOf">How whoever asks names each of its settings.</param>
    /// <param name="actor">Who asks.</param>
    /// <param name="cancellationToken">Gives up; nothing is added then.</param>
    /// <exception cref="ScheduleRefusedException">There is something wrong with it.</exception>
    public Task AddAsync(int scopeId, string name, ScheduleOptions schedule, Func<string, string> placeOf, Actor actor, CancellationToken cancellationToken)
    {
        Require(scopeId, name, schedule, placeOf);
        return WriteAsync(
            scopeId,
            (rows, now, attempt) =>
            {
                if (Named(rows, name) is { Stored: not null } there)
                {
                    // It may be our own, by a commit of which we never heard.
                    return attempt.HasLeft(there.ChangedAt) ? null
                        : throw new ScheduleRefusedException($"Scope {Text(scopeId)} has a schedule '{there.Name}' already, which {there.ChangedBy} added or changed at {Instant.Of(there.ChangedAt!.Value)}.");
                }

                if (rows.Count(row => row.Stored is not null) >= MostOfScope)
                {
                    throw new ScheduleRefusedException($"Scope {Text(scopeId)} has {Text(MostOfScope)} schedules beside those of the settings, which is the most; remove one that is no longer needed.");
                }

                var row = Named(rows, name);
                if (row is null)
                {
                    row = new ScheduleState { ScopeId = scopeId, Name = name };
                    rows.Add(row);
                }

                // What another of the same name had come to is not its past.
                (row.FirstSeenAt, row.LastInstant, row.Outcome, row.PausedAt, row.PausedBy, row.PauseReason) = (now, now, null, null, null, null);
                row.Say(schedule, attempt.Begun, AuditEntry.Shown(actor.Name, AuditEntry.NameLength));
                return AuditEntry.Of(actor, attempt.Begun, Deed.AddSchedule(scopeId, row.Name, schedule));
            },
            cancellationToken);
    }

    /// <summary>Has one say something else from now on; its times from before are not made up for.</summary>
    /// <exception cref="ScheduleRefusedException">There is something wrong with it, or there is none of the name.</exception>
    public Task ChangeAsync(int scopeId, string name, ScheduleOptions schedule, Func<string, string> placeOf, Actor actor, CancellationToken cancellationToken)
    {
        Require(scopeId, name, schedule, placeOf);
        return WriteAsync(
            scopeId,
            (rows, now, attempt) =>
            {
                var row = Required(rows, scopeId, name);
                if (attempt.HasLeft(row.ChangedAt))
                {
                    return null;
                }

                var before = row.Stored!;
                row.FirstSeenAt = now;
                row.Say(schedule, attempt.Begun, AuditEntry.Shown(actor.Name, AuditEntry.NameLength));
                return AuditEntry.Of(actor, attempt.Begun, Deed.ChangeSchedule(scopeId, row.Name, before, schedule));
            },
            cancellationToken);
    }

    /// <summary>Removes one. An import that it has asked for goes on.</summary>
    /// <returns>Its name, as it was stored.</returns>
    /// <exception cref="ScheduleRefusedException">There is none of the name, or it stands in the settings.</exception>
    public async Task<string> RemoveAsync(int scopeId, string name, Actor actor, CancellationToken cancellationToken)
    {
        var removed = name;
        await WriteAsync(
            scopeId,
            (rows, _, attempt) =>
            {
                if (attempt.IsAgain && Named(rows, name)?.Stored is null)
                {
                    return null;
                }

                var row = Required(rows, scopeId, name);
                var before = row.Stored!;
                removed = row.Name;
                rows.Remove(row);
                return AuditEntry.Of(actor, attempt.Begun, Deed.RemoveSchedule(scopeId, row.Name, before));
            },
            cancellationToken);
        return removed;
    }

    private void Require(int scopeId, string name, ScheduleOptions schedule, Func<string, string> placeOf)
    {
        if (!options.Value.Scopes.ContainsKey(scopeId))
        {
            throw new ScheduleRefusedException($"Scope {Text(scopeId)} is not in the settings, so that nothing could be imported into it.");
        }

        var problems = new List<string>();
        if (ScheduleSettings.NameProblem(name) is { } problem)
        {
            problems.Add($"{placeOf("Name")} is '{VisibleText.Of(name)}'; {problem}.");
        }

        problems.AddRange(ScheduleSettings.Problems(schedule, placeOf));
        foreach (var (setting, text, most) in new[] { (nameof(schedule.Cron), schedule.Cron, ScheduleState.CronLength), (nameof(schedule.TimeZone), schedule.TimeZone, ScheduleState.TimeZoneLength) })
        {
            if (text.Length > most)
            {
                problems.Add($"{placeOf(setting)} has {Text(text.Length)} characters; it must have at most {Text(most)}.");
            }
        }

        if (problems.Count > 0)
        {
            throw new ScheduleRefusedException(string.Join('\n', problems));
        }

        if (known.InSettings(scopeId, name) is { } taken)
        {
            throw new ScheduleRefusedException($"Scope {Text(scopeId)} has a schedule '{taken}' in the settings (Hokify:Scopes:{Text(scopeId)}:Schedules:{taken}); one that is added needs another name.");
        }
    }

    private ScheduleState Required(ScopeRows rows, int scopeId, string name) => Named(rows, name) is { Stored: not null } row ? row
        : known.InSettings(scopeId, name) is { } inSettings
            ? throw new ScheduleRefusedException($"Schedule '{inSettings}' of scope {Text(scopeId)} stands in the settings (Hokify:Scopes:{Text(scopeId)}:Schedules:{inSettings}), and can be changed or removed there alone.")
            : throw new ScheduleRefusedException($"Scope {Text(scopeId)} has no schedule '{VisibleText.Of(name)}'; somebody may have removed it.");

    /// <summary>Databases differ in whether the case of letters counts; here it does not.</summary>
    private static ScheduleState? Named(ScopeRows rows, string name) => rows.SingleOrDefault(row => row.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    private async Task WriteAsync(int scopeId, Func<ScopeRows, DateTimeOffset, Attempt, AuditEntry?> write, CancellationToken cancellationToken)
    {
        await ScopeErrands.EnsureAsync(contexts, scopeId, cancellationToken);
        await retries.ExecuteAsync(
            async (attempt, token) =>
            {
                await using var db = await contexts.CreateDbContextAsync(token);
                await using var transaction = await db.BeginWritingAsync(token);
                await RowLocks.ScopeAsync(db, scopeId, token);
                var rows = new ScopeRows(db, await db.Schedules.Where(s => s.ScopeId == scopeId).ToListAsync(token));
                if (write(rows, clock.GetUtcNow(), attempt) is { } entry)
                {
                    db.Audit.Add(entry);
                }

                await db.SaveChangesAsync(token);
                await transaction.CommitAsync(token);
                return true;
            },
            cancellationToken);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>The schedules of a scope while it is locked.</summary>
    private sealed class ScopeRows(HokifyDbContext db, List<ScheduleState> rows)
    {
        public int Count(Func<ScheduleState, bool> isCounted) => rows.Count(isCounted);

        public ScheduleState? SingleOrDefault(Func<ScheduleState, bool> isMeant) => rows.SingleOrDefault(isMeant);

        public void Add(ScheduleState row) => db.Schedules.Add(row);

        public void Remove(ScheduleState row) => db.Schedules.Remove(row);
    }
}
