using HokifyMessaging.Backups;
using Spectre.Console;

namespace HokifyMessaging.Service.Screens;

/// <summary>What a backup says of itself, as people read it.</summary>
internal static class BackupScreen
{
    private const int Listed = 20;

    public static void Show(IAnsiConsole screen, string done, string file, long bytes, BackupManifest manifest)
    {
        Fact.Write(
            screen,
            [
                new(done, file, IsWhole: true),
                new("size", Counted.Text($"{bytes:#,0} {bytes:byte|bytes}")),
                new("of", $"{ShownValue.Of(manifest.TakenAt)}, by hokify {manifest.Version}"),
                new("schema", manifest.Migrations.Count > 0 ? manifest.Migrations[^1] : "none"),
                new("rows", string.Join(", ", manifest.Rows.Where(table => table.Value > 0).Select(table => $"{table.Key} {ShownValue.Of(table.Value)}"))),
                .. manifest.Scopes.Select(scope => new Fact($"scope {ShownValue.Of(scope.ScopeId)}", Of(scope))),
                new("not finished", manifest.InFlightCount == 0 ? "no run" : $"{ShownValue.Of(manifest.InFlightCount)} {(manifest.InFlightCount == 1 ? "run" : "runs")}, which a restored database goes on with"),
            ]);
        if (manifest.InFlight.Count == 0)
        {
            return;
        }

        screen.Gap();
        var listing = new Listing(new("id"), new("created"), new("state"), new("scope", IsNumber: true, Stacked: "import"), new("mode", Stacked: "import"), new("key", MayMove: true));
        foreach (var run in manifest.InFlight.Take(Listed))
        {
            listing.Add([run.RunId.ToString(), ShownValue.Of(run.CreatedAt), run.State.ToString(), ShownValue.Of(run.ScopeId), run.ImportMode.ToString(), run.IdempotencyKey]);
        }

        listing.Write(screen);
        if (manifest.InFlightCount > Listed)
        {
            screen.Say($"… and more; {BackupArchive.Manifest} in the backup names them.");
        }
    }

    private static string Of(BackupScope scope) =>
        (scope.Watermark is { } watermark ? $"read to the end up to {ShownValue.Of(watermark)}" : "not read to the end yet")
        + (scope.Lease is { } lease ? $"; {lease.Owner} was at work" : "");
}
