using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Writing;

/// <summary>The secret behind the hashes of erased people. It is read when it is first needed.</summary>
internal sealed class ErasureSecret
{
    private readonly Lazy<ErasureKeyChain> _key;

    public ErasureSecret(IOptions<HokifyOptions> options, IOptions<DatabaseOptions> database, IDbContextFactory<HokifyDbContext> contexts)
    {
        // What fails may succeed the next time, when somebody has put the file back.
        _key = new Lazy<ErasureKeyChain>(() => Read(options.Value.Privacy.ErasureKey, database.Value, contexts), LazyThreadSafetyMode.PublicationOnly);
    }

    /// <summary>A key that is at hand.</summary>
    public ErasureSecret(ErasureKeyChain key) => _key = new Lazy<ErasureKeyChain>(key);

    /// <exception cref="InvalidOperationException">The key is not there, or is none.</exception>
    public ErasureKeyChain Key => _key.Value;

    /// <exception cref="InvalidOperationException">The key is not there, or is none.</exception>
    public byte[] Hash(int scopeId, string kind, string value) => Key.Hash(scopeId, kind, value);

    /// <summary>Another process may have changed the key since this one has read it: with the old one nobody would be recognized, or kept out, any more.</summary>
    /// <exception cref="StorageException">The database has another key by now.</exception>
    public async Task RequireUnchangedAsync(HokifyDbContext db, CancellationToken cancellationToken)
    {
        var check = Key.Check;
        if (!await db.ErasedKeys.AnyAsync(e => e.ScopeId == ErasedKey.OfNobody && e.Hash == check, cancellationToken)
            && await db.ErasedKeys.AnyAsync(e => e.ScopeId == ErasedKey.OfNobody, cancellationToken))
        {
            throw new StorageException(
                "The erasure key of the database was changed while the service was running, so that it recognizes nobody who was erased; start the service again, with the key that belongs to the database.");
        }
    }

    private static ErasureKeyChain Read(string? configured, DatabaseOptions database, IDbContextFactory<HokifyDbContext> contexts)
    {
        if (configured is { Length: > 0 })
        {
            return ErasureKeyChain.Parse(configured) ?? throw new InvalidOperationException($"Hokify:Privacy:ErasureKey is no erasure key, which is {What}.");
        }

        if (database.Provider != DatabaseProvider.Sqlite)
        {
            throw new InvalidOperationException(
                "Hokify:Privacy:ErasureKey is empty; with SQL Server set it to base64 of at least 32 random bytes, through the environment or user secrets.");
        }

        if (SqliteFile.PathOf(database.ConnectionString) is not { } path)
        {
            return ErasureKeyChain.New();
        }

        var file = new ErasureKeyFile(path);
        if (!file.Exists)
        {
            using var db = contexts.CreateDbContext();
            if (db.ErasedKeys.Any(ErasedKey.IsOfSomebody))
            {
                throw new InvalidOperationException(
                    $"The erasure key {file.Path} is missing, and the database remembers erased people whom only that key can recognize; {WhatToDo}");
            }

            file.Make();
        }

        return file.Read() ?? throw new InvalidOperationException($"{file.Path} is not an erasure key, which is {What}; {WhatToDo}");
    }

    /// <summary>What a key is, for sentences.</summary>
    public const string What = "base64 of at least 32 bytes";

    public const string WhatToDo =
        "restore it from a backup, give it as Hokify:Privacy:ErasureKey, or say with 'hokify erasures forget-key --yes' that it is lost for good.";
}
