using HokifyMessaging.Runs.Queries;
using HokifyMessaging.Storage;
using Spectre.Console;

namespace HokifyMessaging.Service.Screens;

/// <summary>Runs as people read them: a list of them, and everything about one.</summary>
internal static class RunsScreen
{
    public static void List(IAnsiConsole screen, IReadOnlyList<RunSummary> runs)
    {
        if (runs.Count == 0)
        {
            screen.Say("No run matches.");
            return;
        }

        var listing = new Listing(
            new("id"),
            new("created"),
            new("state"),
            new("scope", IsNumber: true, Stacked: "import"),
            new("mode", MayMove: true, Stacked: "import"),
            new("took", IsNumber: true, Stacked: "import"),
            new("fetched", IsNumber: true, Stacked: "records"),
            new("ok", IsNumber: true, Stacked: "records"),
            new("errors", IsNumber: true, Stacked: "records"),
            new("key", MayMove: true),
            new("requested by", MayMove: true));
        foreach (var run in runs)
        {
            listing.Add(
                [
                    run.RunId.ToString(),
                    ShownValue.Of(run.CreatedAt),
                    run.State.ToString(),
                    ShownValue.Of(run.ScopeId),
                    Mode(run),
                    Took(run),
                    ShownValue.Of(run.Fetched),
                    ShownValue.Of(run.OkCount),
                    ShownValue.Of(run.ErrorCount),
                    run.IdempotencyKey,
                    run.RequestedBy,
                ],
                new("stands at", Stand(run)),
                new("failed", run.Failure));
        }

        listing.Write(screen);
    }

    public static void Show(IAnsiConsole screen, RunDetails run)
    {
        var summary = run.Summary;
        Fact.Write(
            screen,
            [
                new("id", summary.RunId.ToString(), IsWhole: true),
                new("key", summary.IdempotencyKey, IsWhole: true),
                new("scope", ShownValue.Of(summary.ScopeId)),
                new("mode", Mode(summary)),
                new("from", run.UnixSecondsFrom?.ToString(CultureInfo.InvariantCulture)),
                new("may delete", run.AllowDeletions is { } deletions ? ShownValue.Of(deletions) : null),
                new("requested by", summary.RequestedBy),
                new("state", summary.State.ToString()),
                new("stands at", Stand(summary)),
                new("window", run.WindowTo is { } to ? $"{(run.WindowFrom is { } from ? ShownValue.Of(from) : "everything")} to {ShownValue.Of(to)}" : null),
                new("created", ShownValue.Of(summary.CreatedAt)),
                new("started", ShownValue.Of(summary.StartedAt)),
                new("completed", ShownValue.Of(summary.CompletedAt)),
                new("took", Took(summary)),
                new("announced", ShownValue.Of(run.AnnouncedAt)),
                new("last stopped", summary.CompletedAt is null ? ShownValue.Of(run.NudgedAt) : null),
                new("failed", run.Failures == 0 ? null : $"{Times(run.Failures)} as a whole"),
                new("last failure", summary.Failure),
                new("hokify said", run.SourceSaid),
                new("resumes", ShownValue.Of(run.ResumeAt)),
                new("plan", run.PlanDigest, IsWhole: true),
                new("answered by", run.AnsweredBy?.ToString(), IsWhole: true),
                new("plan kept", run.PlanForgottenAt is { } forgotten ? $"no longer whole since {ShownValue.Of(forgotten)}, and cannot be applied" : null),
                new("details", run.DetailsForgottenAt is { } at ? $"no longer kept since {ShownValue.Of(at)}: only the counts are" : null),
            ]);
        screen.Gap();
        ResultTable.Write(screen, run.Result);
        WriteWaiting(screen, run);
    }

    private static void WriteWaiting(IAnsiConsole screen, RunDetails run)
    {
        if (run.WaitingCount == 0)
        {
            return;
        }

        screen.Gap();
        screen.Say(run.WaitingCount == run.Waiting.Count
            ? "These records wait to be tried again:"
            : Counted.Text($"{run.WaitingCount} {run.WaitingCount:record waits|records wait} to be tried again; the first {run.Waiting.Count}:"));
        screen.Gap();
        var listing = new Listing(new("reference id"), new("element"), new("state"), new("retries", IsNumber: true), new("due"));
        foreach (var record in run.Waiting)
        {
            listing.Add(
                [record.ReferenceId, record.ElementName, record.Parked ? "parked" : "waits", ShownValue.Of(record.RetryCount), ShownValue.Of(record.DueAt)],
                new Fact("reason", record.Reason));
        }

        listing.Write(screen);
        if (run.Waiting.Any(record => record.Parked))
        {
            screen.Gap();
            screen.Say($"What is parked is tried again after 'hokify runs retry {run.Summary.RunId}'.");
        }
    }

    private static string Mode(RunSummary run) => run.DryRun ? $"{run.ImportMode}, dry" : run.ImportMode.ToString();

    private static string Took(RunSummary run) => run.DurationMilliseconds is { } milliseconds ? ShownValue.Of(TimeSpan.FromMilliseconds(milliseconds)) : "";

    private static string Times(int number) => number == 1 ? "once" : $"{ShownValue.Of(number)} times";

    /// <summary>What a run is doing that has begun and not ended, and whether anybody does.</summary>
    private static string? Stand(RunSummary run) => run switch
    {
        { State: RunState.Completed } or { StartedAt: null } => null,
        { UnattendedSince: { } since } => $"{Doing(run.Phase)}; nobody works on it since {ShownValue.Of(since)}, and a running 'hokify serve' takes it over",
        _ => Doing(run.Phase),
    };

    /// <summary>A chapter of an import, as what is being done.</summary>
    public static string Doing(string phase) => phase switch
    {
        nameof(RunPhase.Retrying) => "trying again what failed earlier",
        nameof(RunPhase.Reading) => "reading",
        nameof(RunPhase.Confirming) => "making sure of what is gone",
        nameof(RunPhase.Deleting) => "deleting what is gone",
        nameof(RunPhase.Comparing) => "comparing with the plan",
        nameof(RunPhase.Applying) => "applying the plan",
        _ => "concluding",
    };
}
