using CsCheck;
using HokifyMessaging.Applications;

namespace HokifyMessaging.Tests.Writing;

/// <summary>What erasures leave that come in one batch.</summary>
public abstract partial class WritersAgreeTests
{
    /// <summary>Few people, some without an id and some with the address and the name of another, and many erasures, so that one takes along what the next one names.</summary>
    private static readonly Gen<SourceRecord> Erasures = Gen.Select(Gen.Int[0, 5], Gen.Int[0, 3], Gen.Int[0, 1], Gen.Int[0, 2], Gen.Int[0, 7], Erasable);

    /// <summary>The same of more people, so that often none of the others has to do with those who are erased.</summary>
    private static readonly Gen<SourceRecord> Scattered = Gen.Select(Gen.Int[0, 40], Gen.Int[0, 12], Gen.Int[0, 6], Gen.Int[0, 2], Gen.Int[1, 20], Erasable);

    [Fact]
    public Task Erasures_that_follow_each_other_leave_the_rows_and_counts_that_they_leave_one_by_one() =>
        Erasures.Array[6, 24].Array[2, 3].SampleAsync(
            async batches =>
            {
                var (reference, fast) = await PlacesAsync();
                Assert.Equal(
                    WithoutBatches(await RowsAsync(reference, batches, refused: [], rows: null, parts: batch => Parts(batch, together: false))),
                    WithoutBatches(await RowsAsync(fast, batches, refused: [], rows: null, parts: batch => Parts(batch, together: true))));
            },
            iter: Examples.Of(15),
            threads: 1);

    [Fact]
    public Task Erasures_among_others_leave_the_rows_and_counts_that_they_leave_where_they_stand() =>
        Scattered.Array[2, 10].Array[2, 3].SampleAsync(
            async batches =>
            {
                var (reference, fast) = await PlacesAsync();
                Assert.Equal(
                    WithoutBatches(await RowsAsync(reference, batches, refused: [], rows: null, parts: batch => Parts(batch, together: false))),
                    WithoutBatches(await RowsAsync(fast, batches, refused: [], rows: null)));
            },
            iter: Examples.Of(15),
            threads: 1);

    /// <summary>What stands between erasures as it is, and the erasures that follow each other together or each by itself.</summary>
    private static List<SourceRecord[]> Parts(SourceRecord[] batch, bool together)
    {
        var parts = new List<SourceRecord[]>();
        foreach (var record in batch)
        {
            if (parts.Count > 0 && IsErasure(parts[^1][0]) == IsErasure(record) && (together || !IsErasure(record)))
            {
                parts[^1] = [.. parts[^1], record];
            }
            else
            {
                parts.Add([record]);
            }
        }

        return parts;

        static bool IsErasure(SourceRecord record) => record.Mapped is { Value.PrivacyAutoDeleted: true };
    }

    private static SourceRecord Erasable(int id, int person, int address, int version, int kind)
    {
        var who = new CandidateColumns { DisplayName = $"Name {person % 2}", Email = $"{address}@example.at" };
        var key = PersonKey.Of(who.Email, who.DisplayName);
        var reference = kind switch { 0 or 20 => PersonId.Of(key).Value, 1 => PersonId.OfAddress(who.Email).Value, _ => $"p{person}" };
        return kind == 7
            ? Record.Rejected($"a{id}", $"copy {version}", $"p{person}")
            : Record.Ready(Record.Application($"a{id}", reference, version, who, erased: kind is 2 or 3 or 4) with { Key = key });
    }
}
