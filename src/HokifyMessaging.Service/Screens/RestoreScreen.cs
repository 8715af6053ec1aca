using HokifyMessaging.Backups;
using Spectre.Console;

namespace HokifyMessaging.Service.Screens;

/// <summary>What became of a database that was restored, as people read it.</summary>
internal static class RestoreScreen
{
    private const int Listed = 50;

    /// <param name="screen">Where.</param>
    /// <param name="restored">What was done.</param>
    /// <param name="overlap">How far before its watermark a scope is read again.</param>
    public static void Show(IAnsiConsole screen, RestoredDatabase restored, TimeSpan overlap)
    {
        var manifest = restored.Manifest;
        Fact.Write(
            screen,
            [
                new(restored.WasRestored ? "restored" : "would restore", restored.Database, IsWhole: true),
                new("to", $"{ShownValue.Of(manifest.TakenAt)}, when hokify {manifest.Version} made the backup"),
                new("erased again", Erased(restored)),
                .. restored.Scopes.Select(scope => new Fact($"scope {ShownValue.Of(scope.ScopeId)}", Of(scope, overlap))),
            ]);
        ShowRuns(
            screen,
            [.. restored.Runs.Where(run => run.AnnouncedAt is not null)],
            "The events of these runs went out after the backup: subscribers know of them, and the restored database does not. The next imports find what they had brought.");
        ShowRuns(
            screen,
            [.. restored.Runs.Where(run => run is { AnnouncedAt: null, StateInBackup: null })],
            "These runs were asked for after the backup, and the restored database does not know them; ask again for what is still wanted.");
        screen.Gap();
        foreach (var sentence in restored.AtWork)
        {
            screen.SayItem($"Now it would be refused. {sentence}");
        }

        screen.SayItem(restored.WasRestored
            ? "Start 'hokify serve': runs that were not finished go on from where they stood in the backup."
            : "Nothing was changed; --yes does it.");
        screen.SayItem(restored.Replaced
            ? "Then run a full import of each scope: it brings what has come since, and meets whom hokify has erased meanwhile."
            : "There is no database that it replaces, so who was erased since the backup is known from --erasures alone: run a full import of each scope, which meets those whom hokify has erased.");
    }

    private static string Erased(RestoredDatabase restored) => restored.Erased switch
    {
        { Hashes: 0, People: 0, Applications: 0 } => "nobody; nobody is known to have been erased since",
        { People: 0, Applications: 0 } erased => $"nobody, because none of those who were erased since was there; hashes that keep them out: {ShownValue.Of(erased.Hashes)}",
        var erased => $"people {ShownValue.Of(erased.People)}, applications {ShownValue.Of(erased.Applications)}, of those who were erased since; hashes that keep them out: {ShownValue.Of(erased.Hashes)}",
    };

    private static string Of(RestoredScope scope, TimeSpan overlap)
    {
        var from = scope.Watermark is { } watermark ? $"from {ShownValue.Of(watermark - overlap)} on" : "from the beginning";
        return $"the next incremental import reads {from}{(scope.Unfinished == 0 ? "" : Counted.Text($"; {scope.Unfinished} unfinished {scope.Unfinished:run goes|runs go} on before it"))}";
    }

    private static void ShowRuns(IAnsiConsole screen, List<ForgottenRun> runs, string what)
    {
        if (runs.Count == 0)
        {
            return;
        }

        screen.Gap();
        screen.Say(what);
        screen.Gap();
        var listing = new Listing(
            new("id"), new("event went out"), new("was", Stacked: "state"), new("in the backup", Stacked: "state"), new("scope", IsNumber: true), new("key", MayMove: true));
        foreach (var run in runs.Take(Listed))
        {
            listing.Add(
                [run.RunId.ToString(), ShownValue.Of(run.AnnouncedAt), run.State.ToString(), run.StateInBackup?.ToString() ?? "unknown", ShownValue.Of(run.ScopeId), run.IdempotencyKey]);
        }

        listing.Write(screen);
        if (runs.Count > Listed)
        {
            screen.Say($"… and {ShownValue.Of(runs.Count - Listed)} more; --json lists all.");
        }
    }
}
