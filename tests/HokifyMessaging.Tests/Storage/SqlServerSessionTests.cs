using HokifyMessaging.Tests.Writing;
using Microsoft.SqlServer.TransactSql.ScriptDom;
using Record = HokifyMessaging.Tests.Writing.Record;

namespace HokifyMessaging.Tests.Storage;

/// <summary>A server gives sessions options of its administrator's choice; those that the statements rely on are set for each connection.</summary>
public sealed class SqlServerSessionTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_connection_begins_with_the_options_that_the_statements_rely_on()
    {
        var server = new RecordedSqlServer();
        await using var worker = new ImportWorker(new DatabaseOptions { Provider = DatabaseProvider.SqlServer, ConnectionString = "Server=recorded" }, interceptors: server);
        var run = await server.OpenRunAsync(worker);
        await worker.Writer.WriteAsync(run, Record.Batch(Record.Rejected("r1")), Cancel);
        await worker.Transactions.RenewAsync(run.Lease, Cancel);

        Assert.InRange(server.Opened, 3, 20);
        Assert.Equal(server.Opened, server.Commands.Count(command => command.Text == server.Commands[0].Text));
        Assert.Equal(0, server.StatementsBeforeOptions);
        var set = SqlServerRules.Parse(server.Commands[0].Text).Batches.Single().Statements.Cast<PredicateSetStatement>().ToList();
        Assert.Equal(
            SetOptions.QuotedIdentifier | SetOptions.AnsiNulls | SetOptions.AnsiPadding | SetOptions.AnsiWarnings | SetOptions.ArithAbort | SetOptions.ConcatNullYieldsNull | SetOptions.XactAbort,
            set.Where(s => s.IsOn).Select(s => s.Options).Aggregate((all, options) => all | options));
        Assert.Equal(
            SetOptions.NoCount | SetOptions.ImplicitTransactions | SetOptions.NumericRoundAbort,
            set.Where(s => !s.IsOn).Select(s => s.Options).Aggregate((all, options) => all | options));
    }
}
