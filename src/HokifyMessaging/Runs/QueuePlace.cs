using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Runs;

/// <summary>
/// How many imports may wait when somebody asks for one more over HTTP. What comes over a broker is not counted by who
/// sends it and never refused for this: the broker's queue holds it.
/// </summary>
/// <param name="Key">The name of the API key that asks.</param>
/// <param name="MostOfKey">How many imports that this key has asked for may wait.</param>
/// <param name="MostOfScope">How many imports of a scope may wait, whoever has asked for them.</param>
internal sealed record QueuePlace(string Key, int MostOfKey, int MostOfScope)
{
    /// <summary>Who asks, as the audit log names them.</summary>
    internal Actor Actor => Actor.OfKey(Key);

    /// <summary>Counts in the caller's transaction, so that no other request comes in between where the database has one writer.</summary>
    /// <exception cref="QueueFullException">There is no room for one more.</exception>
    internal async Task RequireAsync(HokifyDbContext db, int scopeId, CancellationToken cancellationToken)
    {
        var queued = db.ImportRuns.Where(r => r.State == RunState.Queued);
        if (await queued.Where(r => r.AskedByKey == Key).Take(MostOfKey).CountAsync(cancellationToken) >= MostOfKey)
        {
            throw new QueueFullException(Counted.Text(
                $"The API key '{Key}' has asked for {MostOfKey} {MostOfKey:import that has|imports that have} not begun, and no more may wait; ask again when one of them has begun."));
        }

        if (await queued.Where(r => r.ScopeId == scopeId).Take(MostOfScope).CountAsync(cancellationToken) >= MostOfScope)
        {
            throw new QueueFullException(Counted.Text(
                $"{MostOfScope} {MostOfScope:import|imports} of scope {scopeId} {MostOfScope:has|have} not begun, and no more may wait; ask again when one of them has begun."));
        }
    }
}

/// <summary>Too many imports wait already; nothing was stored. The message is one sentence.</summary>
/// <param name="message">The sentence.</param>
internal sealed class QueueFullException(string message) : Exception(message);
