using CsCheck;
using HokifyMessaging.Planning;
using HokifyMessaging.Runs;
using HokifyMessaging.Runs.Coverage;

namespace HokifyMessaging.Tests.Runs.Coverage;

/// <summary>Which spans were read, told from what runs were to read. Instants are minutes.</summary>
public sealed class CoveringTests
{
    private static readonly DateTimeOffset Zero = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);

    private int _runs;

    [Fact]
    public void A_scope_that_was_never_read_is_not_read_from_the_beginning() => Assert.Equal("..100 NotYet", Text(Of([], null)));

    [Fact]
    public void A_full_import_covers_everything_up_to_its_end() => Assert.Equal("..60 Read, 60..100 NotYet", Text(Of([Whole(null, 60)], 60)));

    [Fact]
    public void A_run_that_was_asked_to_begin_later_leaves_a_hole_until_a_later_one_reads_it()
    {
        var (full, jump) = (Whole(null, 20), Whole(50, 60, isAskedFor: true));

        Assert.Equal("..20 Read, 20..50 Hole Jumped, 50..60 Read, 60..100 NotYet", Text(Of([full, jump], 20)));

        var next = Whole(19, 80);
        var closed = Of([full, jump, next], 80);
        Assert.Equal("..80 Read, 80..100 NotYet", Text(closed));
        Assert.Equal((At(20), At(50), HoleWhy.Jumped, jump.RunId, next.RunId, next.EndedAt), Parts(Assert.Single(closed.Closed)));
    }

    [Theory]
    [InlineData(nameof(ReadEnd.Failed), nameof(HoleWhy.Failed))]
    [InlineData(nameof(ReadEnd.Resuming), nameof(HoleWhy.Resuming))]
    [InlineData(nameof(ReadEnd.Cancelled), nameof(HoleWhy.Cancelled))]
    [InlineData(nameof(ReadEnd.CutOff), nameof(HoleWhy.CutOff))]
    public void A_window_that_was_not_read_to_its_end_is_a_hole_with_its_reason(string end, string why)
    {
        var missed = Window(19, 40, Enum.Parse<ReadEnd>(end));

        var coverage = Of([Whole(null, 20), missed], 20);

        Assert.Equal($"..20 Read, 20..40 Hole {why}, 40..100 NotYet", Text(coverage));
        Assert.Equal(missed.RunId, Assert.Single(coverage.Holes).RunId);
        Assert.Equal("..50 Read, 50..100 NotYet", Text(Of([Whole(null, 20), missed, Whole(19, 50)], 50)));
    }

    [Fact]
    public void A_hole_that_was_read_in_part_stays_one_in_the_other()
    {
        var coverage = Of([Whole(null, 20), Window(19, 60, ReadEnd.Failed), Whole(30, 40, isAskedFor: true)], 20);

        Assert.Equal("..20 Read, 20..30 Hole Failed, 30..40 Read, 40..60 Hole Failed, 60..100 NotYet", Text(coverage));
        Assert.Equal((At(30), At(40)), (coverage.Closed[0].From, coverage.Closed[0].To));
    }

    [Fact]
    public void What_a_run_reads_at_this_moment_is_under_way_also_where_it_is_a_hole() =>
        Assert.Equal("..20 Read, 20..70 UnderWay, 70..100 NotYet", Text(Of([Whole(null, 20), Window(19, 60, ReadEnd.Failed), Window(19, 70, ReadEnd.UnderWay)], 20)));

    [Fact]
    public void What_somebody_has_had_left_out_is_a_hole_however_long_ago_that_was() =>
        Assert.Equal(
            "..20 Read, 20..50 Hole MovedByHand, 50..90 Read, 90..100 NotYet",
            Text(Covering.Of([Whole(70, 80), Whole(79, 90)], new ReadSoFar(At(90), new SkippedSpan(At(20), At(50)), null), At(100))));

    [Fact]
    public void Another_source_has_to_be_read_anew()
    {
        var before = new[] { Whole(null, 20), Whole(19, 40) };

        Assert.Equal("..40 Hole SourceChanged, 40..100 NotYet", Text(Covering.Of(before, new ReadSoFar(null, null, At(50)), At(100))));
        Assert.Equal("..60 Read, 60..100 NotYet", Text(Covering.Of([.. before, Whole(null, 60)], new ReadSoFar(At(60), null, At(50)), At(100))));
    }

    [Fact]
    public void Runs_from_long_ago_need_not_be_known() => Assert.Equal("..90 Read, 90..100 NotYet", Text(Of([Whole(79, 90)], 90)));

    /// <summary>Whatever is asked for, fails, is cancelled, cut off or moved by hand: what is shown as read was read, and what was read is shown so.</summary>
    [Fact]
    public void Coverage_is_what_a_scope_that_is_imported_at_random_has_read() => Histories.Sample(
        history =>
        {
            var world = new World(history.Overlap);
            foreach (var step in history.Steps)
            {
                world.Do(step);
                var all = Covering.Of(world.Runs, world.Scope, world.Now);
                Assert.Equal(world.ReadCells(), CellsOf(all, world.Now));
                AssertWhole(all, world.Now);
            }
        },
        iter: 500);

    [Fact]
    public void With_the_last_runs_alone_nothing_is_shown_as_read_that_was_not() => Histories.Sample(
        history =>
        {
            var world = new World(history.Overlap);
            foreach (var step in history.Steps)
            {
                world.Do(step);
                var some = Covering.Of(world.Runs.TakeLast(3), world.Scope, world.Now);
                Assert.Subset(world.ReadCells().ToHashSet(), CellsOf(some, world.Now).ToHashSet());
            }
        },
        iter: 500);

    [Fact]
    public void Each_span_begins_where_the_one_before_ends_and_neighbours_differ() => Gen.Select(Gen.Int[0, 60], Gen.Int[1, 40], Gen.Int[0, 6], Gen.Bool).List[0, 40].Sample(
        windows => AssertWhole(
            Covering.Of(
                windows.Select(w => Window(w.Item4 ? w.Item1 : null, w.Item1 + w.Item2, (ReadEnd)(w.Item3 % 6), w.Item3 > 2)), new ReadSoFar(null, null, null), At(100)),
            At(100)),
        iter: 500);

    private static Gen<(int Overlap, List<(int Kind, int A, int B)> Steps)> Histories =>
        Gen.Select(Gen.Int[0, 3], Gen.Select(Gen.Int[0, 9], Gen.Int[0, 30], Gen.Int[1, 5]).List[1, 25]);

    private static (DateTimeOffset?, DateTimeOffset, HoleWhy, Guid?, Guid, DateTimeOffset) Parts(ClosedHole closed) =>
        (closed.From, closed.To, closed.Why, closed.RunId, closed.ClosedBy, closed.ClosedAt);

    private static void AssertWhole(ScopeCoverage coverage, DateTimeOffset now)
    {
        Assert.Null(coverage.Spans[0].From);
        Assert.True(coverage.Spans[^1].To >= now);
        foreach (var (one, next) in coverage.Spans.Zip(coverage.Spans.Skip(1)))
        {
            Assert.Equal(one.To, next.From);
            Assert.True(next.To > next.From);
            Assert.NotEqual((one.State, one.Why, one.RunId), (next.State, next.Why, next.RunId));
        }

        Assert.All(coverage.Spans, span => Assert.Equal(span.State == SpanState.Hole, span.Why is not null));
    }

    /// <summary>The minutes that are shown as read; -1 stands for all before the first.</summary>
    private static List<int> CellsOf(ScopeCoverage coverage, DateTimeOffset now)
    {
        var last = (int)(now - Zero).TotalMinutes;
        return [.. Enumerable.Range(-1, last + 1).Where(cell => coverage.Spans.Any(span => span.State == SpanState.Read && (span.From is null || span.From <= At(cell)) && At(cell) < span.To))];
    }

    private static DateTimeOffset At(double minute) => Zero.AddMinutes(minute);

    private static string Text(ScopeCoverage coverage) => string.Join(", ", coverage.Spans.Select(span =>
        FormattableString.Invariant($"{(span.From is { } from ? Minute(from) : "")}..{Minute(span.To)} {span.State}{(span.Why is { } why ? $" {why}" : "")}")));

    private static string Minute(DateTimeOffset at) => FormattableString.Invariant($"{(at - Zero).TotalMinutes}");

    private static ScopeCoverage Of(IEnumerable<RunWindow> runs, double? watermark) => Covering.Of(runs, new ReadSoFar(watermark is { } at ? At(at) : null, null, null), At(100));

    private RunWindow Whole(double? from, double to, bool isAskedFor = false) => Window(from, to, ReadEnd.Whole, isAskedFor);

    private RunWindow Window(double? from, double to, ReadEnd end, bool isAskedFor = false)
    {
        var number = ++_runs;
        return new RunWindow(new Guid(number, 0, 0, new byte[8]), from is { } at ? At(at) : null, At(to), isAskedFor, end, At(to), At(100).AddSeconds(number));
    }

    /// <summary>A scope that is imported by the rules of the importer, and that remembers what was read minute by minute.</summary>
    private sealed class World(int overlap)
    {
        private readonly HashSet<int> _read = [];
        private int _now;
        private DateTimeOffset? _watermark;
        private SkippedSpan? _skipped;
        private DateTimeOffset? _changedAt;

        public List<RunWindow> Runs { get; } = [];

        public DateTimeOffset Now => At(_now);

        public ReadSoFar Scope => new(_watermark, _skipped, _changedAt);

        public List<int> ReadCells() => [.. Enumerable.Range(-1, _now + 1).Where(_read.Contains)];

        public void Do((int Kind, int A, int B) step)
        {
            _now += step.B;
            switch (step.Kind)
            {
                case 0:
                    Import(null, ReadEnd.Whole, isFull: true);
                    break;
                case 1:
                    Import(Math.Min(step.A, _now), ReadEnd.Whole);
                    break;
                case 2:
                    Import(Math.Min(step.A, _now), ReadEnd.Failed);
                    break;
                case 3:
                    var moved = step.A > 28 ? (DateTimeOffset?)null : At(Math.Min(step.A, _now));
                    _skipped = SkippedSpan.AfterMove(_skipped, _watermark, moved);
                    _watermark = moved;
                    break;
                case 4:
                    (_watermark, _skipped, _changedAt) = (null, null, Now);
                    _read.Clear();
                    _now++;
                    Import(null, step.A > 15 ? ReadEnd.Whole : ReadEnd.Failed);
                    break;
                default:
                    Import(null, (ReadEnd)(step.A % 5));
                    break;
            }
        }

        private void Import(int? askedFor, ReadEnd end, bool isFull = false)
        {
            var from = isFull ? null : Watermark.Begin(askedFor is { } asked ? At(asked) : null, _watermark, TimeSpan.FromMinutes(overlap));
            Runs.Add(new RunWindow(Guid.NewGuid(), from, Now, askedFor is not null, end, Now, Now.AddSeconds(Runs.Count)));
            if (end != ReadEnd.Whole)
            {
                return;
            }

            _read.UnionWith(Enumerable.Range(-1, _now + 1).Where(cell => from is null || At(cell) >= from));
            _watermark = Watermark.After(_watermark, from, Now);
            _skipped = _skipped?.After(from, Now);
            if (isFull)
            {
                _changedAt = null;
            }
        }
    }
}
