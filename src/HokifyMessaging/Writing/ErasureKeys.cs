using System.Data;
using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;

namespace HokifyMessaging.Writing;

/// <summary>
/// Makes sure that the erasure key is the one that belongs to the database, which has a keyed hash of a constant for that
/// purpose; and forgets a key that is lost, together with what nobody can use without it.
/// </summary>
internal sealed partial class ErasureKeys
{
    private readonly IDbContextFactory<HokifyDbContext> _contexts;
    private readonly Func<ErasureSecret> _secret;
    private readonly IConfiguration _configuration;
    private readonly DatabaseOptions _database;
    private readonly TimeProvider _clock;
    private readonly ILogger<ErasureKeys> _logger;

    public ErasureKeys(
        IDbContextFactory<HokifyDbContext> contexts,
        Func<ErasureSecret> secret,
        IConfiguration configuration,
        IOptions<DatabaseOptions> database,
        TimeProvider clock,
        ILogger<ErasureKeys> logger) =>
        (_contexts, _secret, _configuration, _database, _clock, _logger) = (contexts, secret, configuration, database.Value, clock, logger);

    /// <summary>Checks the configured key before anything is imported, and notes it in a database that knows none yet.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="InvalidOperationException">The key is missing, damaged or not this database's; the sentence says what to do.</exception>
    public async Task RequireAsync(CancellationToken cancellationToken)
    {
        await using var db = await _contexts.CreateDbContextAsync(cancellationToken);

        // A key that is made here and now is of no use to anybody else; that nobody needed the old one, the secret has made sure.
        var mayReplace = KeyFile() is { Exists: false };
        var key = _secret().Key;
        if (!IsAmong(await NotedAsync(db, cancellationToken), key.Check))
        {
            await NoteAsync(db, key, mayReplace, cancellationToken);
        }
    }

    /// <summary>The key as it is: none is made, and no database is asked.</summary>
    /// <returns>Null where there is none.</returns>
    /// <exception cref="InvalidOperationException">There is something in its place that is none.</exception>
    public PresentKey? Present() => Look() switch
    {
        ({ } key, _) => new PresentKey(KeyPlace(), key),
        (null, { } unusable) => throw new InvalidOperationException($"{unusable.Path} is not an erasure key, which is {ErasureSecret.What}; {ErasureSecret.WhatToDo}"),
        _ when Configured() is not null => throw new InvalidOperationException($"Hokify:Privacy:ErasureKey is not {ErasureSecret.What}."),
        _ => null,
    };

    /// <summary>Where the key is, or would be.</summary>
    public string Place => KeyPlace();

    /// <summary>What there is to be done where a key has grown and the database does not know it yet.</summary>
    public const string Newer = "is newer than the database, which knows its older part only; 'hokify erasures rekey --yes' brings the database up to it.";

    /// <summary>Which key the hashes of a database were made with; null where it knows none yet.</summary>
    public static async Task<string?> FingerprintAsync(HokifyDbContext db, CancellationToken cancellationToken) =>
        (await NotedAsync(db, cancellationToken)).Select(Convert.ToHexStringLower).FirstOrDefault();

    /// <summary>Deletes the hashes that nobody can use any more because their key is lost, so that a new key can be made.</summary>
    /// <param name="isSure">False to change nothing and only tell what would be done.</param>
    /// <param name="cancellationToken">Gives up; nothing is changed then.</param>
    /// <exception cref="InvalidOperationException">The key is there and belongs to this database.</exception>
    public async Task<ForgottenKey> ForgetAsync(bool isSure, CancellationToken cancellationToken)
    {
        await using var db = await _contexts.CreateDbContextAsync(cancellationToken);
        var (key, unusable) = Look();
        var noted = await NotedAsync(db, cancellationToken);
        if (key is not null && (noted.Count == 0 || noted.Exists(check => key.PartOf(check) is not null)))
        {
            throw new InvalidOperationException($"{KeyPlace()} is there and belongs to this database, so it is not lost, and nothing was deleted.");
        }

        var hashes = await db.ErasedKeys.CountAsync(ErasedKey.IsOfSomebody, cancellationToken);
        if (!isSure)
        {
            return new ForgottenKey(hashes, null);
        }

        await using (var transaction = await db.BeginWritingAsync(cancellationToken))
        {
            await db.ErasedKeys.ExecuteDeleteAsync(cancellationToken);
            db.Audit.Add(AuditEntry.Of(Actor.OfUser(), _clock.GetUtcNow(), Deed.ForgetErasureKey(hashes)));
            await db.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }

        var aside = unusable?.PutAside(_clock.GetUtcNow());
        LogForgotten(_logger, hashes, Environment.UserName, Environment.MachineName);
        return new ForgottenKey(hashes, aside);
    }

    /// <summary>How the key stands to the database; makes and notes none.</summary>
    /// <exception cref="InvalidOperationException">The file that should hold it cannot be read.</exception>
    public async Task<KeyStanding> LookAsync(CancellationToken cancellationToken)
    {
        await using var db = await _contexts.CreateDbContextAsync(cancellationToken);
        var (key, unusable) = Look();
        var noted = await NotedAsync(db, cancellationToken);
        var hashes = await db.ErasedKeys.CountAsync(ErasedKey.IsOfSomebody, cancellationToken);
        var state = unusable is not null || (key is null && Configured() is not null) ? KeyState.Unusable
            : key is null ? hashes == 0 ? KeyState.NotMadeYet : KeyState.Missing
            : noted.Count == 0 || IsAmong(noted, key.Check) ? KeyState.Belongs
            : noted.Exists(check => key.PartOf(check) is not null) ? KeyState.Newer
            : KeyState.OfAnother;
        return new KeyStanding(KeyPlace(), state, hashes);
    }

    /// <summary>The key as it is, without making one; or the file that should hold it and does not.</summary>
    private (ErasureKeyChain? Key, ErasureKeyFile? Unusable) Look()
    {
        if (Configured() is { } configured)
        {
            return (ErasureKeyChain.Parse(configured), null);
        }

        return KeyFile() is not { Exists: true } file ? (null, null) : file.Read() is { } key ? (key, null) : (null, file);
    }

    private string KeyPlace() => Configured() is null && KeyFile() is { } file ? file.Path : "Hokify:Privacy:ErasureKey";

    /// <summary>The file that holds the key; null where the settings do, or nothing can.</summary>
    public ErasureKeyFile? KeyFile() =>
        Configured() is null && _database.Provider == DatabaseProvider.Sqlite && SqliteFile.PathOf(_database.ConnectionString) is { } path ? new ErasureKeyFile(path) : null;

    /// <summary>Read by itself: whoever forgets a key need not have scopes that are configured well.</summary>
    private string? Configured() => _configuration[$"{HokifyOptions.Section}:Privacy:{nameof(PrivacyOptions.ErasureKey)}"] is { Length: > 0 } key ? key : null;

    private static async Task<List<byte[]>> NotedAsync(HokifyDbContext db, CancellationToken cancellationToken) =>
        await db.ErasedKeys.Where(e => e.ScopeId == ErasedKey.OfNobody).Select(e => e.Hash).ToListAsync(cancellationToken);

    private async Task NoteAsync(HokifyDbContext db, ErasureKeyChain key, bool mayReplace, CancellationToken cancellationToken)
    {
        // Of two processes that start at once one notes its key, and the other finds it.
        await using var transaction = await db.BeginWritingAsync(cancellationToken, IsolationLevel.Serializable);
        var noted = await NotedAsync(db, cancellationToken);
        if (IsAmong(noted, key.Check))
        {
            return;
        }

        if (noted.Exists(check => key.PartOf(check) is not null))
        {
            throw new InvalidOperationException($"{KeyPlace()} {Newer}");
        }

        if (noted.Count > 0 && !mayReplace)
        {
            throw new InvalidOperationException(
                $"{KeyPlace()} is not the erasure key that belongs to this database, and would forget who was erased; {ErasureSecret.WhatToDo}");
        }

        await db.ErasedKeys.Where(e => e.ScopeId == ErasedKey.OfNobody).ExecuteDeleteAsync(cancellationToken);
        db.ErasedKeys.Add(new ErasedKey { ScopeId = ErasedKey.OfNobody, Hash = key.Check, ErasedAt = _clock.GetUtcNow() });
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private static bool IsAmong(List<byte[]> noted, byte[] check) => noted.Exists(hash => hash.AsSpan().SequenceEqual(check));

    [LoggerMessage(LogLevel.Warning, "The erasure key was given up for lost by {User} on {Machine}: {Hashes} hashes of erased ids and addresses were deleted, and whoever they kept out can be imported again")]
    private static partial void LogForgotten(ILogger logger, int hashes, string user, string machine);
}

/// <summary>The key that is at hand.</summary>
/// <param name="Place">Where it is.</param>
/// <param name="Key">The key.</param>
internal sealed record PresentKey(string Place, ErasureKeyChain Key)
{
    /// <summary>Tells it from others, and nothing of it.</summary>
    public string Fingerprint => Convert.ToHexStringLower(Key.Check);

    /// <summary>How many of the keys have made hashes.</summary>
    /// <param name="fingerprint">Tells by which key they were made.</param>
    /// <returns>Null where it was another.</returns>
    public int? PartOf(string? fingerprint) => fingerprint is { Length: > 0 } && fingerprint.Length % 2 == 0 && fingerprint.All(char.IsAsciiHexDigit) ? Key.PartOf(Convert.FromHexString(fingerprint)) : null;

    /// <summary>Hashes as this key makes them.</summary>
    /// <param name="erasures">Hashes that it, or the older part of it, has made.</param>
    /// <param name="fingerprint">Tells by which part.</param>
    public IEnumerable<RememberedErasure> Lift(IEnumerable<RememberedErasure> erasures, string? fingerprint)
    {
        // A database from before keys were noted has one key, and this is it.
        var made = fingerprint is null ? Key.Length : PartOf(fingerprint) ?? throw new InvalidOperationException("These hashes were made with another key.");
        return erasures.Select(erasure => erasure with { Hash = Key.Lift(erasure.Hash, made) });
    }
}

/// <summary>What forgetting a key did, or would do.</summary>
/// <param name="Hashes">How many hashes of ids and addresses of erased people were, or would be, deleted.</param>
/// <param name="PutAside">Where the file is that held no key; null when there was none.</param>
internal sealed record ForgottenKey(int Hashes, string? PutAside);

/// <summary>How a key stands to a database.</summary>
internal enum KeyState
{
    /// <summary>It is there and is the database's.</summary>
    Belongs,

    /// <summary>None is there and none is needed yet; the next start makes one.</summary>
    NotMadeYet,

    /// <summary>None is there, and the database remembers people whom only it can recognize.</summary>
    Missing,

    /// <summary>What is there is no key.</summary>
    Unusable,

    /// <summary>The one that is there has grown out of the database's, which does not know the newer part yet.</summary>
    Newer,

    /// <summary>The one that is there belongs to another database.</summary>
    OfAnother,
}

/// <summary>The erasure key as it was found.</summary>
/// <param name="Place">The file or the setting that holds it, or should.</param>
/// <param name="State">How it stands.</param>
/// <param name="Hashes">How many hashes of ids and addresses of erased people the database has.</param>
internal sealed record KeyStanding(string Place, KeyState State, int Hashes);
