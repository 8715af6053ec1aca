using System.CommandLine;
using System.Globalization;
using System.Threading.Channels;
using HokifyMessaging.Contracts;
using MassTransit;
using Microsoft.Extensions.Options;

namespace HokifyMessaging.Service.Commands;

/// <summary><c>hokify request</c>: asks the importers at the configured broker for one import.</summary>
internal static class RequestCommand
{
    /// <summary>How long the bus may take to leave the broker.</summary>
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(10);

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

    private static readonly Option<bool> Wait = new("--wait") { Description = "Wait for the completion event." };

    private static readonly Option<double> Timeout = new Option<double>("--timeout")
    {
        Description = "How many seconds --wait waits, 1 to 86400.",
        DefaultValueFactory = _ => 600,
    }.Between(1, 86_400);

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
            Scope, Mode, From, Key, DryRun, RequestedBy, Wait, Timeout, Json,
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
                parsed.GetValue(Wait) ? TimeSpan.FromSeconds(parsed.GetValue(Timeout)) : null,
                parsed.GetValue(Json),
                cancellationToken),
            cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(HokifyImportRequested request, TimeSpan? wait, bool json, CancellationToken cancellationToken)
    {
        ImportRequestCheck.Require(request, TimeProvider.System.GetUtcNow());
        var builder = CommandHost.CreateBuilder();
        var transport = builder.Configuration.GetSection(TransportOptions.Section).Get<TransportOptions>() ?? new TransportOptions();
        if (transport.Kind == TransportKind.InMemory)
        {
            throw new VerbException(
                "The configured transport is InMemory, a bus that lives inside one process and that no request from here can reach; "
                + "set Transport__Kind=RabbitMq (and Transport__RabbitMq__Host, __Port, __VirtualHost, __Username, __Password) for this program and for 'hokify serve', or try 'hokify demo'.");
        }

        var answers = new Answers(request.IdempotencyKey!);
        builder.Services.AddSingleton(answers);
        builder.Services.AddTransport(builder.Configuration, bus =>
        {
            if (wait is not null)
            {
                // A queue of its own that goes with this process: the event reaches every subscriber, this one among them.
                var queue = $"hokify-request-{Guid.NewGuid():N}";
                bus.AddConsumer<CompletionSubscriber>().Endpoint(endpoint => (endpoint.Name, endpoint.Temporary) = (queue, true));
                bus.AddConsumer<FaultSubscriber>().Endpoint(endpoint => (endpoint.Name, endpoint.Temporary) = (queue, true));
            }
        });
        using var host = builder.Build();
        host.Services.GetRequiredService<IStartupValidator>().Validate();
        var broker = transport.RabbitMq.Address();
        await WithinAsync(
            transport.PublishTimeout,
            host.StartAsync,
            $"The broker at {broker} did not answer within {Seconds(transport.PublishTimeout)} seconds (Transport:PublishTimeout); check Transport:RabbitMq and whether the broker runs.",
            cancellationToken);
        try
        {
            await PublishAsync(host.Services.GetRequiredService<IBus>(), request, broker, transport.PublishTimeout, cancellationToken);
            return wait is { } limit ? await AwaitAsync(answers, request, limit, json, cancellationToken) : Published(request, json);
        }
        finally
        {
            using var stop = new CancellationTokenSource(StopTimeout);
            await host.StopAsync(stop.Token);
        }
    }

    private static async Task PublishAsync(IBus bus, HokifyImportRequested request, string broker, TimeSpan timeout, CancellationToken cancellationToken)
    {
        try
        {
            await WithinAsync(
                timeout,
                limit => bus.Publish(
                    request,
                    context =>
                    {
                        // Without a queue behind the exchange the broker would drop the request and confirm it.
                        if (context.TryGetPayload<RabbitMqSendContext>(out var rabbit))
                        {
                            rabbit.Mandatory = true;
                        }
                    },
                    limit),
                $"The broker at {broker} did not take the request within {Seconds(timeout)} seconds (Transport:PublishTimeout).",
                cancellationToken);
        }
        catch (MessageReturnedException)
        {
            throw new VerbException($"The broker at {broker} has no queue for the request, because no importer has connected to it yet; start 'hokify serve' with the same Transport settings first.");
        }
    }

    private static int Published(HokifyImportRequested request, bool json)
    {
        if (json)
        {
            CommandHost.WriteJson(request);
        }
        else
        {
            Console.Out.WriteLine($"Requested: {request.ImportMode} import of scope {request.ScopeId} under the key {request.IdempotencyKey}");
        }

        return ExitCode.Done;
    }

    private static async Task<int> AwaitAsync(Answers answers, HokifyImportRequested request, TimeSpan limit, bool json, CancellationToken cancellationToken)
    {
        if (!json)
        {
            Published(request, json);
        }

        Answer? answer = null;
        await WithinAsync(
            limit,
            async token => answer = await answers.Channel.Reader.ReadAsync(token),
            $"The import under the key {request.IdempotencyKey} did not complete within {Seconds(limit)} seconds; it goes on all the same, and asking again with --key {request.IdempotencyKey} --wait waits on.",
            cancellationToken);
        if (answer is not Answer.Completed(var completed))
        {
            throw new VerbException(((Answer.Refused)answer!).Sentence);
        }

        if (json)
        {
            CommandHost.WriteJson(completed);
        }
        else
        {
            Console.Out.WriteLine($"Completed: run {completed.RunId}{(completed.DryRun ? ", a dry run" : "")}");
            ResultTable.Write(CommandHost.Screen(), completed.Result);
        }

        return completed.Result.ErrorCount == 0 ? ExitCode.Done : ExitCode.CompletedWithErrors;
    }

    private static async Task WithinAsync(TimeSpan limit, Func<CancellationToken, Task> work, string otherwise, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        either.CancelAfter(limit);
        try
        {
            await work(either.Token);
        }
        catch (Exception) when (either.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new VerbException(otherwise);
        }
    }

    private static string Seconds(TimeSpan duration) => duration.TotalSeconds.ToString(CultureInfo.InvariantCulture);

    private abstract record Answer
    {
        public sealed record Completed(HokifyImportCompleted Event) : Answer;

        public sealed record Refused(string Sentence) : Answer;
    }

    /// <summary>What has been heard of one key.</summary>
    private sealed class Answers(string key)
    {
        public Channel<Answer> Channel { get; } = System.Threading.Channels.Channel.CreateUnbounded<Answer>();

        public void Hear(string? ofKey, Answer answer)
        {
            if (ofKey == key)
            {
                Channel.Writer.TryWrite(answer);
            }
        }
    }

    private sealed class CompletionSubscriber(Answers answers) : IConsumer<HokifyImportCompleted>
    {
        public Task Consume(ConsumeContext<HokifyImportCompleted> context)
        {
            answers.Hear(context.Message.IdempotencyKey, new Answer.Completed(context.Message));
            return Task.CompletedTask;
        }
    }

    private sealed class FaultSubscriber(Answers answers) : IConsumer<Fault<HokifyImportRequested>>
    {
        public Task Consume(ConsumeContext<Fault<HokifyImportRequested>> context)
        {
            var sentence = context.Message.Exceptions.Select(e => e.Message).FirstOrDefault() ?? "The importer refused the request without a reason.";
            answers.Hear(context.Message.Message.IdempotencyKey, new Answer.Refused(sentence));
            return Task.CompletedTask;
        }
    }
}
