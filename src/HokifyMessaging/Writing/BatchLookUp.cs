using HokifyMessaging.Planning;
using HokifyMessaging.Runs;

namespace HokifyMessaging.Writing;

/// <summary>Finds what is stored of a batch, and reads those of its records that the stored rows do not answer for.</summary>
/// <param name="rows">The stored rows.</param>
/// <param name="mapping">How records that are read get into the shape of the database.</param>
/// <param name="mayKnowByAddress">Whether there may be people who are known by an address alone.</param>
internal sealed class BatchLookUp(BatchRows rows, ApplicationMapping mapping, bool mayKnowByAddress)
{
    /// <summary>
    /// Looks the batch up. A record that the stored row was made from is recognized by its hash and need not be read; all
    /// others are read here at the latest.
    /// </summary>
    public async Task<FoundBatch> FindAsync(IReadOnlyList<SourceRecord> records, CancellationToken cancellationToken)
    {
        var profiles = await rows.FindProfilesAsync([.. records.Where(r => r.Rejection is null).Select(r => r.Id!.Value)], cancellationToken);
        var (recognized, failed, people) = (new bool[records.Count], new List<FailedRecord>(), new HashSet<PersonId>());
        var byRow = new Dictionary<long, ApplicationId>();
        var owners = new BatchOwners(rows, profiles, mayKnowByAddress);
        foreach (var (index, record) in records.Index())
        {
            if (record.Id is { } id && profiles.TryGetValue(id, out var known) && known.Digest?.Record is { } stored && stored == mapping.HashOf(record))
            {
                recognized[index] = true;
                byRow.TryAdd(known.CandidateId, id);
                continue;
            }

            switch (record.Map(mapping).Value)
            {
                case null:
                    failed.Add(new FailedRecord(index, record, RecordFailure.Of(record, record.Rejection!)));
                    break;
                case { PersonId.IsDerived: true, PrivacyAutoDeleted: false } application:
                    owners.Add(application);
                    break;
                case var application:
                    people.Add(application.PersonId);
                    break;
            }
        }

        var candidates = await owners.FindAsync(people, byRow, cancellationToken);
        var personOf = byRow.Count == 0 ? [] : candidates.ToDictionary(c => c.Value.Id, c => c.Key);
        var arrived = new List<ArrivedRecord>(records.Count);
        foreach (var (index, record) in records.Index())
        {
            if (recognized[index])
            {
                var (id, profile) = (record.Id!.Value, profiles[record.Id!.Value]);
                arrived.Add(new ArrivedRecord(
                    index,
                    new RecognizedApplication(id, record, mapping, personOf[profile.CandidateId], profile.Version, profile.ContentHash, profile.Key, profile.Digest!),
                    record));
            }
            else if (record.Map(mapping).Value is { } application)
            {
                arrived.Add(new ArrivedRecord(index, Arrived(application, record), record));
            }
        }

        return new FoundBatch(records, arrived, failed, new StoredRows(candidates, profiles));

        MappedApplication Arrived(MappedApplication application, SourceRecord record)
        {
            if (application.PrivacyAutoDeleted)
            {
                return application;
            }

            if (application.PersonId.IsDerived && owners.Of(application) is var owner && owner != application.PersonId)
            {
                application = application with { Owner = owner };
            }

            return record.IsDecided || record.LedgerReference is not null ? application with { IsDecided = true } : application;
        }
    }
}

/// <param name="Index">Which record of the batch it is.</param>
/// <param name="Application">The application.</param>
/// <param name="Record">The record that it came as.</param>
internal readonly record struct ArrivedRecord(int Index, IncomingApplication Application, SourceRecord Record)
{
    /// <summary>Identifies the record within its run.</summary>
    public UInt128 Key => RecordKeys.Of(Record);

    /// <summary>The record as one that contradicts another.</summary>
    public FailedRecord FailedFor(Rejection rejection) => new(Index, Record, RecordFailure.Of(Record, rejection, park: true));

    /// <summary>The reference of the ledger entry that it is tried again for; null for one from the source.</summary>
    public string? LedgerReference => Record.LedgerReference;
}

/// <param name="Index">Which record of the batch it is.</param>
/// <param name="Record">The record, which could not be understood or which the database refused.</param>
/// <param name="Failure">Why it is not in the database.</param>
internal readonly record struct FailedRecord(int Index, SourceRecord Record, RecordFailure Failure);
