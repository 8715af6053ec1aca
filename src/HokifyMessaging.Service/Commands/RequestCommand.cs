using HokifyMessaging.Runs;

namespace HokifyMessaging.Service.Commands;

/// <summary><c>hokify request</c>: asks the importers at the configured broker for one import.</summary>
internal static class RequestCommand
{
    private static readonly Option<int> Scope = new("--scope") { Description = "The scope to import.", DefaultValueFactory = _ => 1 };

    private static readonly Option<ImportMode> Mode = new("--mode")
    {
        Description = "Incremental reads what is new or changed; Full reads everything and deletes what hokify no longer has.",
        DefaultValueFactory = _ => ImportMode.Incremental,
    };

    private static readonly Option<decimal?> From = new("--from")
    {
        Description = "Where an incremental import begins, in seconds since 1970-01-01 UTC; fractions count. Default: where the last one ended.",
        CustomParser = argument =>
        {
            if (decimal.TryParse(argument.Tokens[0].Value, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seconds))
            {
                return seconds;
            }

            argument.AddError("--from must be a number of seconds since 1970-01-01 UTC, such as 1771077762.5.");
            return null;
        },
    };

    private static readonly Option<string?> Key = new("--key")
    {
        Description = "The idempotency key, at most 200 characters: the same key again never imports twice, it has the stored result announced again. Default: a new one.",
    };

    private static readonly Option<bool> DryRun = new("--dry-run") { Description = "Read, plan and count, but write no applicant." };

    private static readonly Option<string?> RequestedBy = new("--requested-by") { Description = "Who or what asks; a system or a role rather than a person.", };

    private static readonly Option<bool> Json = new("--json") { Description = "Print the completion event as JSON; without --wait the request." };

    public static Command Create()
    {
        Key.Validators.Add(result =>
        {
            if (string.IsNullOrWhiteSpace(result.GetValue(Key)))
            {
                result.AddError("--key must not be blank; leave it out for a new key.");
            }
        });
        var command = new Command(
            "request",
            "Publishes one request for an import to the configured broker. Exit code 0; 2 when --wait saw it complete with errors; "
            + "1 when it could not be published, was refused, failed or took longer than --timeout.")
        {
            Scope, Mode, From, Key, DryRun, RequestedBy, AwaitedImport.Wait, AwaitedImport.Timeout, Json,
        };
        command.SetAction((parsed, cancellationToken) => CommandErrors.GuardAsync(
            () => RunAsync(
                new HokifyImportRequested
                {
                    ScopeId = parsed.GetValue(Scope),
                    ImportMode = parsed.GetValue(Mode),
                    UnixSecondsFrom = parsed.GetValue(From),
                    IdempotencyKey = parsed.GetValue(Key) ?? $"request-{Guid.NewGuid()}",
                    DryRun = parsed.GetValue(DryRun),
                    RequestedBy = parsed.GetValue(RequestedBy),
                },
                AwaitedImport.Limit(parsed),
                parsed.GetValue(Json),
                cancellationToken),
            cancellationToken));
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
