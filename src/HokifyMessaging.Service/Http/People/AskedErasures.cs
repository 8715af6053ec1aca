using HokifyMessaging.Privacy;
using HokifyMessaging.Runs;
using HokifyMessaging.Storage;

namespace HokifyMessaging.Service.Http.People;

/// <summary>Has people erased whom somebody has chosen, over the API or in the console: stored first, then carried out where the scope is free for it.</summary>
internal sealed class AskedErasures(ErasureRequests requests, PeopleErasure erasure)
{
    /// <param name="found">Who was found.</param>
    /// <param name="people">Whom of them it is about.</param>
    /// <param name="actor">Who asks.</param>
    /// <param name="reason">Why; null where nothing is said.</param>
    /// <param name="cancellationToken">Gives up; what is stored is carried out all the same.</param>
    public async Task<ErasureView> CarryOutAsync(FoundPeople found, IReadOnlyList<FoundPerson> people, Actor actor, string? reason, CancellationToken cancellationToken)
    {
        var request = (await requests.AskAsync(found, people, new ErasureAsker(actor.Name, actor.Machine, reason), cancellationToken)).Request;
        try
        {
            return await erasure.CarryOutAsync(request.Id, cancellationToken);
        }
        catch (Exception exception) when (exception is ScopeAtWorkException or LeaseLostException)
        {
            // An import is at work: it is carried out by itself as soon as that has ended.
            return request;
        }
    }
}
