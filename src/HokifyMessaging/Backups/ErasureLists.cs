using HokifyMessaging.Runs;
using HokifyMessaging.Storage;
using HokifyMessaging.Writing;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Backups;

/// <summary>What a database was told of the erased of one scope.</summary>
/// <param name="ScopeId">The scope.</param>
/// <param name="Erased">What became of it.</param>
internal sealed record ToldScope(int ScopeId, ErasedAgain Erased);

/// <summary>Takes the list of the erased out of a database, and tells it to another, of whichever kind: a restored backup, or a new database.</summary>
internal sealed class ErasureLists(IDbContextFactory<HokifyDbContext> contexts, ErasureKeys keys, ScopeErrands errands, WriteAheadLog log, TimeProvider clock)
{
    /// <summary>The list as the database has it.</summary>
    /// <exception cref="InvalidOperationException">The database does not know its erasure key yet, and that is missing or damaged.</exception>
    public async Task<ErasureList> ExportAsync(CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        if (await ErasureKeys.FingerprintAsync(db, cancellationToken) is null)
        {
            await keys.RequireAsync(cancellationToken);
        }

        var erasures = await db.ErasedKeys.AsNoTracking().Where(ErasedKey.IsOfSomebody).OrderBy(e => e.ScopeId).ThenBy(e => e.ErasedAt).ThenBy(e => e.Hash)
            .Select(e => new RememberedErasure(e.ScopeId, e.Hash, e.ErasedAt)).ToListAsync(cancellationToken);
        return new ErasureList("", await ErasureKeys.FingerprintAsync(db, cancellationToken), erasures);
    }

    /// <summary>Erases whom a list names, scope by scope, each in the turn of an import.</summary>
    /// <param name="list">The list.</param>
    /// <param name="cancellationToken">Gives up; what was erased stays so.</param>
    /// <exception cref="BackupException">It was made with another key.</exception>
    /// <exception cref="ScopeAtWorkException">An import is at work in a scope.</exception>
    public async Task<IReadOnlyList<ToldScope>> ImportAsync(ErasureList list, CancellationToken cancellationToken)
    {
        await keys.RequireAsync(cancellationToken);
        if (list.Erasures.Count == 0)
        {
            return [];
        }

        var key = keys.Present() ?? throw new InvalidOperationException($"The erasure key {keys.Place} has gone; {ErasureSecret.WhatToDo}");
        if (key.PartOf(list.ErasureKey) is null)
        {
            throw new BackupException($"{list.Place} was made with another erasure key than {key.Place}, so that nobody can be recognized by it; use the key that it was made with, or a list of this database's own.");
        }

        var told = new List<ToldScope>();
        var replay = new ErasureReplay(new ErasureSecret(key.Key), clock);
        foreach (var scope in key.Lift(list.Erasures, list.ErasureKey).GroupBy(e => e.ScopeId).OrderBy(of => of.Key))
        {
            told.Add(new ToldScope(scope.Key, await errands.RunAsync(scope.Key, (commit, token) => TellAsync(scope.Key, [.. scope], commit, token), cancellationToken)));
        }

        await log.EmptyAsync(cancellationToken);
        return told;

        async Task<ErasedAgain> TellAsync(int scopeId, List<RememberedErasure> erasures, CommitOf commit, CancellationToken token)
        {
            await using var db = await contexts.CreateDbContextAsync(token);
            var erased = await replay.ReplayAsync(db, scopeId, erasures, commit, token);
            if (erased != new ErasedAgain(0, 0, 0))
            {
                await commit((done, _) =>
                {
                    done.Audit.Add(AuditEntry.Of(Actor.OfUser(), clock.GetUtcNow(), Deed.ImportErasures(scopeId, erased.Hashes, erased.People)));
                    return Task.CompletedTask;
                });
            }

            return erased;
        }
    }
}
