using HokifyMessaging.Storage;
using HokifyMessaging.Writing;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Backups;

/// <summary>Brings a backup, in the file that it was unpacked to, to where it can take the place of the database.</summary>
/// <param name="file">The file.</param>
/// <param name="manifest">What the backup says of itself.</param>
/// <param name="replaced">The database in whose place it goes; null where there is none.</param>
/// <param name="clock">The time.</param>
internal sealed class RestoredState(string file, BackupManifest manifest, ReplacedDatabase? replaced, TimeProvider clock)
{
    /// <param name="key">The erasure key; null where there are no hashes.</param>
    /// <param name="lists">Who else is known to be erased.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What there is to be told of it.</returns>
    public async Task<RestoredDatabase> PrepareAsync(PresentKey? key, IReadOnlyList<ErasureList> lists, CancellationToken cancellationToken)
    {
        await using var connection = SqliteCopies.ConnectionTo(file);
        await connection.OpenAsync(cancellationToken);
        await using (var settings = connection.CreateCommand())
        {
            // Of the erased nothing is left behind either; and what breaks off here is thrown away.
            settings.CommandText = "PRAGMA secure_delete = ON; PRAGMA synchronous = OFF;";
            await settings.ExecuteNonQueryAsync(cancellationToken);
        }

        await using var db = SqliteCopies.Over(connection);
        var runs = await RunsAsync(db, cancellationToken);
        await HoldAsync(db, cancellationToken);
        var erased = key is null ? new ErasedAgain(0, 0, 0) : await EraseAsync(db, key, lists, cancellationToken);
        await FreeScopesAsync(db, cancellationToken);
        await EndRampsAsync(db, cancellationToken);
        await CarryAsync(db, cancellationToken);
        await AuditAsync(db, cancellationToken);
        await SqliteRewrite.RewriteAsync(connection, cancellationToken);
        return new RestoredDatabase
        {
            Manifest = manifest,
            Replaced = replaced is not null,
            Erased = erased,
            Runs = runs,
            Scopes = await ScopesAsync(db, cancellationToken),
        };
    }

    /// <summary>What is on hold is no matter of the past, and has to be known before anybody is erased.</summary>
    private async Task HoldAsync(SqliteHokifyDbContext db, CancellationToken cancellationToken)
    {
        if (replaced is null)
        {
            return;
        }

        await db.LegalHolds.ExecuteDeleteAsync(cancellationToken);
        foreach (var hold in replaced.Holds)
        {
            hold.Candidates = await replaced.Keys.PeopleInAsync(db, hold.Candidates, cancellationToken);
            hold.Profiles = await replaced.Keys.ApplicationsInAsync(db, hold.Profiles, cancellationToken);
            db.LegalHolds.Add(hold);
        }

        await db.SaveChangesAsync(cancellationToken);
        db.ChangeTracker.Clear();
    }

    private async Task<ErasedAgain> EraseAsync(SqliteHokifyDbContext db, PresentKey key, IReadOnlyList<ErasureList> lists, CancellationToken cancellationToken)
    {
        var (replay, erased) = (new ErasureReplay(new ErasureSecret(key.Key), clock), new ErasedAgain(0, 0, 0));

        // Each may be from before the key was changed.
        await CommitAsync((writing, token) => ErasureRekeying.LiftAsync(writing, key.Key, clock.GetUtcNow(), token));
        var ofReplaced = replaced is null ? [] : key.Lift(replaced.Erasures, replaced.ErasureKey);
        var known = ofReplaced.Concat(lists.SelectMany(list => key.Lift(list.Erasures, list.ErasureKey))).ToLookup(e => e.ScopeId);
        foreach (var scope in known)
        {
            erased = erased.Plus(await replay.ReplayAsync(db, scope.Key, [.. scope], CommitAsync, cancellationToken));
        }

        return erased;

        async Task CommitAsync(Func<HokifyDbContext, CancellationToken, Task> write)
        {
            await using var transaction = await db.BeginWritingAsync(cancellationToken);
            await write(db, cancellationToken);
            await db.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            db.ChangeTracker.Clear();
        }
    }

    /// <summary>
    /// Nobody works on what was in flight: the next worker takes it up at once. The numbers that only grow go on growing, so that a worker
    /// from before, and a file that was made before, are still told from those of now.
    /// </summary>
    private async Task FreeScopesAsync(SqliteHokifyDbContext db, CancellationToken cancellationToken)
    {
        var before = (replaced?.Scopes ?? []).ToDictionary(s => s.ScopeId);
        foreach (var scope in await db.Scopes.ToListAsync(cancellationToken))
        {
            var other = before.GetValueOrDefault(scope.ScopeId);
            scope.Fence = Math.Max(scope.Fence, other?.Fence ?? 0) + 1;
            scope.Revision = Math.Max(scope.Revision, other?.Revision ?? 0) + 1;
            scope.LeaseExpiresAt = scope.LeaseExpiresAt > manifest.TakenAt ? manifest.TakenAt : scope.LeaseExpiresAt;
            scope.NudgedAt = null;
        }

        await db.SaveChangesAsync(cancellationToken);
        await db.ImportRuns.Where(r => r.State != RunState.Completed && r.State != RunState.Cancelled)
            .ExecuteUpdateAsync(set => set.SetProperty(r => r.NudgedAt, (DateTimeOffset?)null), cancellationToken);
        db.ChangeTracker.Clear();
    }

    /// <summary>What was tried step by step since then nobody knows: the records are as they were, and whoever wants to starts it again.</summary>
    private async Task EndRampsAsync(SqliteHokifyDbContext db, CancellationToken cancellationToken)
    {
        DateTimeOffset? now = clock.GetUtcNow();
        await db.ActivityLogs.Where(l => l.RampId != null)
            .ExecuteUpdateAsync(set => set.SetProperty(l => l.RampId, (long?)null).SetProperty(l => l.RampStep, (int?)null), cancellationToken);
        await db.Ramps.Where(r => r.State != RampState.Ended).ExecuteUpdateAsync(
            set => set
                .SetProperty(r => r.State, RampState.Ended)
                .SetProperty(r => r.End, r => r.End ?? RampEnd.Restored)
                .SetProperty(r => r.EndedAt, r => r.EndedAt ?? now)
                .SetProperty(r => r.Text, (string?)null),
            cancellationToken);
    }

    /// <summary>What the broker has not heard, the keys of links that were given out and of sessions, which of these have ended, and how schedules stand, are no matter of the past.</summary>
    private async Task CarryAsync(SqliteHokifyDbContext db, CancellationToken cancellationToken)
    {
        if (replaced is null)
        {
            return;
        }

        await db.PendingEvents.ExecuteDeleteAsync(cancellationToken);
        db.PendingEvents.AddRange(replaced.PendingEvents);
        db.DataProtectionKeys.AddRange(replaced.DownloadKeys);
        await db.EndedSessions.ExecuteDeleteAsync(cancellationToken);
        db.EndedSessions.AddRange(replaced.EndedSessions);

        // A schedule that somebody has paused stays so, and what was imported at its times is not made up for. What was added or removed since is so as well;
        // but a database in which nothing has happened yet, on a new machine, knows of none.
        if (replaced.Runs.Count > 0 || replaced.Schedules.Any(schedule => schedule.Cron is not null))
        {
            await db.Schedules.ExecuteDeleteAsync(cancellationToken);
            db.Schedules.AddRange(replaced.Schedules);
        }

        await db.SaveChangesAsync(cancellationToken);
        db.ChangeTracker.Clear();
    }

    /// <summary>Who has done what is no matter of the past either; and that somebody has restored a backup belongs to it.</summary>
    private async Task AuditAsync(SqliteHokifyDbContext db, CancellationToken cancellationToken)
    {
        if (replaced is not null)
        {
            await db.Audit.ExecuteDeleteAsync(cancellationToken);
            db.Audit.AddRange(replaced.Audit);

            // They are done there, and their people erased here by now; or they are still to be done, and here as well.
            var done = replaced.ErasureRequests.Where(r => r.State is ErasureState.Done or ErasureState.Deferred).ToList();
            foreach (var deferred in done.Where(r => r.State == ErasureState.Deferred))
            {
                deferred.Candidates = await replaced.Keys.PeopleInAsync(db, deferred.Candidates, cancellationToken);
                deferred.Entries = "[]";
            }

            await Lookups.ForAsync(done.Select(r => r.Id), some => db.ErasureRequests.Where(r => some.Contains(r.Id)).ExecuteDeleteAsync(cancellationToken));
            db.ErasureRequests.AddRange(done);
            await db.SaveChangesAsync(cancellationToken);
        }

        db.Audit.Add(AuditEntry.Of(Actor.OfUser(), clock.GetUtcNow(), Deed.Restore(manifest.TakenAt)));
        await db.SaveChangesAsync(cancellationToken);
        db.ChangeTracker.Clear();
    }

    /// <summary>The runs of which the two databases say different things.</summary>
    private async Task<IReadOnlyList<ForgottenRun>> RunsAsync(SqliteHokifyDbContext db, CancellationToken cancellationToken)
    {
        if (replaced is null)
        {
            return [];
        }

        var stored = await db.ImportRuns.AsNoTracking().Select(r => new { r.Id, r.State, r.AnnouncedAt }).ToDictionaryAsync(r => r.Id, cancellationToken);
        return
        [
            .. from run in replaced.Runs
               let then = stored.GetValueOrDefault(run.Id)
               where then is null || then.State != run.State || (then.AnnouncedAt is null && run.AnnouncedAt is not null)
               select new ForgottenRun(run.Id, run.IdempotencyKey, run.ScopeId, run.State, then?.State, then?.AnnouncedAt is null ? run.AnnouncedAt : null),
        ];
    }

    private static async Task<IReadOnlyList<RestoredScope>> ScopesAsync(SqliteHokifyDbContext db, CancellationToken cancellationToken)
    {
        var unfinished = await db.ImportRuns.Where(r => r.State != RunState.Completed && r.State != RunState.Cancelled)
            .GroupBy(r => r.ScopeId).Select(of => new { of.Key, Count = of.Count() }).ToDictionaryAsync(of => of.Key, of => of.Count, cancellationToken);
        var scopes = await db.Scopes.AsNoTracking().OrderBy(s => s.ScopeId).Select(s => new { s.ScopeId, s.Watermark }).ToListAsync(cancellationToken);
        return [.. scopes.Select(s => new RestoredScope(s.ScopeId, s.Watermark, unfinished.GetValueOrDefault(s.ScopeId)))];
    }
}
