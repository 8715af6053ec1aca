using HokifyMessaging.Runs;

namespace HokifyMessaging.Service.Commands;

/// <summary><c>hokify request</c>: asks the importers at the configured broker for one import.</summary>
internal static class RequestCommand
{
    private static readonly Option<bool> Json = new("--json") { Description = "Print the completion event as JSON; without --wait the request." };

    public static Command Create()
    {
        var command = new Command(
            "request",
            "Publishes one request for an import to the configured broker. Exit code 0; 2 when --wait saw it complete with errors; "
            + "1 when it could not be published, was refused, failed or took longer than --timeout.");
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
            Terminal.Out.WriteLine($"Requested: {request.ImportMode} import of scope {request.ScopeId} under the key {request.IdempotencyKey}");
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
