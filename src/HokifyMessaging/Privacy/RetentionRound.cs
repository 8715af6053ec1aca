using HokifyMessaging.Runs;
using HokifyMessaging.Storage;

namespace HokifyMessaging.Privacy;

/// <summary>
/// What one part of the data has an age for. The job calls each of them for each scope, and once for the installation, whose data is in no scope.
/// </summary>
internal interface IRetentionPart
{
    /// <summary>Whether the settings give it anything to do there.</summary>
    bool Concerns(int scopeId);

    /// <summary>Counts what is due and, unless the round is dry, forgets it, in small transactions.</summary>
    /// <returns>What it did, one count for each kind of data.</returns>
    Task<IReadOnlyList<RetentionCount>> RunAsync(RetentionRound round, CancellationToken cancellationToken);
}

/// <summary>What was found of one kind of data. Stored as JSON, and shown as it is.</summary>
/// <param name="What">The kind: <c>applications</c> and so on.</param>
/// <param name="Due">How much was due.</param>
/// <param name="Soon">How much becomes due within 30 days.</param>
/// <param name="Held">How much would be due, or become due within 30 days, and is on hold.</param>
/// <param name="Forgotten">How much was forgotten; 0 in a dry round.</param>
internal sealed record RetentionCount(string What, long Due, long Soon = 0, long Held = 0, long Forgotten = 0);

/// <summary>One scope's turn of the job.</summary>
/// <param name="ScopeId">The scope, or <see cref="OfInstallation"/>.</param>
/// <param name="Now">When it began: what becomes due meanwhile is left to the next.</param>
/// <param name="IsDry">Whether nothing may be changed.</param>
/// <param name="Commit">Commits one small transaction while nobody works on the scope, and waits until nobody does.</param>
internal sealed record RetentionRound(int ScopeId, DateTimeOffset Now, bool IsDry, CommitOf Commit)
{
    /// <summary>Instead of a scope: what belongs to none.</summary>
    public const int OfInstallation = RetentionState.OfInstallation;

    /// <summary>How far ahead is looked.</summary>
    public static readonly TimeSpan Ahead = TimeSpan.FromDays(30);
}
