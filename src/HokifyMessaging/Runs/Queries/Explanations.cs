using HokifyMessaging.Storage;

namespace HokifyMessaging.Runs.Queries;

/// <summary>Tells people over the web what became of an application or a person. Whoever is shown values of people stands in the audit log before that, or is shown nothing.</summary>
internal sealed class Explanations(RecordTrails trails, AuditLog audit)
{
    /// <param name="asked">What was typed: an id or an address, <see cref="RecordTrails.Comparable"/>.</param>
    /// <param name="scopeIds">The scopes that whoever asks may see; null for all.</param>
    /// <param name="seer">Who asks, and may see values of people; null where they may not.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<RecordTrail> OfAsync(string asked, IReadOnlyCollection<int>? scopeIds, Actor? seer, CancellationToken cancellationToken)
    {
        var trail = await trails.FollowAsync(new RecordQuestion(asked) { ScopeIds = scopeIds, WithValues = seer is not null }, cancellationToken);
        if (seer is not null)
        {
            foreach (var scope in trail.Found.Where(ShowsValues).GroupBy(found => found.ScopeId).OrderBy(scope => scope.Key))
            {
                await audit.NoteAsync(seer, Deed.LookAtPerson(scope.Key, scope.Count()), cancellationToken);
            }
        }

        return trail;
    }

    private static bool ShowsValues(FoundRecord found) => found.Events.Any(one => one.Fields is { } fields && fields.Any(field => !field.IsMasked));
}
