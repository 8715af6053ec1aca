using HokifyMessaging.Storage;
using HokifyMessaging.Writing;

namespace HokifyMessaging.Backups;

/// <summary>What a restore did, or would do.</summary>
internal sealed record RestoredDatabase
{
    /// <summary>The database's file.</summary>
    public string Database { get; init; } = "";

    /// <summary>Whether it was done.</summary>
    public bool WasRestored { get; init; }

    public required BackupManifest Manifest { get; init; }

    /// <summary>Whether there was a database before: only it knows who was erased since the backup, beside the lists that were given.</summary>
    public required bool Replaced { get; init; }

    public required ErasedAgain Erased { get; init; }

    /// <summary>The runs that the replaced database knows otherwise than the restored one, in the order in which they were asked for.</summary>
    public required IReadOnlyList<ForgottenRun> Runs { get; init; }

    public required IReadOnlyList<RestoredScope> Scopes { get; init; }

    /// <summary>Why it could not be done now, where it only was to be told.</summary>
    public IReadOnlyList<string> AtWork { get; init; } = [];
}

/// <summary>A run of which the restored database knows less than the one before it.</summary>
/// <param name="RunId">Its id.</param>
/// <param name="IdempotencyKey">Its key.</param>
/// <param name="ScopeId">Its scope.</param>
/// <param name="State">Where it stood in the database that was replaced.</param>
/// <param name="StateInBackup">Where it stands in the restored one; null where it is unknown there.</param>
/// <param name="AnnouncedAt">When its event went out, of which the restored database knows nothing; null where it did not.</param>
internal sealed record ForgottenRun(Guid RunId, string IdempotencyKey, int ScopeId, RunState State, RunState? StateInBackup, DateTimeOffset? AnnouncedAt);

/// <summary>A scope of the restored database.</summary>
/// <param name="ScopeId">The scope.</param>
/// <param name="Watermark">Up to when it has been read to the end.</param>
/// <param name="Unfinished">How many of its runs go on.</param>
internal sealed record RestoredScope(int ScopeId, DateTimeOffset? Watermark, int Unfinished);
