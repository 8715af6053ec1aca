using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Writing;

/// <summary>Whole rows that the context does not track, because something faster than it writes them.</summary>
internal static class UntrackedRows
{
    public static Task<List<Candidate>> CandidatesAsync(HokifyDbContext db, List<long> ids, CancellationToken cancellationToken) =>
        db.Candidates.AsNoTracking().Where(c => EF.Parameter(ids).Contains(c.Id)).ToListAsync(cancellationToken);

    public static Task<List<CandidateProfile>> ProfilesAsync(HokifyDbContext db, List<long> ids, CancellationToken cancellationToken) =>
        db.CandidateProfiles.AsNoTracking().Where(p => EF.Parameter(ids).Contains(p.Id)).ToListAsync(cancellationToken);
}
