using CsCheck;
using HokifyMessaging.Reading;
using HokifyMessaging.Runs;
using HokifyMessaging.Storage;

namespace HokifyMessaging.Tests.Runs;

public sealed class RunTransitionsTests
{
    private static readonly DateTimeOffset Now = new(2026, 10, 1, 9, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Before = Now.AddHours(-1);
    private static readonly ImportOptions Options = new();

    private static readonly Dictionary<string, RunEvent> Events = new()
    {
        ["asked again"] = new RunEvent.AskedAgain(),
        ["nudged"] = new RunEvent.Nudged(),
        ["claimed"] = new RunEvent.Claimed(8, new ReadWindow(null, Now), "process 7 on a machine"),
        ["interrupted"] = new RunEvent.Interrupted(IsSentAgain: true),
        ["failed"] = new RunEvent.Failed(new RunFailure("hokify is away") { SourceSaid = "Wartung" }),
        ["refused"] = new RunEvent.Refused("no such scope", IsResumed: true),
        ["plan refused"] = new RunEvent.PlanRefused("hokify has moved"),
        ["cancel requested"] = new RunEvent.CancelRequested(),
        ["cancelled"] = new RunEvent.Cancelled(),
        ["completed"] = new RunEvent.Completed("{}"),
        ["answered"] = new RunEvent.Answered("{}", Before, new ReadWindow(null, Before)),
    };

    /// <summary>Each state against each event: the state behind it, or nothing where the event cannot happen to such a run.</summary>
    private const string Table =
        """
                         | Queued      | Running     | Interrupted | Failed    | Cancelled | Completed
        asked again      |             |             |             | Queued    | Queued    |
        nudged           | Queued      | Running     | Interrupted | Queued    |           |
        claimed          | Running     | Running     | Running     |           |           |
        interrupted      |             | Interrupted |             |           |           |
        failed           |             | Failed      |             |           |           |
        refused          | Failed      | Failed      | Failed      |           |           |
        plan refused     |             | Failed      |             |           |           |
        cancel requested | Cancelled   | Running     | Cancelled   | Cancelled |           |
        cancelled        | Cancelled   | Cancelled   | Cancelled   |           |           |
        completed        |             | Completed   |             |           |           |
        answered         | Completed   |             |             |           |           |
        """;

    public static TheoryData<RunState, string, RunState?> Cells
    {
        get
        {
            var rows = Table.Split('\n').Select(line => line.Split('|', StringSplitOptions.TrimEntries)).ToList();
            return
            [
                .. rows.Skip(1).SelectMany(row => row.Skip(1).Select((cell, column) => new TheoryDataRow<RunState, string, RunState?>(
                    Enum.Parse<RunState>(rows[0][column + 1]), row[0], cell.Length == 0 ? null : Enum.Parse<RunState>(cell)))),
            ];
        }
    }

    private static Gen<RunStatus> Statuses => StatusesOf(Gen.Enum<RunState>(), Gen.Bool);

    private static Gen<RunStatus> StatusesOf(Gen<RunState> states, Gen<bool> isToStop) =>
        from state in states
        from phase in Gen.Enum<RunPhase>()
        from fence in Gen.Long[0, 9]
        from began in Gen.Bool
        from asked in isToStop
        from failures in Gen.Int[0, 9]
        from resumes in Gen.Bool
        from nudged in Gen.Bool
        let hasBegun = began || state is RunState.Running or RunState.Completed
        select new RunStatus
        {
            State = state,
            Phase = phase,
            Fence = fence,
            StartedAt = hasBegun ? Before : null,
            WindowTo = hasBegun ? Before : null,
            CancelRequestedAt = asked ? Before : null,
            Failures = failures,
            Failure = failures > 0 ? "earlier" : null,
            SourceSaid = failures > 1 ? "words" : null,
            ResumeAt = resumes && state == RunState.Failed ? Before : null,
            NudgedAt = nudged ? Before : null,
            CompletedAt = state == RunState.Completed ? Before : null,
            CompletedEvent = state == RunState.Completed ? "{}" : null,
        };

    [Fact]
    public void The_table_has_every_state_and_every_event() =>
        Assert.Equal(Enum.GetValues<RunState>().Length * typeof(RunEvent).GetNestedTypes().Length, Cells.Select(row => (row.Data.Item1, Events[row.Data.Item2])).Distinct().Count());

    [Theory]
    [MemberData(nameof(Cells))]
    public void Each_event_moves_a_run_as_the_table_says(RunState state, string happened, RunState? expected) => StatusesOf(Gen.Const(state), Gen.Const(false)).Sample(
        status => Assert.Equal(expected, RunTransitions.After(status, Events[happened], Now, Options)?.State), iter: 20);

    [Fact]
    public void A_run_that_failed_alone_resumes_and_one_that_is_completed_alone_has_an_end() => Gen.Select(Statuses, Gen.OneOfConst([.. Events.Values])).Sample(
        (status, happened) =>
        {
            if (RunTransitions.After(status, happened, Now, Options) is not { } after)
            {
                return;
            }

            Assert.True(after.ResumeAt is null || after.State == RunState.Failed);
            Assert.Equal(after.State == RunState.Completed, after.CompletedAt is not null);
            Assert.Equal(after.State == RunState.Completed, after.CompletedEvent is not null);
            Assert.True(after.State is not (RunState.Running or RunState.Completed) || (after.StartedAt is not null && after.WindowTo is not null));
            Assert.True(after.State != RunState.Completed || after is { Phase: RunPhase.Concluding, Failure: null, CancelRequestedAt: null });

            // What was frozen when the first worker began stays so.
            Assert.True(status.StartedAt is null || (after.StartedAt, after.WindowFrom, after.WindowTo) == (status.StartedAt, status.WindowFrom, status.WindowTo));
            Assert.True(after.Fence >= status.Fence || happened is RunEvent.Claimed);
        },
        iter: Examples.Of(1_000));

    [Theory]
    [InlineData("failed")]
    [InlineData("refused")]
    public void A_run_that_somebody_wanted_to_stop_has_stopped_when_it_fails(string happened)
    {
        var status = new RunStatus { State = RunState.Running, Phase = RunPhase.Reading, CancelRequestedAt = Before };

        var after = RunTransitions.After(status, Events[happened], Now, Options)!;

        Assert.Equal((RunState.Cancelled, null, Before), (after.State, after.ResumeAt, after.CancelRequestedAt));
        Assert.NotNull(after.Failure);
    }

    [Fact]
    public void What_is_asked_for_again_is_no_longer_to_stop_and_whoever_is_claimed_neither()
    {
        var cancelled = new RunStatus { State = RunState.Cancelled, Phase = RunPhase.Reading, CancelRequestedAt = Before };

        Assert.Null(RunTransitions.After(cancelled, Events["asked again"], Now, Options)!.CancelRequestedAt);
        Assert.Null(RunTransitions.After(cancelled with { State = RunState.Running }, Events["claimed"], Now, Options)!.CancelRequestedAt);
        Assert.Equal(Before, RunTransitions.After(cancelled with { State = RunState.Running }, Events["cancel requested"], Now, Options)!.CancelRequestedAt);
    }

    [Fact]
    public void A_row_has_all_columns_of_its_status() => Statuses.Sample(
        status =>
        {
            var run = new ImportRun { IdempotencyKey = "k", Tally = "{}" };
            status.Set(run);
            Assert.Equal(status, RunStatus.Of(run));
        },
        iter: 50);
}
