using System.Globalization;
using CsCheck;
using HokifyMessaging.Applications;
using HokifyMessaging.Reading;
using HokifyMessaging.Runs;

namespace HokifyMessaging.Tests.Reading.AtsApi;

/// <summary>
/// Imports of a list that others change between any two pages: whatever moves, whatever the server's habits, wherever the read is
/// stopped and resumed.
/// </summary>
public sealed class MovingListTests
{
    private const int Examples = 5_000;

    private static readonly Gen<(Happening, int)> AnyHappening =
        Gen.Select(Gen.OneOfConst(
            Happening.Touch, Happening.Touch, Happening.Touch, Happening.Withdraw, Happening.Withdraw, Happening.Apply, Happening.Nothing), Gen.Int[0, 1_000]);

    private static readonly Gen<Moment> AnyMoment =
        Gen.OneOf(Gen.Const(new Moment([])), AnyHappening.List[1, 8].Select(happenings => new Moment(happenings)));

    private static readonly Gen<Habits> AnyHabits = Gen.Select(
        Gen.Enum<ListOrder>(),
        Gen.OneOf(Gen.Int[2, 4], Gen.Int[2, 30]),
        Gen.Int[2, 20],
        Gen.Int[1, 6],
        Gen.OneOfConst(0, 0, 0, 2, 7),
        (order, cap, pageSize, overlap, repeatEvery) => new Habits(order, cap, pageSize, overlap, repeatEvery));

    private static readonly Gen<Example> AnyExample = Gen.Select(
        AnyHabits, Gen.Bool, Gen.Int[0, 40], AnyMoment.List[0, 40], Gen.Int[0, 4].List[0, 12],
        Gen.Int[0, 1_000].List[1, 20],
        (habits, counts, applications, moments, stops, picks) => new Example(habits, counts ? OffsetUnit.Groups : OffsetUnit.Applications, applications, moments, stops, picks));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(8)]
    public void After_the_next_incremental_import_every_application_that_lives_is_stored_as_it_is_and_none_of_them_was_deleted(int width) =>
        AnyExample.Sample(example => new Import(example, width).Run(), iter: Examples, threads: 1);

    /// <summary>One list of ten thousand shows it: an application that moves ahead of both reads.</summary>
    [Fact]
    public void What_is_gone_is_proven_by_pages_that_are_asked_for_one_after_the_other() =>
        AnyExample.Sample(example => new Import(example, width: 2).Run(), seed: "bcJlr6tqW6mi", iter: 1, threads: 1);

    [Theory]
    [InlineData(1, 10)]
    [InlineData(10, 1)]
    [InlineData(1, 1)]
    [InlineData(2, 10)]
    public async Task A_server_that_gives_one_application_at_a_time_is_read_whole(int cap, int pageSize)
    {
        var list = new MovingList(ListOrder.None, cap, OffsetUnit.Applications, 0, []);
        for (var i = 0; i < 12; i++)
        {
            list.Happen(Happening.Apply, 0);
        }

        var pages = await list.ReadAsync(new ReadWindow(null, null), null, pageSize, 5, TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken);

        Assert.Equal(12, pages.Sum(page => page.Records.Count));
        Assert.DoesNotContain(pages, page => page.Flaw is not null);
    }

    [Fact]
    public async Task A_server_that_gives_one_application_at_a_time_while_its_list_moves_is_no_complete_read()
    {
        var list = new MovingList(ListOrder.CreationAscending, 1, OffsetUnit.Applications, 0, [.. Enumerable.Repeat(new Moment([]), 8), new Moment([(Happening.Withdraw, 0)])]);
        for (var i = 0; i < 12; i++)
        {
            list.Happen(Happening.Apply, 0);
        }

        var pages = await list.ReadAsync(new ReadWindow(null, null), null, 10, 5, TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken);

        Assert.Equal(12, pages.Sum(page => page.Records.Count));
        Assert.Contains("AtsApi:PageSize must be 2 or more", Assert.Single(pages, page => page.Flaw is not null).Flaw, StringComparison.Ordinal);
    }

    internal sealed record Habits(ListOrder Order, int Cap, int PageSize, int Overlap, int RepeatEvery);

    /// <param name="Stops">After how many pages the read is stopped and resumed, one after the other.</param>
    /// <param name="Picks">Which answer arrives next.</param>
    internal sealed record Example(Habits Server, OffsetUnit Unit, int Applications, List<Moment> Moments, List<int> Stops, List<int> Picks)
    {
        public override string ToString() =>
            $"{Server}, {Unit}, {Applications} applications, stops {string.Join(' ', Stops)}, picks {string.Join(' ', Picks)}, moments {string.Join(" | ", Moments.Select(m => string.Join(' ', m.Happenings)))}";
    }

    /// <summary>The importer's chapters, with a dictionary for a database.</summary>
    private sealed class Import(Example example, int width)
    {
        private readonly Disorder _disorder = new(example.Picks);
        private readonly Dictionary<int, int> _stored = [];
        private readonly HashSet<int> _deleted = [];
        private DateTimeOffset? _watermark;
        private readonly Queue<int> _stops = new(example.Stops);
        private MovingList _list = null!;

        public void Run()
        {
            _list = new MovingList(example.Server.Order, example.Server.Cap, example.Unit, example.Server.RepeatEvery, example.Moments, width == 1 ? null : _disorder, width);
            for (var i = 0; i < example.Applications; i++)
            {
                _list.Happen(Happening.Apply, 0);
            }

            foreach (var (id, (_, updated)) in _list.Live)
            {
                _stored[id] = updated;
            }

            FullAsync().GetAwaiter().GetResult();
            Assert.Empty(_deleted.Intersect(_list.Live.Keys));
            while (!_list.IsQuiet)
            {
                IncrementalAsync().GetAwaiter().GetResult();
            }

            IncrementalAsync().GetAwaiter().GetResult();
            Assert.Equal(
                _list.Live.Select(a => (a.Key, a.Value.Updated)),
                _stored.Where(a => _list.Live.ContainsKey(a.Key)).OrderBy(a => a.Key).Select(a => (a.Key, a.Value)));
        }

        private async Task FullAsync()
        {
            var stored = _stored.Keys.ToList();
            var seen = new HashSet<int>();
            if (!await ReadToAsync(_list.Present, null, seen))
            {
                return;
            }

            var pass = ConfirmingPass.First(_list.Present);
            var before = new HashSet<(int Id, int Updated)>();
            while (stored.Exists(id => !seen.Contains(id)))
            {
                var brought = new HashSet<(int Id, int Updated)>();
                await ReadAsync(pass.Window, seen, page =>
                {
                    pass = pass.With(page, pass.From is null || page.Records.Any(record => !before.Contains(CopyOf(record))));
                    brought.UnionWith(page.Records.Select(CopyOf));
                });
                before = brought;
                if (pass.Proves(provesAbsence: false))
                {
                    _deleted.UnionWith(stored.Where(id => !seen.Contains(id)));
                    break;
                }

                if (pass.Number >= ConfirmingPass.Most)
                {
                    break;
                }

                pass = pass.Next(_list.Present);
            }
        }

        private Task<bool> IncrementalAsync() => ReadToAsync(_list.Present, _watermark, []);

        /// <returns>Whether the read was complete.</returns>
        private async Task<bool> ReadToAsync(DateTimeOffset to, DateTimeOffset? from, HashSet<int> seen)
        {
            var isComplete = true;
            await ReadAsync(new ReadWindow(from, to), seen, page => isComplete &= page.Flaw is null);
            _watermark = isComplete ? to : _watermark;
            return isComplete;
        }

        private async Task ReadAsync(ReadWindow window, HashSet<int> seen, Action<SourcePage> found)
        {
            string? checkpoint = null;
            bool isAtEnd;
            do
            {
                try
                {
                    (isAtEnd, checkpoint) = await ReadUntilAsync(window, checkpoint, _stops.TryDequeue(out var stop) ? stop : int.MaxValue, seen, found);
                }
                catch (SourceException failure) when (!_list.IsQuiet && failure.Message.Contains("can be resumed", StringComparison.Ordinal))
                {
                    // A list that changes at the wrong moments looks like a server that repeats itself; the run is resumed.
                    isAtEnd = false;
                }
            }
            while (!isAtEnd);
        }

        private async Task<(bool IsAtEnd, string? Checkpoint)> ReadUntilAsync(
            ReadWindow window, string? checkpoint, int pages, HashSet<int> seen, Action<SourcePage> found)
        {
            var read = _list.ReadAsync(window, checkpoint, example.Server.PageSize, example.Server.Overlap, TestContext.Current.CancellationToken);
            await foreach (var page in _disorder.Arriving(read))
            {
                Assert.True(_list.Answers < 20_000, "the read does not come to an end");
                found(page);
                foreach (var record in page.Records)
                {
                    var (id, updated) = CopyOf(record);
                    seen.Add(id);
                    _stored[id] = Math.Max(updated, _stored.GetValueOrDefault(id));
                }

                checkpoint = page.Checkpoint;
                if (--pages <= 0)
                {
                    return (false, checkpoint);
                }
            }

            return (true, checkpoint);
        }

        private static (int Id, int Updated) CopyOf(SourceRecord record) => (IdOf(record), (int)record.Hash!.Value);

        private static int IdOf(SourceRecord record) => int.Parse(record.Id!.Value.Value, CultureInfo.InvariantCulture);
    }
}
