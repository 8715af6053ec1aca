using HokifyMessaging.Runs;
using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Writing;

/// <summary>What a change of the erasure key did, or would do.</summary>
/// <param name="Place">Where the key is.</param>
/// <param name="Hashes">How many hashes of ids and addresses of erased people were, or would be, made anew.</param>
/// <param name="Grows">Whether a new key was, or would be, made; otherwise the key had grown already and the database comes up to it.</param>
internal sealed record ChangedKey(string Place, int Hashes, bool Grows);

/// <summary>
/// Changes the erasure key, for the day on which somebody else may know it. Nobody can hash anew what nobody knows any more, so the
/// hashes themselves are hashed with the new key; the old one stays a part of the key, and is of no use by itself.
/// </summary>
internal sealed partial class ErasureRekeying(
    IDbContextFactory<HokifyDbContext> contexts, ErasureKeys keys, ScopeErrands errands, TimeProvider clock, ILogger<ErasureRekeying> logger)
{
    private const int HashesAtATime = 1_000;

    /// <summary>Changes it. What breaks off is taken up by doing it again.</summary>
    /// <param name="isSure">False to change nothing and only tell what would be done.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="InvalidOperationException">There is no key, it is not this database's, or there is no newer one; the sentence says what to do.</exception>
    /// <exception cref="ScopeAtWorkException">An import is at work in a scope; the database was not changed.</exception>
    public async Task<ChangedKey> ChangeAsync(bool isSure, CancellationToken cancellationToken)
    {
        var (key, changed) = await LookAsync(cancellationToken);
        if (!isSure)
        {
            return changed;
        }

        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var scopes = await db.Scopes.Select(s => s.ScopeId).OrderBy(id => id).ToListAsync(cancellationToken);
        await HoldAsync(
            scopes,
            write => CommitAsync(write, cancellationToken),
            async commit =>
            {
                // Somebody else may have changed it before all scopes were held.
                (key, changed) = await LookAsync(cancellationToken);
                await ChangeAsync(key, changed, commit);
            },
            cancellationToken);
        return changed;
    }

    /// <summary>Hashes all that a database has with the keys that it does not know yet.</summary>
    /// <param name="db">The database, in a transaction in which nobody else writes hashes.</param>
    /// <param name="key">The key that its own has grown into.</param>
    /// <param name="now">When that is.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task LiftAsync(HokifyDbContext db, ErasureKeyChain key, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var rows = await db.ErasedKeys.AsNoTracking().ToListAsync(cancellationToken);
        if (rows.Find(r => r.ScopeId == ErasedKey.OfNobody) is not { } noted || key.PartOf(noted.Hash) is not { } made || made == key.Length)
        {
            return;
        }

        await db.ErasedKeys.ExecuteDeleteAsync(cancellationToken);
        db.ErasedKeys.Add(new ErasedKey { ScopeId = ErasedKey.OfNobody, Hash = key.Check, ErasedAt = now });
        foreach (var some in rows.Where(r => r.ScopeId != ErasedKey.OfNobody).Chunk(HashesAtATime))
        {
            db.ErasedKeys.AddRange(some.Select(r => new ErasedKey { ScopeId = r.ScopeId, Hash = key.Lift(r.Hash, made), ErasedAt = r.ErasedAt }));
            await db.SaveChangesAsync(cancellationToken);
            db.ChangeTracker.Clear();
        }

        foreach (var request in await db.ErasureRequests.ToListAsync(cancellationToken))
        {
            request.Asked = key.Lift(request.Asked, made);
            request.Hashes = request.Hashes?.Chunk(ErasureKeyChain.HashLength).SelectMany(hash => key.Lift(hash, made)).ToArray();
        }

        await db.SaveChangesAsync(cancellationToken);
        db.ChangeTracker.Clear();
    }

    /// <summary>The key as it is, and what changing it would do.</summary>
    private async Task<(ErasureKeyChain Key, ChangedKey Change)> LookAsync(CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        if (await ErasureKeys.FingerprintAsync(db, cancellationToken) is null)
        {
            await keys.RequireAsync(cancellationToken);
        }

        var present = keys.Present() ?? throw new InvalidOperationException($"The erasure key {keys.Place} is missing; {ErasureSecret.WhatToDo}");
        var made = present.PartOf(await ErasureKeys.FingerprintAsync(db, cancellationToken))
            ?? throw new InvalidOperationException($"{present.Place} is not the erasure key that belongs to this database, so nothing was changed; {ErasureSecret.WhatToDo}");
        var grows = made == present.Key.Length;
        if (grows && keys.KeyFile() is null)
        {
            throw new InvalidOperationException(
                $"{present.Place} holds the key that the database has, and none that is newer; put a new one, {ErasureSecret.What}, behind it with a comma between, and run this again.");
        }

        return (present.Key, new ChangedKey(present.Place, await db.ErasedKeys.CountAsync(ErasedKey.IsOfSomebody, cancellationToken), grows));
    }

    private async Task ChangeAsync(ErasureKeyChain key, ChangedKey changed, CommitOf commit)
    {
        if (changed.Grows)
        {
            // The file first: a key that no database knows is of no harm, and hashes whose key nobody has are lost.
            key = key.Grown();
            keys.KeyFile()!.Replace(key);
        }

        await commit(async (db, token) =>
        {
            var now = clock.GetUtcNow();
            await LiftAsync(db, key, now, token);
            db.Audit.Add(AuditEntry.Of(Actor.OfUser(), now, Deed.ChangeErasureKey(changed.Hashes)));
        });
        LogChanged(logger, changed.Hashes, Environment.UserName, Environment.MachineName);
    }

    /// <summary>Works while no import of any scope is under way: one that had begun with the old key would not recognize the new hashes.</summary>
    private async Task HoldAsync(List<int> scopes, CommitOf commit, Func<CommitOf, Task> work, CancellationToken cancellationToken)
    {
        if (scopes.Count == 0)
        {
            await work(commit);
            return;
        }

        await errands.RunAsync(
            scopes[0],
            async (held, token) =>
            {
                await HoldAsync(scopes[1..], held, work, token);
                return scopes[0];
            },
            cancellationToken);
    }

    /// <summary>Where there is no scope yet, there is nobody to be kept out of it.</summary>
    private async Task CommitAsync(Func<HokifyDbContext, CancellationToken, Task> write, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.BeginWritingAsync(cancellationToken);
        await write(db, cancellationToken);
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    [LoggerMessage(LogLevel.Warning, "The erasure key was changed by {User} on {Machine}: {Hashes} hashes of erased ids and addresses were made anew; services that are running have to be started again")]
    private static partial void LogChanged(ILogger logger, int hashes, string user, string machine);
}
