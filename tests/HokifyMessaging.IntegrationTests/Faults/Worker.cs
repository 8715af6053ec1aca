using HokifyMessaging.IntegrationTests.Processes;

namespace HokifyMessaging.IntegrationTests.Faults;

/// <summary>A place for a <c>hokify serve</c>, as an operating system's supervisor keeps one: whatever ends is started again.</summary>
internal sealed class Worker(Installation site, FaultLog log, string lane) : IDisposable
{
    /// <summary>A process that is ended by the signal before the program has begun.</summary>
    private const int EndedByTerm = 128 + 15;

    /// <summary>Whoever does something with it has it alone until it is done.</summary>
    private readonly SemaphoreSlim _one = new(1);

    private HokifyProcess? _process;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Starts it where none runs.</summary>
    public Task KeepAsync() => AloneAsync(() => Task.CompletedTask);

    public Task KillAsync(int away) => AloneAsync(() => KillNowAsync(away));

    public Task PauseAsync(int milliseconds) => AloneAsync(async () =>
    {
        await _process!.PauseAsync();
        log.Note(lane, $"{_process.Id} stopped");
        await Task.Delay(milliseconds, Cancel);
        await _process.ContinueAsync();
        log.Note(lane, $"{_process.Id} continued");
    });

    public Task TerminateAsync(int away) => AloneAsync(() => TerminateNowAsync(away));

    public Task TerminateYoungAsync(int age) => AloneAsync(async () =>
    {
        await KillNowAsync(away: 0);
        await Task.Delay(age, Cancel);
        await TerminateNowAsync(away: 0);
    });

    /// <summary>Asks it to end, and sees that it does.</summary>
    public Task EndAsync() => AloneAsync(EndNowAsync);

    public Task UntilStartedAsync() => _process!.UntilStartedAsync();

    public void Dispose() => _one.Dispose();

    private async Task AloneAsync(Func<Task> act)
    {
        await _one.WaitAsync(Cancel);
        try
        {
            if (_process is { HasExited: true } ended)
            {
                log.Note(lane, $"{ended.Id} ended by itself with {await ended.ExitAsync()}: {ended.Lines.LastOrDefault()}");
            }

            if (_process is not { HasExited: false })
            {
                await StartAsync();
            }

            await act();
        }
        finally
        {
            _one.Release();
        }
    }

    private async Task KillNowAsync(int away)
    {
        await _process!.KillAsync();
        log.Note(lane, $"{_process.Id} killed");
        await Task.Delay(away, Cancel);
        await StartAsync();
    }

    private async Task TerminateNowAsync(int away)
    {
        await EndNowAsync();
        await Task.Delay(away, Cancel);
        await StartAsync();
    }

    private async Task EndNowAsync()
    {
        var hadBegun = _process!.Lines.Count > 0;
        log.Note(lane, $"{_process.Id} asked to end");
        var code = await _process.TerminateAsync();
        log.Note(lane, $"{_process.Id} ended with {code}");
        Assert.True(code == 0 || (code == EndedByTerm && !hadBegun), $"hokify was asked to end and ended with {code}:\n{_process}");
    }

    private async Task StartAsync()
    {
        _process = await site.ServeAsync();
        log.Note(lane, $"{_process.Id} started");
    }
}
