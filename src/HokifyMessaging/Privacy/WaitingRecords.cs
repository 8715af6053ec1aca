using HokifyMessaging.Storage;
using HokifyMessaging.Writing;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Privacy;

/// <summary>
/// Finds records that could not be stored and wait. By ids there are indexes; what stands in a record itself, or in the sentence about
/// it, is looked for in all that wait in the scope, which is what an operator has to look after and no large number.
/// </summary>
internal sealed class WaitingRecords(HokifyDbContext db, int scopeId)
{
    /// <summary>Those of applications.</summary>
    public Task<List<FoundEntry>> OfApplicationsAsync(IEnumerable<string> ids, CancellationToken cancellationToken) =>
        Lookups.ListAsync(ids, some => Entries(Waiting.Where(l => some.Contains(l.ReferenceId))), cancellationToken);

    /// <summary>Those of people.</summary>
    public Task<List<FoundEntry>> OfPeopleAsync(IEnumerable<string> ids, CancellationToken cancellationToken) =>
        Lookups.ListAsync(ids.Cast<string?>(), some => Entries(Waiting.Where(l => some.Contains(l.PersonReferenceId))), cancellationToken);

    /// <summary>
    /// Those in which an address stands, and those of which the source has no ids of people: such go by a hash of the address and a
    /// hash of the name.
    /// </summary>
    public async Task<List<FoundEntry>> OfAddressAsync(string address, CancellationToken cancellationToken)
    {
        var (lower, key) = (address.ToLowerInvariant(), PersonId.BeginningOf(address));
#pragma warning disable CA1304, CA1311, CA1862 // The database has no cultures.
        var found = await Waiting.Where(l => l.PersonReferenceId!.StartsWith(key) || l.Data!.ToLower().Contains(lower))
            .OrderBy(l => l.Id)
            .Select(l => new { l.Id, l.ReferenceId, l.PersonReferenceId, l.Date, l.Status, l.Data })
            .ToListAsync(cancellationToken);
#pragma warning restore CA1304, CA1311, CA1862
        return
        [
            .. found.Where(l => l.PersonReferenceId?.StartsWith(key, StringComparison.Ordinal) is true || WholeText.HasAddress(l.Data!, address))
                .Select(l => new FoundEntry(l.Id, l.ReferenceId, l.PersonReferenceId, l.Date, l.Status)),
        ];
    }

    /// <summary>
    /// Those that contradict another record of one of these applications, with the application's id. They go by a hash of what was
    /// delivered, lest they be taken for the record that they contradict, and only their sentence says which application it is.
    /// </summary>
    public async Task<List<(FoundEntry Entry, string Application)>> ContradictingAsync(IReadOnlySet<string> ids, CancellationToken cancellationToken)
    {
        var parked = await Waiting.Where(l => l.Status == ActivityStatus.Parked && l.ReferenceId.StartsWith(RecordFailure.PayloadPrefix))
            .OrderBy(l => l.Id)
            .Select(l => new { l.Id, l.ReferenceId, l.PersonReferenceId, l.Date, l.ResultData })
            .ToListAsync(cancellationToken);
        return
        [
            .. from l in parked
               from id in ids
               where l.ResultData is not null && WholeText.HasId(l.ResultData, id)
               select (new FoundEntry(l.Id, l.ReferenceId, l.PersonReferenceId, l.Date, ActivityStatus.Parked), id),
        ];
    }

    private IQueryable<ActivityLog> Waiting =>
        db.ActivityLogs.AsNoTracking().Where(l => l.ScopeId == scopeId && (l.Status == ActivityStatus.Open || l.Status == ActivityStatus.Parked));

    private static IQueryable<FoundEntry> Entries(IQueryable<ActivityLog> logs) =>
        logs.Select(l => new FoundEntry(l.Id, l.ReferenceId, l.PersonReferenceId, l.Date, l.Status));
}
