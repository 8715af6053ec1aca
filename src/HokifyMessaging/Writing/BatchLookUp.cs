using HokifyMessaging.Applications;
using HokifyMessaging.Planning;
using HokifyMessaging.Runs;

namespace HokifyMessaging.Writing;

/// <summary>Finds what is stored of a batch, and reads those of its records that the stored rows do not answer for.</summary>
/// <param name="rows">The stored rows.</param>
/// <param name="mayKnowByAddress">Whether there may be people who are known by an address alone.</param>
internal sealed class BatchLookUp(IBatchRows rows, bool mayKnowByAddress)
{
    /// <summary>
    /// Looks the batch up. A record that the stored row was made from is recognized by its hash and need not be read; all
    /// others are read here at the latest.
    /// </summary>
    public async Task<FoundRows> FindAsync(IReadOnlyList<BatchRecord> records, CancellationToken cancellationToken)
    {
        var profiles = await rows.FindProfilesAsync(IdsIn(records), cancellationToken);
        var (read, rejected, people) = (new BatchRecord[records.Count], new List<FailedRecord>(), new HashSet<PersonId>());
        var byRow = new Dictionary<long, ApplicationId>();
        var owners = new BatchOwners(rows, profiles, mayKnowByAddress);
        for (var index = 0; index < records.Count; index++)
        {
            if (records[index] is BatchRecord.Unread unread && profiles.TryGetValue(unread.Application.Id, out var known) && known.Digest?.Record == unread.Application.SourceHash)
            {
                read[index] = unread;
                byRow.TryAdd(known.CandidateId, unread.Application.Id);
                continue;
            }

            read[index] = records[index].Read();
            switch (read[index])
            {
                case BatchRecord.Ready { Application: { PersonId.IsDerived: true, PrivacyAutoDeleted: false } application }:
                    owners.Add(application);
                    break;
                case BatchRecord.Ready ready:
                    people.Add(ready.Application.PersonId);
                    break;
                case BatchRecord.Rejected refusal:
                    rejected.Add(new FailedRecord(refusal, RecordFailure.Of(refusal)));
                    break;
            }
        }

        var candidates = await owners.FindAsync(people, byRow, cancellationToken);
        var personOf = byRow.Count == 0 ? [] : candidates.ToDictionary(c => c.Value.Id, c => c.Key);
        var arrived = new List<ArrivedRecord>(records.Count);
        for (var index = 0; index < read.Length; index++)
        {
            switch (read[index])
            {
                case BatchRecord.Ready ready:
                    arrived.Add(new ArrivedRecord(index, Arrived(ready), ready));
                    break;
                case BatchRecord.Unread unread:
                    var profile = profiles[unread.Application.Id];
                    arrived.Add(new ArrivedRecord(
                        index,
                        new RecognizedApplication(unread.Application, personOf[profile.CandidateId], profile.Version, profile.ContentHash, profile.Key, profile.Digest!),
                        unread));
                    break;
            }
        }

        return new FoundRows(arrived, rejected, new StoredRows(candidates, profiles));

        IncomingApplication Arrived(BatchRecord.Ready ready)
        {
            var application = ready.Application;
            if (application.PrivacyAutoDeleted)
            {
                return application;
            }

            if (application.PersonId.IsDerived && owners.Of(application) is var owner && owner != application.PersonId)
            {
                application = application with { Owner = owner };
            }

            return ready.IsDecided || ready.LedgerReference is not null ? application with { IsDecided = true } : application;
        }
    }

    private static List<ApplicationId> IdsIn(IReadOnlyList<BatchRecord> records)
    {
        var ids = new List<ApplicationId>(records.Count);
        foreach (var record in records)
        {
            if (record is BatchRecord.Unread unread)
            {
                ids.Add(unread.Application.Id);
            }
            else if (record is BatchRecord.Ready ready)
            {
                ids.Add(ready.Application.Id);
            }
        }

        return ids;
    }
}

/// <summary>The records of a batch with what is stored of them; what arrived is in the order of the batch.</summary>
internal sealed record FoundRows(List<ArrivedRecord> Arrived, List<FailedRecord> Failed, StoredRows Stored);

/// <param name="Index">Which record of the batch it is.</param>
/// <param name="Application">The application.</param>
/// <param name="Record">The record that it came as.</param>
internal readonly record struct ArrivedRecord(int Index, IncomingApplication Application, BatchRecord Record)
{
    /// <summary>Identifies the record within its run.</summary>
    public UInt128 Key => RecordKeys.Of(Application.Id.Value);

    /// <summary>The reference of the ledger entry that it is tried again for; null for one from the source.</summary>
    public string? LedgerReference => Record.LedgerReference;
}

/// <param name="Record">The record, which could not be understood or which the database refused.</param>
/// <param name="Failure">Why it is not in the database.</param>
internal readonly record struct FailedRecord(BatchRecord Record, RecordFailure Failure);
