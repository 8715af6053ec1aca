using HokifyMessaging.Storage;

namespace HokifyMessaging.Runs;

/// <summary>Renews leases while their holders read: a slow page must not look like a dead worker.</summary>
internal sealed partial class LeaseKeeper(FencedTransactions transactions, IOptions<HokifyOptions> options, TimeProvider clock, ILogger<LeaseKeeper> logger)
{
    public KeptLease Keep(ScopeLease lease, CancellationToken cancellationToken) =>
        new(lease, (kept, token) => RenewAsync(kept, lease, token), cancellationToken);

    private async Task RenewAsync(KeptLease kept, ScopeLease lease, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(options.Value.Import.LeaseDuration / 3, clock);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            try
            {
                await transactions.RenewAsync(lease, cancellationToken);
            }
            catch (LeaseLostException)
            {
                await kept.LoseAsync();
                return;
            }
            catch (Exception exception) when (DatabaseFault.Of(exception) is { } fault)
            {
                // The next tick tries again; if none succeeds the lease runs out, and the fence protects what is written.
                LogNotRenewed(logger, lease.ScopeId, fault.Clause);
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "The lease of scope {ScopeId} could not be renewed: {Reason}")]
    private static partial void LogNotRenewed(ILogger logger, int scopeId, string reason);
}

/// <summary>A lease that is renewed until this is disposed of.</summary>
internal sealed class KeptLease : IAsyncDisposable
{
    private readonly CancellationTokenSource _work;
    private readonly CancellationTokenSource _renewing = new();
    private readonly Task _renewal;

    public KeptLease(ScopeLease lease, Func<KeptLease, CancellationToken, Task> renew, CancellationToken cancellationToken)
    {
        Lease = lease;
        _work = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _renewal = renew(this, _renewing.Token);
    }

    public ScopeLease Lease { get; }

    /// <summary>Another worker has taken over.</summary>
    public bool IsLost { get; private set; }

    /// <summary>Fires when the work must end: by the caller's wish, or because the lease is lost.</summary>
    public CancellationToken Token => _work.Token;

    public Task LoseAsync()
    {
        IsLost = true;
        return _work.CancelAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _renewing.CancelAsync();
        try
        {
            await _renewal;
        }
        catch (OperationCanceledException) when (_renewing.IsCancellationRequested)
        {
            // The end that was asked for.
        }

        _renewing.Dispose();
        _work.Dispose();
    }
}
