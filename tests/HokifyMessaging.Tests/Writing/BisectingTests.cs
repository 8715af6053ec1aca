using CsCheck;
using HokifyMessaging.Writing;

namespace HokifyMessaging.Tests.Writing;

public sealed class BisectingTests
{
    [Fact]
    public void Bisecting_isolates_exactly_the_guilty_records_and_writes_all_others_once_and_in_order() =>
        Gen.Bool.Array[1, 200].Where(guilt => guilt.Contains(true)).Sample(guilt =>
        {
            var batch = new GuiltyBatch(guilt);

            batch.Isolate();

            Assert.Equal(Enumerable.Range(0, guilt.Length).Where(i => !guilt[i]), batch.Written);
            Assert.Equal(Enumerable.Range(0, guilt.Length).Where(i => guilt[i]), batch.Failed);
        });

    [Fact]
    public void One_guilty_record_among_a_thousand_costs_less_than_two_more_batches()
    {
        var guilt = new bool[1000];
        guilt[617] = true;
        var batch = new GuiltyBatch(guilt);

        batch.Isolate();

        Assert.True(batch.RecordsTried <= 3000, $"{batch.RecordsTried} records were tried");
    }

    [Fact]
    public async Task A_failure_that_is_no_records_fault_ends_the_bisection()
    {
        var failed = new List<int>();

        await Assert.ThrowsAsync<IOException>(() => Bisecting.WriteAsync<int>(
            [1, 2, 3, 4],
            records => throw (records.Count == 4 ? new GuiltyException() : new IOException()),
            (record, _) =>
            {
                failed.Add(record);
                return Task.CompletedTask;
            },
            exception => exception is GuiltyException));

        Assert.Empty(failed);
    }

    private sealed class GuiltyException : Exception;

    /// <summary>A database that refuses any batch with a guilty record in it.</summary>
    private sealed class GuiltyBatch(bool[] guilt)
    {
        public List<int> Written { get; } = [];

        public List<int> Failed { get; } = [];

        public int RecordsTried { get; private set; }

        public void Isolate() => Bisecting.WriteAsync(
            Enumerable.Range(0, guilt.Length).ToList(),
            Write,
            (record, _) =>
            {
                Failed.Add(record);
                return Task.CompletedTask;
            },
            exception => exception is GuiltyException).GetAwaiter().GetResult();

        private Task<IReadOnlyList<int>> Write(IReadOnlyList<int> records)
        {
            RecordsTried += records.Count;
            if (records.Any(i => guilt[i]))
            {
                throw new GuiltyException();
            }

            Written.AddRange(records);
            return Task.FromResult<IReadOnlyList<int>>([]);
        }
    }
}
