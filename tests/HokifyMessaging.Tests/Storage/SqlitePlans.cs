using System.Data.Common;
using System.Text.RegularExpressions;
using HokifyMessaging.Runs;
using HokifyMessaging.Tests.Writing;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using SQLitePCL;

namespace HokifyMessaging.Tests.Storage;

/// <summary>Keeps the statements that are sent to a SQLite database, and asks it how it finds their rows: <c>Candidate by INTEGER PRIMARY KEY (rowid=?)</c>.</summary>
internal sealed partial class SqlitePlans
{
    private readonly Statements _sent = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>For the worker whose statements are to be kept.</summary>
    public IInterceptor[] Interceptors => [_sent, new ListsPrepared()];

    public IReadOnlyList<string> Sent => _sent.All;

    public void Forget() => _sent.All.Clear();

    /// <summary>How the rows of all that was sent are found, each way once.</summary>
    /// <param name="worker">Who has sent it.</param>
    /// <param name="run">The run whose session the fast writer has used, past everybody who listens; null for none.</param>
    public Task<List<string>> OfSentAsync(ImportWorker worker, RunInProgress? run = null)
    {
        List<string> statements = [.. _sent.All, .. run is null ? [] : Prepared(run)];
        return worker.QueryAsync(async db =>
        {
            await db.Database.OpenConnectionAsync(Cancel);
            var steps = new SortedSet<string>(StringComparer.Ordinal);
            foreach (var statement in statements.Where(sql => Reading().IsMatch(sql)).Distinct())
            {
                await using var command = db.Database.GetDbConnection().CreateCommand();
                command.CommandText = "EXPLAIN QUERY PLAN " + statement;
                foreach (var name in Parameter().Matches(statement).Select(match => match.Value).Distinct())
                {
                    command.Parameters.Add(new SqliteParameter(name, DBNull.Value));
                }

                await using var reader = await command.ExecuteReaderAsync(Cancel);
                while (await reader.ReadAsync(Cancel))
                {
                    var step = reader.GetString(3);
                    if (!step.Contains("VIRTUAL TABLE", StringComparison.Ordinal) && Step().Match(step) is { Success: true } found)
                    {
                        steps.Add($"{TableOf(statement, found.Groups["name"].Value)} by {(found.Groups["verb"].Value == "SCAN" ? "SCAN " : "")}{found.Groups["way"].Value}".TrimEnd());
                    }
                }
            }

            return steps.ToList();
        });
    }

    private static List<string> Prepared(RunInProgress run)
    {
        var connection = (SqliteConnection)run.Session!.Db.Database.GetDbConnection();
        var prepared = new List<string>();
        for (var statement = raw.sqlite3_next_stmt(connection.Handle!, null); statement is { IsInvalid: false }; statement = raw.sqlite3_next_stmt(connection.Handle!, statement))
        {
            prepared.Add(raw.sqlite3_sql(statement).utf8_to_string());
        }

        Assert.NotEmpty(prepared);
        return prepared;
    }

    private static string TableOf(string statement, string name) =>
        Alias().Matches(statement).FirstOrDefault(alias => alias.Groups["name"].Value == name)?.Groups["table"].Value ?? name;

    [GeneratedRegex(@"^\s*(SELECT|UPDATE|DELETE)")]
    private static partial Regex Reading();

    [GeneratedRegex(@"^(?<verb>SEARCH|SCAN) (?<name>\w+)( USING (?<way>.+))?$")]
    private static partial Regex Step();

    [GeneratedRegex("""
        "(?<table>\w+)" AS "(?<name>\w+)"
        """)]
    private static partial Regex Alias();

    [GeneratedRegex(@"[@$]\w+")]
    private static partial Regex Parameter();

    /// <summary>Has each connection keep a list of its prepared statements, which it does only from its start.</summary>
    private sealed class ListsPrepared : DbConnectionInterceptor
    {
        public override Task ConnectionOpenedAsync(DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
        {
            ((SqliteConnection)connection).Handle!.enable_sqlite3_next_stmt(true);
            return Task.CompletedTask;
        }
    }

    private sealed class Statements : DbCommandInterceptor
    {
        public List<string> All { get; } = [];

        public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
            DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
        {
            All.Add(command.CommandText);
            return ValueTask.FromResult(result);
        }

        public override ValueTask<InterceptionResult<int>> NonQueryExecutingAsync(
            DbCommand command, CommandEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
        {
            All.Add(command.CommandText);
            return ValueTask.FromResult(result);
        }
    }
}
