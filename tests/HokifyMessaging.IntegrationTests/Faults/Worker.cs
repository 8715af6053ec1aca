using HokifyMessaging.IntegrationTests.Processes;

namespace HokifyMessaging.IntegrationTests.Faults;

/// <summary>A place for a <c>hokify serve</c>, as an operating system's supervisor keeps one: whatever ends is started again.</summary>
internal sealed class Worker(Installation site, FaultLog log, string lane)
{
    /// <summary>A process that is ended by the signal before the program has begun.</summary>
    private const int EndedByTerm = 128 + 15;

    private HokifyProcess? _process;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Starts it where none runs.</summary>
    public async Task KeepAsync()
    {
        if (_process is { HasExited: false })
        {
            return;
        }

        if (_process is { } ended)
        {
            log.Note(lane, $"{ended.Id} ended by itself with {await ended.ExitAsync()}: {ended.Lines.LastOrDefault()}");
        }

        await StartAsync();
    }

    public async Task KillAsync(int away)
    {
        await KeepAsync();
        await _process!.KillAsync();
        log.Note(lane, $"{_process.Id} killed");
        await Task.Delay(away, Cancel);
        await StartAsync();
    }

    public async Task PauseAsync(int milliseconds)
    {
        await KeepAsync();
        await _process!.PauseAsync();
        log.Note(lane, $"{_process.Id} stopped");
        await Task.Delay(milliseconds, Cancel);
        await _process.ContinueAsync();
        log.Note(lane, $"{_process.Id} continued");
    }

    public async Task TerminateAsync(int away)
    {
        await KeepAsync();
        await EndAsync();
        await Task.Delay(away, Cancel);
        await StartAsync();
    }

    public async Task TerminateYoungAsync(int age)
    {
        await KillAsync(away: 0);
        await Task.Delay(age, Cancel);
        await TerminateAsync(away: 0);
    }

    /// <summary>Asks it to end, and sees that it does.</summary>
    public async Task EndAsync()
    {
        var hadBegun = _process!.Lines.Count > 0;
        log.Note(lane, $"{_process.Id} asked to end");
        var code = await _process.TerminateAsync();
        log.Note(lane, $"{_process.Id} ended with {code}");
        Assert.True(code == 0 || (code == EndedByTerm && !hadBegun), $"hokify was asked to end and ended with {code}:\n{_process}");
    }

    public Task UntilStartedAsync() => _process!.UntilStartedAsync();

    private async Task StartAsync()
    {
        _process = await site.ServeAsync();
        log.Note(lane, $"{_process.Id} started");
    }
}
