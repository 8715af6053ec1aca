using HokifyMessaging.Applications;
using HokifyMessaging.Planning;
using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Writing;

/// <summary>The reference: rows are what the context tracks.</summary>
internal sealed class EfCoreRows(HokifyDbContext db, int scopeId) : IBatchRows
{
    public async Task<StoredRows> FindAsync(IReadOnlyList<MappedApplication> applications, CancellationToken cancellationToken)
    {
        if (applications.Count == 0)
        {
            return StoredRows.None;
        }

        var profiles = await db.CandidateProfiles.AsNoTracking()
            .Where(p => p.ScopeId == scopeId)
            .WithIdIn(db, p => p.ReferenceId, applications.Select(a => a.Id.Value))
            .Select(p => new { p.ReferenceId, Row = new StoredProfile(p.Id, p.CandidateId, p.ContentHash, p.Version, p.IsDeleted) })
            .ToDictionaryAsync(p => new ApplicationId(p.ReferenceId), p => p.Row, cancellationToken);
        var candidates = await db.Candidates.AsNoTracking()
            .Where(c => c.ScopeId == scopeId)
            .WithIdIn(db, c => c.ReferenceId, applications.Select(a => a.PersonId.Value))
            .Select(c => new { c.ReferenceId, Row = new StoredCandidate(c.Id, c.ContentHash, c.Version, c.VersionReferenceId, c.IsDeleted) })
            .ToDictionaryAsync(c => new PersonId(c.ReferenceId), c => c.Row, cancellationToken);
        return new StoredRows(candidates, profiles);
    }

    public Task<List<Candidate>> CandidatesAsync(List<long> ids, CancellationToken cancellationToken) =>
        db.Candidates.Where(c => EF.Parameter(ids).Contains(c.Id)).ToListAsync(cancellationToken);

    public Task<List<CandidateProfile>> ProfilesAsync(List<long> ids, CancellationToken cancellationToken) =>
        db.CandidateProfiles.Where(p => EF.Parameter(ids).Contains(p.Id)).ToListAsync(cancellationToken);

    public Task ReserveAsync(int candidates, int profiles, int logs, CancellationToken cancellationToken) => Task.CompletedTask;

    public void Belong(CandidateProfile profile, Candidate candidate) => profile.Candidate = candidate;

    public void Insert(Candidate candidate) => db.Candidates.Add(candidate);

    public void Insert(CandidateProfile profile) => db.CandidateProfiles.Add(profile);

    public void Insert(ActivityLog log) => db.ActivityLogs.Add(log);

    public void Update(Candidate candidate)
    {
        // Tracked: the context sees for itself what has changed.
    }

    public void Update(CandidateProfile profile)
    {
        // Tracked, as above.
    }

    public Task SaveAsync(CancellationToken cancellationToken) => db.SaveChangesAsync(cancellationToken);

    public Task ShareAsync(CancellationToken cancellationToken) => SaveAsync(cancellationToken);

    public void Dispose()
    {
        // The context belongs to the transaction.
    }
}
