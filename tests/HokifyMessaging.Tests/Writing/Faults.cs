using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace HokifyMessaging.Tests.Writing;

/// <summary>What a database does at the worst moments.</summary>
internal sealed class Faults : DbCommandInterceptor, IDbTransactionInterceptor
{
    private readonly Queue<(string Fragment, Func<Exception> Fault)> _atCommands = new();
    private Func<Task>? _afterCommit;

    /// <summary>Asked before each command; an exception is thrown in its place.</summary>
    public Func<DbCommand, Exception?>? BeforeCommand { get; set; }

    /// <summary>What a statement that changes rows says of how many they were, where it does not say the truth.</summary>
    public int? FalseCount { get; set; }

    /// <summary>How many commits have been made.</summary>
    public int Commits { get; private set; }

    /// <summary>How many transactions were begun, or tried to.</summary>
    public int Begins { get; private set; }

    /// <summary>The next command that contains the text fails instead of being executed; several are met one after the other.</summary>
    public void AtCommand(string fragment, Func<Exception> fault) => _atCommands.Enqueue((fragment, fault));

    /// <summary>The next commit lands, and its client sees an error.</summary>
    public void AfterCommit(Exception exception) => AfterCommit(() => throw exception);

    /// <summary>What happens when the next commit has landed, before its client goes on.</summary>
    public void AfterCommit(Func<Task> happens) => _afterCommit = happens;

    public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
    {
        Fail(command);
        return ValueTask.FromResult(result);
    }

    public override ValueTask<InterceptionResult<int>> NonQueryExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
    {
        Fail(command);
        return ValueTask.FromResult(result);
    }

    public override ValueTask<int> NonQueryExecutedAsync(DbCommand command, CommandExecutedEventData eventData, int result, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult(FalseCount ?? result);

    public ValueTask<InterceptionResult<DbTransaction>> TransactionStartingAsync(
        DbConnection connection, TransactionStartingEventData eventData, InterceptionResult<DbTransaction> result, CancellationToken cancellationToken = default)
    {
        Begins++;
        return ValueTask.FromResult(result);
    }

    public Task TransactionCommittedAsync(DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        Commits++;
        return Interlocked.Exchange(ref _afterCommit, null)?.Invoke() ?? Task.CompletedTask;
    }

    private void Fail(DbCommand command)
    {
        if (BeforeCommand?.Invoke(command) is { } exception)
        {
            throw exception;
        }

        if (_atCommands.TryPeek(out var next) && command.CommandText.Contains(next.Fragment, StringComparison.Ordinal))
        {
            _atCommands.Dequeue();
            throw next.Fault();
        }
    }
}
