using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Writing;

/// <summary>The rows of a batch that the context does not track, because something faster than it writes them.</summary>
internal sealed class UntrackedRows(HokifyDbContext db)
{
    private readonly List<object> _known = [];

    public async Task<List<Candidate>> CandidatesAsync(List<long> ids, CancellationToken cancellationToken)
    {
        var candidates = await db.Candidates.AsNoTracking().Where(c => EF.Parameter(ids).Contains(c.Id)).ToListAsync(cancellationToken);
        _known.AddRange(candidates);
        return candidates;
    }

    public async Task<List<CandidateProfile>> ProfilesAsync(List<long> ids, CancellationToken cancellationToken)
    {
        var profiles = await db.CandidateProfiles.AsNoTracking().Where(p => EF.Parameter(ids).Contains(p.Id)).ToListAsync(cancellationToken);
        _known.AddRange(profiles);
        return profiles;
    }

    /// <summary>A row that is new.</summary>
    public void Remember(object row) => _known.Add(row);

    /// <summary>From here on the context tracks them; they have to be written before.</summary>
    public void Share()
    {
        db.AttachRange(_known.Where(row => db.Entry(row).State == EntityState.Detached));
        _known.Clear();
    }
}
