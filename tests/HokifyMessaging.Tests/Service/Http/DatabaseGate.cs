using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace HokifyMessaging.Tests.Service.Http;

/// <summary>Counts what is asked of the database about some table, and holds it up while the gate is closed.</summary>
internal sealed class DatabaseGate(string table) : DbCommandInterceptor
{
    private TaskCompletionSource? _closed;
    private int _asked;
    private int _waiting;

    public int Asked => Volatile.Read(ref _asked);

    /// <summary>How many stand before the closed gate.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    public void Close() => Volatile.Write(ref _closed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));

    public void Open() => Interlocked.Exchange(ref _closed, null)?.SetResult();

    public override async ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
    {
        if (command.CommandText.Contains($"FROM \"{table}\"", StringComparison.Ordinal))
        {
            Interlocked.Increment(ref _asked);
            if (Volatile.Read(ref _closed) is { } closed)
            {
                Interlocked.Increment(ref _waiting);
                try
                {
                    await closed.Task.WaitAsync(cancellationToken);
                }
                finally
                {
                    Interlocked.Decrement(ref _waiting);
                }
            }
        }

        return result;
    }
}
