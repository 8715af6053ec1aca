using HokifyMessaging.Receiving;
using HokifyMessaging.Runs;
using HokifyMessaging.Storage;
using Microsoft.Extensions.Hosting;

namespace HokifyMessaging.Schedules;

/// <summary>Asks for the imports of all schedules when their time has come, as anybody else asks for one.</summary>
internal sealed partial class Scheduler(ScheduleBook book, KnownSchedules known, ImportRequests requests, TimeProvider clock, ILogger<Scheduler> logger) : BackgroundService
{
    /// <summary>A clock may be set, a schedule added, and what could not be done is tried again.</summary>
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(30);

    private IReadOnlyList<KnownSchedule> _schedules = known.OfSettings;
    private string? _said;
    private string _unusable = "";

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
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
        try
        {
            _schedules = Usable(await known.ListAsync(stoppingToken));
        }
        catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
        {
            // Those that it knew are still good.
            reason = DatabaseFault.Of(exception)?.Clause ?? exception.GetType().Name;
        }

        foreach (var schedule in _schedules)
        {
            try
            {
                if (await book.DecideAsync(schedule, stoppingToken) is { } due)
                {
                    await AskAsync(schedule, due, stoppingToken);
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

    /// <summary>One that has no times here must not keep the others from theirs.</summary>
    private List<KnownSchedule> Usable(IReadOnlyList<KnownSchedule> schedules)
    {
        var problems = string.Join(' ', schedules.Select(one => one.Problem).OfType<string>());
        if (problems.Length > 0 && problems != _unusable)
        {
            LogUnusable(logger, problems);
        }

        _unusable = problems;
        return [.. schedules.Where(one => one.Problem is null)];
    }

    private async Task AskAsync(KnownSchedule schedule, DueImport due, CancellationToken cancellationToken)
    {
        var ((scopeId, name), (instant, mode)) = ((schedule.ScopeId, schedule.Name), due);
        var request = new HokifyImportRequested { ScopeId = scopeId, ImportMode = mode, IdempotencyKey = ScheduleKey.Of(name, instant), RequestedBy = $"schedule {name}" };
        try
        {
            await requests.SubmitAsync(request, place: null, cancellationToken);
            await book.ConcludeAsync(scopeId, name, instant, ScheduleOutcome.Started, cancellationToken);
            LogAsked(logger, request.IdempotencyKey, scopeId, mode);
        }
        catch (Exception exception) when (exception is RequestRefusedException or IdempotencyKeyReusedException)
        {
            // Somebody has used the key for something else, or the mode was changed meanwhile: it can never be asked for.
            await book.ConcludeAsync(scopeId, name, instant, ScheduleOutcome.Refused, cancellationToken);
            LogRefused(logger, name, scopeId, exception.Message);
        }
    }

    [LoggerMessage(LogLevel.Information, "Import {Key} of scope {ScopeId} was asked for by its schedule; mode {Mode}")]
    private static partial void LogAsked(ILogger logger, string key, int scopeId, ImportMode mode);

    [LoggerMessage(LogLevel.Warning, "Schedule {Name} of scope {ScopeId} could not ask for its import: {Reason}")]
    private static partial void LogRefused(ILogger logger, string name, int scopeId, string reason);

    [LoggerMessage(LogLevel.Warning, "A schedule that is stored brings no imports here: {Problems}")]
    private static partial void LogUnusable(ILogger logger, string problems);

    [LoggerMessage(LogLevel.Warning, "Imports that are due by a schedule cannot be asked for now, which is tried again: {Reason}")]
    private static partial void LogFailed(ILogger logger, string reason);
}
