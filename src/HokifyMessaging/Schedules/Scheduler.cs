using HokifyMessaging.Receiving;
using HokifyMessaging.Runs;
using HokifyMessaging.Storage;
using Microsoft.Extensions.Hosting;

namespace HokifyMessaging.Schedules;

/// <summary>Asks for the imports of all schedules when their time has come, as anybody else asks for one.</summary>
internal sealed partial class Scheduler(ScheduleBook book, ImportRequests requests, IOptions<HokifyOptions> options, TimeProvider clock, ILogger<Scheduler> logger) : BackgroundService
{
    /// <summary>A clock may be set, and what could not be done is tried again.</summary>
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(30);

    private readonly IReadOnlyList<(int ScopeId, string Name, ScheduleOptions Schedule)> _schedules =
        [.. options.Value.Scopes.SelectMany(scope => scope.Value.Schedules.Select(schedule => (scope.Key, schedule.Key, schedule.Value)))];

    private string? _said;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (_schedules.Count > 0)
            {
                await RoundAsync(stoppingToken);
                var now = clock.GetUtcNow();
                var next = _schedules.Min(one => ScheduleTimes.Of(one.Schedule).Next(now)) - now;
                await Task.Delay(next < LookAgain ? next.Value : LookAgain, clock, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The end that was asked for.
        }
    }

    private async Task RoundAsync(CancellationToken stoppingToken)
    {
        string? reason = null;
        foreach (var (scopeId, name, schedule) in _schedules)
        {
            try
            {
                if (await book.DecideAsync(scopeId, name, schedule, stoppingToken) is { } instant)
                {
                    await AskAsync(scopeId, name, schedule, instant, stoppingToken);
                }
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                // What was decided stands in the database, and what was not is decided in the next round.
                reason = DatabaseFault.Of(exception)?.Clause ?? BrokerErrors.NotSent(exception);
            }
        }

        if (Interlocked.Exchange(ref _said, reason) != reason && reason is not null)
        {
            LogFailed(logger, reason);
        }
    }

    private async Task AskAsync(int scopeId, string name, ScheduleOptions schedule, DateTimeOffset instant, CancellationToken cancellationToken)
    {
        var request = new HokifyImportRequested { ScopeId = scopeId, ImportMode = schedule.Mode, IdempotencyKey = ScheduleKey.Of(name, instant), RequestedBy = $"schedule {name}" };
        try
        {
            await requests.SubmitAsync(request, place: null, cancellationToken);
            await book.ConcludeAsync(scopeId, name, instant, ScheduleOutcome.Started, cancellationToken);
            LogAsked(logger, request.IdempotencyKey, scopeId, schedule.Mode);
        }
        catch (Exception exception) when (exception is RequestRefusedException or IdempotencyKeyReusedException)
        {
            // Somebody has used the key for something else, or the mode was changed in the settings meanwhile: it can never be asked for.
            await book.ConcludeAsync(scopeId, name, instant, ScheduleOutcome.Refused, cancellationToken);
            LogRefused(logger, name, scopeId, exception.Message);
        }
    }

    [LoggerMessage(LogLevel.Information, "Import {Key} of scope {ScopeId} was asked for by its schedule; mode {Mode}")]
    private static partial void LogAsked(ILogger logger, string key, int scopeId, ImportMode mode);

    [LoggerMessage(LogLevel.Warning, "Schedule {Name} of scope {ScopeId} could not ask for its import: {Reason}")]
    private static partial void LogRefused(ILogger logger, string name, int scopeId, string reason);

    [LoggerMessage(LogLevel.Warning, "Imports that are due by a schedule cannot be asked for now, which is tried again: {Reason}")]
    private static partial void LogFailed(ILogger logger, string reason);
}
