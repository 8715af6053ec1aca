using HokifyMessaging.Runs.Queries;
using HokifyMessaging.Service.Commands;
using HokifyMessaging.Service.Screens;
using Spectre.Console;

namespace HokifyMessaging.Service.Demo;

/// <summary>What the demonstration shows: a bar where there is a terminal, plain lines where there is none.</summary>
internal sealed class DemoScreen(IAnsiConsole screen)
{
    private static readonly TimeSpan RefreshInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>A list of changes ends here; what comes behind is counted.</summary>
    private const int ChangesShown = 40;

    public void Say(string text = "") => ScreenLines.Say(screen, text);

    public void Heading(string text)
    {
        screen.WriteLine();
        screen.MarkupLine($"[bold]{Terminal.Plain(text)}[/]");
    }

    public void Result(HokifyImportCompleted completed) => ResultTable.Write(screen, completed.Result);

    public void Changes(IReadOnlyList<RunChange> changes)
    {
        foreach (var change in changes.Take(ChangesShown))
        {
            screen.WriteLine($"  {change.Change,-8} {change.ElementName,-17} {change.ReferenceId}");
        }

        if (changes.Count > ChangesShown)
        {
            screen.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  and {changes.Count - ChangesShown} more"));
        }
    }

    public void Outcome(DemoStep step)
    {
        screen.MarkupLine($"{(step.CameOut ? "[green]ok[/]" : "[red]NOT SO[/]")}: {Terminal.Plain(step.Promise)}");
        foreach (var deviation in step.Deviations)
        {
            screen.SayItem(deviation);
        }
    }

    /// <summary>Shows how far some work has come until it is done.</summary>
    /// <param name="total">How much there is to do.</param>
    /// <param name="work">The work.</param>
    /// <param name="progress">How much of it is done.</param>
    public async Task<T> FollowAsync<T>(int total, Task<T> work, Func<CancellationToken, Task<int>> progress, CancellationToken cancellationToken)
    {
        if (Console.IsOutputRedirected || !screen.Profile.Capabilities.Interactive)
        {
            var shown = 0;
            await WatchAsync(work, progress, done => shown = Line(shown, done, total), cancellationToken);
            Line(shown, total, total);
        }
        else
        {
            await screen.Progress().StartAsync(async context =>
            {
                var bar = context.AddTask("applications", maxValue: total);
                await WatchAsync(work, progress, done => bar.Value = done, cancellationToken);
                bar.Value = total;
            });
        }

        return await work;
    }

    private static async Task WatchAsync<T>(Task<T> work, Func<CancellationToken, Task<int>> progress, Action<int> show, CancellationToken cancellationToken)
    {
        while (await Task.WhenAny(work, Task.Delay(RefreshInterval, cancellationToken)) != work)
        {
            cancellationToken.ThrowIfCancellationRequested();
            show(await progress(cancellationToken));
        }

        // Whatever it came to, the caller gets it; here it only must not be shown as progress.
        await work;
    }

    /// <summary>A line for every tenth, not for every look.</summary>
    private int Line(int shown, int done, int total)
    {
        if (done <= shown || (done < total && done - shown < total / 10))
        {
            return shown;
        }

        screen.WriteLine(Counted.Text($"  {done} of {total} {total:application|applications}"));
        return done;
    }
}
