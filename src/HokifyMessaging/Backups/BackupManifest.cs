using System.Text.Encodings.Web;
using System.Text.Json.Serialization;
using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Backups;

/// <summary>What a backup says of itself, for people and programs.</summary>
internal sealed record BackupManifest
{
    /// <summary>What this program writes and reads.</summary>
    public const string KnownFormat = "hokify-backup/1";

    /// <summary>So many runs that are not finished are named; more are only counted.</summary>
    private const int MostRuns = 1_000;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter() },
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
    };

    public required string Format { get; init; }

    /// <summary>The version of the program that made it.</summary>
    public required string Version { get; init; }

    /// <summary>When it was begun: what was committed before is in it.</summary>
    public required DateTimeOffset TakenAt { get; init; }

    /// <summary>The schema, as the migrations that made it, oldest first.</summary>
    public required IReadOnlyList<string> Migrations { get; init; }

    /// <summary>Tells which erasure key belongs to it; null where the database knows none yet.</summary>
    public string? ErasureKey { get; init; }

    /// <summary>How many rows each table has.</summary>
    public required IReadOnlyDictionary<string, long> Rows { get; init; }

    public required IReadOnlyList<BackupScope> Scopes { get; init; }

    /// <summary>The runs that were not finished, in the order in which they were asked for.</summary>
    public required IReadOnlyList<BackupRun> InFlight { get; init; }

    /// <summary>How many there were; more than are named where there were very many.</summary>
    public required int InFlightCount { get; init; }

    /// <summary>Looks at a copy of the database.</summary>
    /// <param name="db">The copy.</param>
    /// <param name="takenAt">From when it is.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<BackupManifest> OfAsync(HokifyDbContext db, DateTimeOffset takenAt, CancellationToken cancellationToken)
    {
        var unfinished = db.ImportRuns.AsNoTracking().Where(r => r.State != RunState.Completed && r.State != RunState.Cancelled);
        return new BackupManifest
        {
            Format = KnownFormat,
            Version = ProductVersion.Text,
            TakenAt = takenAt,
            Migrations = [.. await db.Database.GetAppliedMigrationsAsync(cancellationToken)],
            ErasureKey = await Writing.ErasureKeys.FingerprintAsync(db, cancellationToken),
            Rows = await CountAsync(db, cancellationToken),
            Scopes = await db.Scopes.AsNoTracking().OrderBy(s => s.ScopeId)
                .Select(s => new BackupScope(
                    s.ScopeId,
                    s.Watermark,
                    s.LeaseExpiresAt >= takenAt ? new BackupLease(s.LeaseOwner ?? "", s.LeaseRunId, s.LeaseExpiresAt.Value) : null))
                .ToListAsync(cancellationToken),
            InFlight = await unfinished.OrderBy(r => r.CreatedAt).ThenBy(r => r.Id).Take(MostRuns)
                .Select(r => new BackupRun(r.Id, r.IdempotencyKey, r.ScopeId, r.ImportMode, r.State, r.CreatedAt)).ToListAsync(cancellationToken),
            InFlightCount = await unfinished.CountAsync(cancellationToken),
        };
    }

    /// <summary>The rows of each table of the model.</summary>
    public static async Task<SortedDictionary<string, long>> CountAsync(HokifyDbContext db, CancellationToken cancellationToken)
    {
        var rows = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (var table in db.Model.GetEntityTypes().Select(type => type.GetTableName()!).Distinct())
        {
#pragma warning disable EF1002 // The names are the model's own.
            rows[table] = await db.Database.SqlQueryRaw<long>($"SELECT COUNT(*) AS Value FROM \"{table}\"").SingleAsync(cancellationToken);
#pragma warning restore EF1002
        }

        return rows;
    }

    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, Json);

    /// <exception cref="JsonException">It is none.</exception>
    public static BackupManifest Of(ReadOnlySpan<byte> bytes) => JsonSerializer.Deserialize<BackupManifest>(bytes, Json) ?? throw new JsonException();
}

/// <summary>A scope as a backup has it.</summary>
/// <param name="ScopeId">The scope.</param>
/// <param name="Watermark">Up to when it had been read to the end.</param>
/// <param name="Lease">Who worked on it; null where nobody did.</param>
internal sealed record BackupScope(int ScopeId, DateTimeOffset? Watermark, BackupLease? Lease);

/// <summary>Who worked on a scope when a backup was made.</summary>
/// <param name="Owner">The worker: machine, process and more.</param>
/// <param name="RunId">On which run; null for work that is no run.</param>
/// <param name="ExpiresAt">Until when, unless it was renewed.</param>
internal sealed record BackupLease(string Owner, Guid? RunId, DateTimeOffset ExpiresAt);

/// <summary>A run that was not finished when a backup was made.</summary>
internal sealed record BackupRun(Guid RunId, string IdempotencyKey, int ScopeId, ImportMode ImportMode, RunState State, DateTimeOffset CreatedAt);
