using HokifyMessaging.Importing;
using HokifyMessaging.Runs;
using HokifyMessaging.Runs.Queries;
using HokifyMessaging.Service.Commands;
using HokifyMessaging.Service.Screens;
using HokifyMessaging.Storage;
using Spectre.Console;

namespace HokifyMessaging.Service.Import;

/// <summary>
/// What an import in this process says on its way, all of it to the error stream: whoever reads the output gets the result alone. A bar where there is a
/// terminal, a line now and then where there is none.
/// </summary>
/// <param name="request">What is imported.</param>
/// <param name="goOn">The command line that goes on with the run, as a part of a sentence.</param>
internal sealed class ImportScreen(HokifyImportRequested request, string goOn)
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LineInterval = TimeSpan.FromSeconds(10);

    private readonly IAnsiConsole _screen = Terminal.ErrorScreen();
    private Guid? _followed;
    private ScopeHolder? _waitedFor;

    /// <summary>Shows warnings as lines of the screen.</summary>
    public ILoggerProvider Logs => new ScreenLogs(Say);

    public void Say(string text) => _screen.WriteLine(VisibleText.Of(text));

    public void Tell(ForegroundNews news)
    {
        switch (news)
        {
            case ForegroundNews.Registered(var runId, var hasBegun):
                _followed = runId;
                Say($"{request.ImportMode} import of scope {request.ScopeId}: run {runId}{(hasBegun ? " goes on where it had stopped" : "")}");
                break;
            case ForegroundNews.Waits(var holder) when holder != _waitedFor:
                _waitedFor = holder;
                Say(holder.RunId == _followed
                    ? $"Run {holder.RunId} is in the hands of {WorkerName.Parse(holder.Owner)}; this waits until it is done there or, if that process is gone, until its claim runs out."
                    : $"Another import of the scope is at work (run {holder.RunId}, {WorkerName.Parse(holder.Owner)}); this one waits for its turn.");
                break;
            case ForegroundNews.OtherFirst(var runId, var key, var isCancelled):
                Say(isCancelled
                    ? $"Run {runId} of the scope had stopped before its end and is cancelled, because this import reads from elsewhere; with its file and --key {key} it goes on."
                    : $"Run {runId} (key {key}) of the scope was asked for before and nobody works on it; it goes first.");
                break;
            case ForegroundNews.OtherEnded(var key, ImportOutcome.Failed(var reason)):
                Say($"The run of the key {key} failed: {reason}");
                break;
            default:
                break;
        }
    }

    /// <summary>Shows how far the run has come until it has ended.</summary>
    public async Task<ForegroundEnd> FollowAsync(Task<ForegroundEnd> importing, RunQueries runs, Task<int?> expected)
    {
        var pace = new ImportPace(TimeProvider.System);
        if (_screen.Profile.Out.IsTerminal && _screen.Profile.Capabilities.Interactive)
        {
            await _screen.Progress()
                .AutoClear(true)
                .Columns(new SpinnerColumn(), new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn { Width = 20 })
                .StartAsync(async context =>
                {
                    var bar = context.AddTask("waiting", maxValue: 1);
                    bar.IsIndeterminate = true;
                    await LookAsync(importing, runs, LookInterval, run =>
                    {
                        pace.Note(run.Summary.Fetched);
                        var total = expected is { IsCompletedSuccessfully: true, Result: { } count } ? count : (int?)null;
                        bar.Description = Terminal.Plain($"{Words(run.Summary)} {pace.Text(total)}");
                        bar.IsIndeterminate = total is null or 0;
                        (bar.MaxValue, bar.Value) = (Math.Max(1, total ?? 1), Math.Min(run.Summary.Fetched, total ?? 0));
                    });
                });
        }
        else
        {
            await LookAsync(importing, runs, LineInterval, run =>
            {
                pace.Note(run.Summary.Fetched);
                Say($"{Words(run.Summary)} {pace.Text(expected is { IsCompletedSuccessfully: true, Result: { } count } ? count : null)}");
            });
        }

        return await importing;
    }

    private async Task LookAsync(Task importing, RunQueries runs, TimeSpan interval, Action<RunProgress> show)
    {
        while (await Task.WhenAny(importing, Task.Delay(interval)) != importing)
        {
            try
            {
                if (_followed is { } runId && (await runs.ProgressAsync([runId], CancellationToken.None)).TryGetValue(runId, out var progress))
                {
                    show(progress);
                }
            }
            catch (Exception exception) when (DatabaseErrors.IsUnavailable(exception))
            {
                // Whoever imports meets it as well, and says so; the next look is due in a moment.
            }
        }
    }

    /// <summary>Says why there is no result.</summary>
    public async Task TellEndAsync(ForegroundEnd end)
    {
        await Terminal.TellAsync(end switch
        {
            ForegroundEnd.Failed failed => failed.Reason,
            ForegroundEnd.Cancelled => $"Run {end.RunId} was cancelled by somebody else.",
            _ => $"Run {end.RunId} stopped at its checkpoint; what was imported stays.",
        });
        await Terminal.TellAsync($"{(end is ForegroundEnd.Failed ? "When the cause is removed, " : "")}{goOn} goes on with it.");
    }

    public static string Completed(ForegroundEnd.Completed end) => end switch
    {
        { WasStored: true } =>
            $"Run {end.RunId} of the key {end.Event.IdempotencyKey} was completed at {ShownValue.Of(end.Event.CompletedAt)}, so nothing was imported now; another --key, or none, imports again. Its result:",
        _ => $"Completed: run {end.RunId} of scope {end.Event.ScopeId}{(end.Event.DryRun ? ", a dry run that changed nothing" : "")}",
    };

    private static string Words(RunSummary run) => run.State == RunState.Queued ? "waiting" : RunsScreen.Doing(run.Phase);
}
