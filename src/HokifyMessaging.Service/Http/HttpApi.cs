using System.Text.Json.Serialization;
using HokifyMessaging.Runs;
using HokifyMessaging.Runs.Queries;
using HokifyMessaging.Service.Http.Audit;
using HokifyMessaging.Service.Http.Downloads;
using HokifyMessaging.Service.Http.ExportImport;
using HokifyMessaging.Service.Http.Imports;
using HokifyMessaging.Service.Http.Keys;
using HokifyMessaging.Service.Http.OpenApi;
using HokifyMessaging.Service.Http.People;
using HokifyMessaging.Service.Http.Protection;
using HokifyMessaging.Service.Monitoring;
using HokifyMessaging.Service.WebConsole;
using HokifyMessaging.Storage;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http.HttpResults;

namespace HokifyMessaging.Service.Http;

/// <summary>The HTTP side: what it needs, and in which order a request passes through it.</summary>
internal static class HttpApi
{
    public static void AddHttpApi(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddKeys();
        services.AddProtection();
        services.AddHealth();
        services.AddWebConsole();
        services.AddSingleton<IProblemDetailsWriter, ProblemWriter>();
        services.AddProblemDetails();
        services.AddExceptionHandler<ProblemAnswers>();
        services.ConfigureHttpJsonOptions(json => json.SerializerOptions.Converters.Add(new JsonStringEnumConverter()));

        services.AddApiDescription();
        // The keys lie in the database unencrypted, beside all that they could open; the framework warns of it at every start.
        builder.Logging.AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error);
        services.AddDataProtection().SetApplicationName("hokify").PersistKeysToHokifyDatabase();
        services.AddSingleton<DownloadLinks>();
        services.AddSingleton<DownloadLink>(provider => provider.GetRequiredService<DownloadLinks>().LinkTo);
        services.AddSingleton<Spools>();
        services.AddSingleton<SpooledFiles>();
        services.AddSingleton<NotedDownloads>();
        services.AddSingleton<KnownScopes>();
        services.AddSingleton<AskedErasures>();
        services.AddSingleton<PeopleExports>();
        services.AddSingleton<FollowedRuns>();
        services.AddSingleton<EventStreams>();
    }

    public static void MapHttpApi(this WebApplication application)
    {
        application.UsePatience();
        application.UseExceptionHandler();
        application.UseStatusCodePages();
        application.UseProtection();
        application.UseTracedRequests();
        application.MapHealth();
        application.MapMetrics();
        var api = application.MapGroup("").WithExactRequests();
        api.MapHokifyImport();
        api.MapImports();
        api.MapErasures();
        api.MapExports();
        api.MapAudit();
        api.MapDownloads();
        application.MapApiDescription();
        application.MapWebConsole();
    }

    /// <summary>
    /// Whoever waits for an answer is told that the database is locked, before <c>Database:CommandTimeout</c> is over. What
    /// is left of it is for the rest of the answer, and for its turn: SQLite waits for a lock on the caller's thread, and threads are few.
    /// </summary>
    private static void UsePatience(this WebApplication application)
    {
        var patience = application.Services.GetRequiredService<IOptions<DatabaseOptions>>().Value.CommandTimeout * 0.5;
        var clock = application.Services.GetRequiredService<TimeProvider>();
        application.Use(async (context, next) =>
        {
            using var begun = DatabasePatience.Begin(patience, clock);
            await next(context);
        });
    }

    /// <summary>What callers get wrong, and what passes by itself, as problem details. All else is ours: 500, and the log has it.</summary>
    private sealed class ProblemAnswers(IOptions<HttpOptions> options) : IExceptionHandler
    {
        /// <summary>When it is worth another try to ask a database that was locked or away.</summary>
        private static readonly TimeSpan DatabasePause = TimeSpan.FromSeconds(5);

        /// <summary>When one of the imports that wait may have begun.</summary>
        private static readonly TimeSpan QueuePause = TimeSpan.FromSeconds(30);

        public async ValueTask<bool> TryHandleAsync(HttpContext context, Exception exception, CancellationToken cancellationToken)
        {
            IResult? answer = exception switch
            {
                ParameterException wrong => Problems.Parameter(wrong.Parameter, wrong.Message),
                UnseenScopeException unseen => Problems.NoSuchScope(unseen),
                UnknownPositionException unknown => Problems.Parameter("after", unknown.Message),
                RequestRefusedException refused => Problems.Parameter(JsonNamingPolicy.CamelCase.ConvertName(refused.Member), refused.Message),
                IdempotencyKeyReusedException reused => Problems.KeyReused(reused.Message),
                BadHttpRequestException bad => Problems.Answer(Sentence(bad), bad.StatusCode),
                QueueFullException full => Full(context, full),
                _ when DatabaseErrors.IsUnavailable(exception) => Unavailable(context, exception),
                OperationCanceledException when context.RequestAborted.IsCancellationRequested => TypedResults.StatusCode(StatusCodes.Status499ClientClosedRequest),
                _ => null,
            };
            if (answer is null)
            {
                return false;
            }

            await answer.ExecuteAsync(context);
            return true;
        }

        /// <summary>What the server finds while a body is read, in our words.</summary>
        private string Sentence(BadHttpRequestException bad) => bad.StatusCode switch
        {
            StatusCodes.Status413PayloadTooLarge => Counted.Text($"The body is longer than {options.Value.Limits.RequestBody} {options.Value.Limits.RequestBody:byte|bytes}."),
            StatusCodes.Status415UnsupportedMediaType => bad is WrongBodyException ? bad.Message : RequestBody.WrongType,
            StatusCodes.Status408RequestTimeout => "The body did not come in time.",
            _ => "The body ended before it was whole, or is not as its headers say.",
        };

        private static ProblemHttpResult Full(HttpContext context, QueueFullException full)
        {
            context.Response.RetryAfter(QueuePause);
            return Problems.TooMany(full.Message);
        }

        private static ProblemHttpResult Unavailable(HttpContext context, Exception exception)
        {
            context.Response.RetryAfter(DatabasePause);
            return Problems.Unavailable(DatabaseErrors.Describe(exception)!);
        }
    }
}
