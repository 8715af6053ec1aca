using HokifyMessaging.Receiving;
using HokifyMessaging.Sandbox;
using HokifyMessaging.Service.Commands;
using HokifyMessaging.Service.Screens;

namespace HokifyMessaging.Service.Demo;

/// <summary>Imports, replays, lets time pass, imports again; after each step it looks whether that came out as promised.</summary>
internal sealed class Demonstration(DemoScreen screen, int applications, int seed)
{
    private const int New = 5;
    private const int Changed = 4;
    private const int Withdrawn = 3;
    private const int Erased = 2;

    /// <summary>Far beyond what an import takes; a demonstration that hangs must end, too.</summary>
    private readonly TimeSpan _importTimeout = TimeSpan.FromSeconds(60 + (applications / 100));

    private readonly List<DemoStep> _steps = [];

    /// <returns>Whether each step came out as it says.</returns>
    public async Task<bool> RunAsync(bool keep, CancellationToken cancellationToken)
    {
        var started = TimeProvider.System.GetTimestamp();
        var folder = Directory.CreateTempSubdirectory("hokify-demo-");
        try
        {
            await using (var sandbox = await HokifySandbox.StartAsync(new SandboxOptions { Applications = applications, Seed = seed }, cancellationToken))
            {
                screen.Say(Counted.Text($"A hokify with {applications} {applications:application|applications} listens on {sandbox.BaseAddress}; the database is a SQLite file in {folder.FullName}."));
                await using var host = await DemoHost.StartAsync(sandbox, folder, cancellationToken);
                var first = await ImportEverythingAsync(host, sandbox, cancellationToken);
                await AskAgainAsync(host, sandbox, first, cancellationToken);
                var advance = sandbox.Advance(New, Changed, Withdrawn, Erased);
                await ImportChangesAsync(host, advance, cancellationToken);
                await ImportWithdrawnAsync(host, sandbox, advance, cancellationToken);
            }

            return Conclude(TimeProvider.System.GetElapsedTime(started));
        }
        finally
        {
            if (keep)
            {
                screen.Say($"Kept: {folder.FullName}");
            }
            else
            {
                folder.Delete(recursive: true);
            }
        }
    }

    private async Task<(HokifyImportRequested Request, ImportEnd.Completed Heard)> ImportEverythingAsync(
        DemoHost host, HokifySandbox sandbox, CancellationToken cancellationToken)
    {
        screen.Heading("1. A request asks for a full import");
        var request = new HokifyImportRequested { ImportMode = ImportMode.Full, IdempotencyKey = "demo-full", RequestedBy = "hokify demo" };
        var heard = await FollowAsync(host, request, sandbox.State().Applications, cancellationToken);
        screen.Result(heard.Event);
        Show(DemoStep.FirstImport(heard.Event, applications, await host.Runs.CountRowsAsync(cancellationToken)));
        return (request, heard);
    }

    private async Task AskAgainAsync(
        DemoHost host, HokifySandbox sandbox, (HokifyImportRequested Request, ImportEnd.Completed Heard) first, CancellationToken cancellationToken)
    {
        screen.Heading("2. The same request comes again");
        var before = new DemoState(Json(first.Heard), first.Heard.MessageId, await host.Runs.CountRowsAsync(cancellationToken), sandbox.Requests.Count);
        var again = await ImportAsync(host, first.Request, cancellationToken);
        var after = new DemoState(Json(again), again.MessageId, await host.Runs.CountRowsAsync(cancellationToken), sandbox.Requests.Count);
        screen.Say(Counted.Text($"Event of run {again.Event.RunId}, MessageId {again.MessageId}, {after.Rows.Profiles} {after.Rows.Profiles:application|applications}, {after.Rows.ActivityLogs} activity {after.Rows.ActivityLogs:log|logs}"));
        Show(DemoStep.Replay(before, after));
    }

    private async Task ImportChangesAsync(DemoHost host, SandboxAdvance advance, CancellationToken cancellationToken)
    {
        screen.Heading("3. Time passes on hokify, and a request asks for an incremental import");
        screen.Say(Counted.Text($"hokify has {advance.New.Count} new, {advance.Changed.Count} changed and {advance.Withdrawn.Count} withdrawn {advance.Withdrawn.Count:application|applications}, ")
            + Counted.Text($"and has erased {advance.ErasedPersons.Count} {advance.ErasedPersons.Count:person|persons} with {advance.Erased.Count} {advance.Erased.Count:application|applications}."));
        var heard = await ImportAsync(host, new HokifyImportRequested { IdempotencyKey = "demo-incremental", RequestedBy = "hokify demo" }, cancellationToken);
        var changes = await host.Runs.ChangesAsync(heard.Event.RunId, int.MaxValue, cancellationToken);
        screen.Result(heard.Event);
        screen.Changes(changes);
        Show(DemoStep.Incremental(heard.Event, changes, advance));
    }

    private async Task ImportWithdrawnAsync(DemoHost host, HokifySandbox sandbox, SandboxAdvance advance, CancellationToken cancellationToken)
    {
        screen.Heading("4. What is withdrawn is in no list any more; only a full import can notice");
        var request = new HokifyImportRequested { ImportMode = ImportMode.Full, IdempotencyKey = "demo-full-2", RequestedBy = "hokify demo" };
        var heard = await FollowAsync(host, request, sandbox.State().Applications, cancellationToken);
        var changes = await host.Runs.ChangesAsync(heard.Event.RunId, int.MaxValue, cancellationToken);
        screen.Result(heard.Event);
        screen.Changes(changes);
        Show(DemoStep.Withdrawn(heard.Event, changes, advance));
    }

    private async Task<ImportEnd.Completed> FollowAsync(DemoHost host, HokifyImportRequested request, int total, CancellationToken cancellationToken) =>
        await screen.FollowAsync(
            total,
            ImportAsync(host, request, cancellationToken),
            async token => await host.Runs.OfKeyAsync(request.IdempotencyKey!, token) is [var known] ? (await host.Runs.FindAsync(known.RunId, token))!.Summary.Fetched : 0,
            cancellationToken);

    private Task<ImportEnd.Completed> ImportAsync(DemoHost host, HokifyImportRequested request, CancellationToken cancellationToken) => TimeLimit.WithinAsync(
        _importTimeout,
        TimeProvider.System,
        limit => host.ImportAsync(request, limit),
        cancellationToken,
        otherwise: () => new VerbException($"No event for the request {request.IdempotencyKey} came within {TimeLimit.InSeconds(_importTimeout)}."));

    private void Show(DemoStep step)
    {
        _steps.Add(step);
        screen.Outcome(step);
    }

    private bool Conclude(TimeSpan elapsed)
    {
        screen.Say();
        if (_steps.TrueForAll(s => s.CameOut))
        {
            screen.Say(FormattableString.Invariant($"Each of the {_steps.Count} steps came out as it says, in {ShownValue.Of(elapsed)}."));
            return true;
        }

        foreach (var (step, number) in _steps.Select((step, index) => (step, index + 1)).Where(s => !s.step.CameOut))
        {
            Terminal.Error.WriteLine($"Step {number} did not come out as it says: {string.Join("; ", step.Deviations)}");
        }

        return false;
    }

    private static string Json(ImportEnd.Completed heard) => JsonSerializer.Serialize(heard.Event);
}
