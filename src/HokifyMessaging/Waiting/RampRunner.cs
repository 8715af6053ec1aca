using HokifyMessaging.Receiving;
using HokifyMessaging.Runs;
using HokifyMessaging.Storage;
using Microsoft.Extensions.Hosting;

namespace HokifyMessaging.Waiting;

/// <summary>Goes on with all ramps, whoever has started them: asks for the import of each step as anybody else asks for one, and looks at what became of it.</summary>
internal sealed partial class RampRunner(RampBook book, RampAlarm alarm, ImportRequests requests, TimeProvider clock, ILogger<RampRunner> logger) : BackgroundService
{
    /// <summary>An import of a few records takes no longer.</summary>
    private static readonly TimeSpan WhileClimbing = TimeSpan.FromMilliseconds(500);

    /// <summary>Another process may have started a ramp, and died.</summary>
    private static readonly TimeSpan WhileIdle = TimeSpan.FromSeconds(10);

    private string? _said;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                await alarm.WaitAsync(await RoundAsync(stoppingToken) ? WhileClimbing : WhileIdle, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The end that was asked for.
        }
    }

    /// <returns>Whether there is one that goes well.</returns>
    private async Task<bool> RoundAsync(CancellationToken stoppingToken)
    {
        var (reason, isClimbing) = ((string?)null, false);
        try
        {
            foreach (var ramp in await book.ActiveAsync(stoppingToken))
            {
                isClimbing = true;
                await GoOnAsync(ramp, stoppingToken);
            }
        }
        catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
        {
            // What was decided stands in the database, and what was not is decided in the next round.
            (reason, isClimbing) = (DatabaseFault.Of(exception)?.Clause ?? BrokerErrors.NotSent(exception), false);
        }

        if (Interlocked.Exchange(ref _said, reason) != reason && reason is not null)
        {
            LogFailed(logger, reason);
        }

        return isClimbing;
    }

    private async Task GoOnAsync(long rampId, CancellationToken cancellationToken)
    {
        RampErrand errand;
        while ((errand = await book.AdvanceAsync(rampId, cancellationToken)) is RampErrand.GoOn)
        {
        }

        if (errand is RampErrand.Ask(var ramp))
        {
            await AskAsync(ramp, cancellationToken);
        }
    }

    private async Task AskAsync(RetryRamp ramp, CancellationToken cancellationToken)
    {
        var request = new HokifyImportRequested { ScopeId = ramp.ScopeId, IdempotencyKey = ramp.KeyOf(ramp.Step), RequestedBy = RequesterOf(ramp) };
        try
        {
            var asked = await requests.SubmitAsync(request, place: null, cancellationToken);
            await book.AskedAsync(ramp.Id, ramp.Step, asked.RunId, cancellationToken);
            LogAsked(logger, ramp.Step, ramp.Id, ramp.ScopeId, asked.RunId);
        }
        catch (Exception exception) when (exception is RequestRefusedException or IdempotencyKeyReusedException)
        {
            // The scope is not in the settings any more, or somebody has used the key for something else: it can never be asked for.
            await book.RefusedAsync(ramp.Id, ramp.Step, clock.GetUtcNow(), cancellationToken);
            LogRefused(logger, ramp.Id, ramp.ScopeId, exception.Message);
        }
    }

    private static string RequesterOf(RetryRamp ramp) => VisibleText.Cut(string.Create(CultureInfo.InvariantCulture, $"ramp {ramp.Id} of {ramp.StartedBy}"), HokifyDbContext.RequestedByLength);

    [LoggerMessage(LogLevel.Information, "Step {Step} of ramp {Ramp} of scope {ScopeId} is tried by run {RunId}")]
    private static partial void LogAsked(ILogger logger, int step, long ramp, int scopeId, Guid runId);

    [LoggerMessage(LogLevel.Warning, "Ramp {Ramp} of scope {ScopeId} ends, because its import cannot be asked for: {Reason}")]
    private static partial void LogRefused(ILogger logger, long ramp, int scopeId, string reason);

    [LoggerMessage(LogLevel.Warning, "Ramps cannot go on now, which is tried again: {Reason}")]
    private static partial void LogFailed(ILogger logger, string reason);
}
