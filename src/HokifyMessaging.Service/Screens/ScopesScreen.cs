using HokifyMessaging.Runs.Queries;
using Spectre.Console;

namespace HokifyMessaging.Service.Screens;

/// <summary>How far scopes have been read, and what is under way.</summary>
internal static class ScopesScreen
{
    public static void Show(IAnsiConsole screen, IReadOnlyList<ScopeStanding> scopes)
    {
        if (scopes.Count == 0)
        {
            screen.Say("No scope is configured, and none has been imported.");
            return;
        }

        var listing = new Listing(
            new("scope"),
            new("name", MayMove: true),
            new("source"),
            new("read to"),
            new("lag", IsNumber: true),
            new("runs that wait", IsNumber: true, Stacked: "waiting"),
            new("records", IsNumber: true, Stacked: "waiting"),
            new("parked", IsNumber: true, Stacked: "waiting"));
        foreach (var scope in scopes)
        {
            listing.Add(
                [
                    ShownValue.Of(scope.ScopeId),
                    scope.Name ?? "not configured",
                    scope.Source,
                    scope.Watermark is null ? "never read to the end" : ShownValue.Of(scope.Watermark),
                    scope.LagSeconds is { } lag ? ShownValue.Of(TimeSpan.FromSeconds(lag)) : "",
                    ShownValue.Of(scope.WaitingRuns),
                    ShownValue.Of(scope.WaitingRecords),
                    ShownValue.Of(scope.ParkedRecords),
                ],
                new("last read", scope.LastCompleteRead is { } read ? $"ended {ShownValue.Of(read)}" : null),
                new("at work", Work(scope)),
                new("failed", scope.ResumingRuns == 0 ? null : $"{Runs(scope.ResumingRuns)} that failed and will be tried again; 'hokify runs --failed' lists them"),
                new("note", scope.SourceChangedAt is { } since ? $"read from another source since {ShownValue.Of(since)}; until a full import has found all of its applications there, none is deleted" : null));
        }

        listing.Write(screen);
    }

    private static string? Work(ScopeStanding scope) => scope.Work switch
    {
        null => null,
        { IsSilent: true } silent => $"nobody since {ShownValue.Of(silent.Until)}: {silent.Worker} has been silent since, and a running 'hokify serve' takes it over",
        { RunId: { } run } work => $"{work.Worker}, on run {run}",
        var work => work.Worker,
    };

    private static string Runs(int number) => number == 1 ? "one run" : Counted.Text($"{number} {number:run|runs}");
}
