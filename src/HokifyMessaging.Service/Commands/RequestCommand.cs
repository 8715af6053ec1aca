using HokifyMessaging.Runs;
using HokifyMessaging.Service.Screens;

namespace HokifyMessaging.Service.Commands;

/// <summary><c>hokify request</c>: asks the importers at the configured broker for one import.</summary>
internal static class RequestCommand
{
    private static readonly Option<bool> Json = new("--json") { Description = "Print the completion event as JSON; without --wait the request." };

    public static Command Create()
    {
        var command = new Verb(
            "request",
            "Asks a running service for one import",
            new VerbHelp(
                "Publishes one request for an import to the configured broker, where a running 'hokify serve' takes it. It does not wait for the import unless --wait says so.")
            {
                Examples =
                [
                    ("hokify request", "What is new or changed in scope 1."),
                    ("hokify request --mode Full --wait", "Everything, and what hokify no longer has is marked as deleted; shows the result."),
                    ("hokify request --scope 2 --key nightly-2026-02-15 --dry-run --wait", "What an import of scope 2 would do; the same key again asks for the same result."),
                ],
                ExitCodes =
                [
                    (ExitCode.Done, "published; with --wait: completed without errors"),
                    (ExitCode.Failed, "it could not be published, was refused, failed or took longer than --timeout"),
                    (ExitCode.CompletedWithErrors, "--wait saw it complete, and some of its records are in error"),
                ],
            });
        RequestOptions.AddTo(command);
        command.Options.Add(AwaitedImport.Wait);
        command.Options.Add(AwaitedImport.Timeout);
        command.Options.Add(Json);
        command.SetAction((parsed, cancellationToken) => CommandErrors.GuardAsync(
            () => RunAsync(RequestOptions.Of(parsed), AwaitedImport.Limit(parsed), parsed.GetValue(Json), cancellationToken), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(HokifyImportRequested request, TimeSpan? wait, bool json, CancellationToken cancellationToken)
    {
        ImportRequestCheck.Require(request, TimeProvider.System.GetUtcNow());
        await using var visit = new BrokerVisit();
        var awaited = wait is null ? null : new AwaitedImport(request.ScopeId, request.IdempotencyKey!);
        await visit.BeginAsync(awaited, cancellationToken);
        await visit.SendAsync((broker, limit) => broker.RequestAsync(request, limit), visit.NoImporter, cancellationToken);
        if (!json)
        {
            Terminal.Screen().Say($"Requested: {request.ImportMode} import of scope {request.ScopeId} under the key {request.IdempotencyKey}");
        }
        else if (awaited is null)
        {
            CommandHost.WriteJson(request);
        }

        return awaited is null
            ? ExitCode.Done
            : await awaited.FinishAsync(wait!.Value, $"asking again with --key {request.IdempotencyKey} --wait", json, cancellationToken);
    }
}
