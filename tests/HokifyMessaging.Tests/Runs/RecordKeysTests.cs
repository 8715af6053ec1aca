using CsCheck;
using HokifyMessaging.Runs;

namespace HokifyMessaging.Tests.Runs;

public sealed class RecordKeysTests
{
    /// <summary>Hashes, and keys that are close to one another, which hashes never are.</summary>
    private static readonly Gen<UInt128> Keys = Gen.Frequency(
        (3, Gen.Select(Gen.ULong, Gen.ULong, (high, low) => new UInt128(high, low))),
        (2, Gen.Select(Gen.ULong[0, 3], Gen.ULong[0, 40], (high, low) => new UInt128(high, low))),
        (1, Gen.ULong[0, 40].Select(low => UInt128.MaxValue - low)),
        (1, Gen.ULong[0, 400].Select(middle => (UInt128)middle << 54)));

    [Fact]
    public void They_contain_what_was_added_and_nothing_else() =>
        Gen.Select(Keys.Array[0, 400].Array[0, 4], Keys.Array[0, 100]).Sample((added, asked) =>
        {
            var (keys, known) = (new RecordKeys(), new HashSet<UInt128>());
            foreach (var some in added)
            {
                keys.Add(some);
                known.UnionWith(some);
            }

            Assert.Equal(known.Count, keys.Count);
            Assert.All(known, key => Assert.True(keys.Contains(key)));
            Assert.All(asked, key => Assert.Equal(known.Contains(key), keys.Contains(key)));
        });

    [Fact]
    public void What_was_stored_is_added_as_it_was() =>
        Keys.Array[0, 200].Sample(added =>
        {
            var keys = new RecordKeys();

            keys.Add(RecordKeys.ToBytes([.. added]));

            Assert.Equal(added.Distinct().Count(), keys.Count);
            Assert.All(added, key => Assert.True(keys.Contains(key)));
        });

    [Fact]
    public void The_rows_of_people_are_found_again_among_all_other_keys() =>
        Gen.Select(Keys.Array[0, 400], Gen.Long[1, 5_000].Array[0, 100], Gen.Long[1, long.MaxValue].Array[0, 5]).Sample((others, rows, distant) =>
        {
            var keys = new RecordKeys();

            keys.Add(others);
            keys.Add([.. rows.Concat(distant).Select(RecordKeys.OfLeft)]);

            Assert.Equal(rows.Concat(distant).Distinct().Order(), keys.Left().Order());
        });

    [Fact]
    public async Task They_can_be_asked_while_they_are_added_to()
    {
        var keys = new RecordKeys();
        var first = RecordKeys.Of("first");
        keys.Add([first]);
        var adding = Task.Run(
            () =>
            {
                for (var batch = 0; batch < 200; batch++)
                {
                    keys.Add([.. Enumerable.Range(0, 100).Select(record => RecordKeys.Of(FormattableString.Invariant($"{batch}/{record}")))]);
                }
            },
            TestContext.Current.CancellationToken);

        while (!adding.IsCompleted)
        {
            Assert.True(keys.Contains(first));
        }

        await adding;
        Assert.Equal(20_001, keys.Count);
    }

    [Fact]
    public void A_failure_and_its_recovery_go_by_keys_of_their_own_that_stay_the_same()
    {
        var key = RecordKeys.Of("5b0c1f");

        // Stored with runs that may still be under way when a new version takes over.
        Assert.Equal(RecordKeys.Of($"failed:{key:x32}"), RecordKeys.FailureOf(key));
        Assert.Equal(RecordKeys.Of($"recovered:{key:x32}"), RecordKeys.RecoveryOf(key));
    }
}
