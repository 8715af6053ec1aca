using CsCheck;
using HokifyMessaging.Reading;

namespace HokifyMessaging.Tests.Reading.AtsApi;

public sealed class AnyOrderTests
{
    private const int Examples = 5_000;

    private static readonly Gen<Example> AnyExample = Gen.Select(
        Gen.OneOf(Gen.Int[1, 4], Gen.Int[2, 30]), Gen.Int[1, 20], Gen.Int[1, 6], Gen.OneOfConst(0, 0, 2, 7), Gen.Bool, Gen.Int[0, 120], Gen.Int[2, 16], Gen.Int[0, 1_000].List[1, 20],
        (cap, pageSize, overlap, repeatEvery, counts, applications, width, picks) =>
            new Example(cap, pageSize, overlap, repeatEvery, counts ? OffsetUnit.Groups : OffsetUnit.Applications, applications, width, picks));

    [Fact]
    public void In_whichever_order_pages_are_answered_they_are_delivered_as_if_each_had_been_waited_for() =>
        AnyExample.Sample(
            example => Assert.Equal(ReadAsync(example, width: 1).GetAwaiter().GetResult(), ReadAsync(example, example.Width).GetAwaiter().GetResult()),
            iter: Examples,
            threads: 1);

    private static async Task<List<string>> ReadAsync(Example example, int width)
    {
        var disorder = new Disorder(example.Picks);
        var list = new MovingList(ListOrder.None, example.Cap, example.Unit, example.RepeatEvery, [], width == 1 ? null : disorder, width);
        for (var i = 0; i < example.Applications; i++)
        {
            list.Happen(Happening.Apply, 0);
        }

        var pages = new List<string>();
        try
        {
            await foreach (var page in disorder.Arriving(list.ReadAsync(new ReadWindow(null, null), null, example.PageSize, example.Overlap, TestContext.Current.CancellationToken)))
            {
                pages.Add($"{page.Position}|{page.Checkpoint}|{page.Flaw}|{page.IsPartial}|{page.IsUnanchored}|{string.Join(',', page.Records.Select(record => record.Id))}");
            }
        }
        catch (SourceException failure)
        {
            pages.Add(failure.Message);
        }

        Assert.Equal(0, disorder.UnderWay);
        return pages;
    }

    private sealed record Example(int Cap, int PageSize, int Overlap, int RepeatEvery, OffsetUnit Unit, int Applications, int Width, List<int> Picks)
    {
        public override string ToString() =>
            $"cap {Cap}, page size {PageSize}, overlap {Overlap}, repeats {RepeatEvery}, {Unit}, {Applications} applications, width {Width}, picks {string.Join(' ', Picks)}";
    }
}
