using HokifyMessaging.CheckUp;
using HokifyMessaging.Storage;

namespace HokifyMessaging.Writing;

/// <summary>Whether the key is at hand by which erased people are recognized, and belongs to the database.</summary>
internal sealed class ErasureKeyCheck(DatabaseSchema schema, ErasureKeys keys) : ICheck
{
    public string Subject => "erasure key";

    public async IAsyncEnumerable<Finding> LookAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await schema.RequireCurrentAsync(cancellationToken);
        var standing = await keys.LookAsync(cancellationToken);
        var place = VisibleText.Of(standing.Place);
        yield return standing.State switch
        {
            KeyState.Belongs => new Finding(
                Subject, Verdict.Ok, $"{place} belongs to the database (hashes of erased people there: {standing.Hashes}); keep a copy of it, and not where the backups of the database are."),
            KeyState.NotMadeYet => new Finding(Subject, Verdict.Ok, $"{place} is not there yet; nobody has been erased, and the next start makes one."),
            KeyState.Missing => new Finding(
                Subject,
                Verdict.Wrong,
                $"The erasure key {place} is missing, and the database remembers erased people (hashes: {standing.Hashes}) whom only that key can recognize, so the service does not start; {ErasureSecret.WhatToDo}"),
            KeyState.Unusable => new Finding(Subject, Verdict.Wrong, $"{place} is not an erasure key, which is {ErasureSecret.What}, so the service does not start; {ErasureSecret.WhatToDo}"),
            KeyState.Newer => new Finding(Subject, Verdict.Wrong, $"{place} {ErasureKeys.Newer} The service does not start before that."),
            KeyState.OfAnother => new Finding(Subject, Verdict.Wrong, $"{place} is not the erasure key that belongs to this database, so the service does not start; {ErasureSecret.WhatToDo}"),
            var other => throw new InvalidOperationException($"{other} is no state of a key."),
        };
    }
}
