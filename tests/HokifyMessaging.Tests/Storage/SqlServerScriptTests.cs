using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace HokifyMessaging.Tests.Storage;

/// <summary>The script that an administrator runs with sqlcmd, which has settings of its own and goes on behind an error.</summary>
public sealed class SqlServerScriptTests
{
    private static readonly string Script = SqlServerScript.Guarded(Written());

    [Fact]
    public void It_begins_with_the_settings_that_the_indexes_need_in_a_batch_of_their_own()
    {
        // A batch is parsed under the settings with which it begins.
        var first = Batches()[0];

        Assert.All(first.Statements, statement => Assert.IsAssignableFrom<SetOnOffStatement>(statement));
        var on = first.Statements.OfType<PredicateSetStatement>().Where(set => set.IsOn).Select(set => set.Options).Aggregate((all, options) => all | options);
        Assert.Equal(
            SetOptions.QuotedIdentifier | SetOptions.AnsiNulls | SetOptions.AnsiPadding | SetOptions.AnsiWarnings | SetOptions.ArithAbort | SetOptions.ConcatNullYieldsNull | SetOptions.XactAbort,
            on);
        Assert.Equal(SetOptions.NumericRoundAbort, Assert.Single(first.Statements.OfType<PredicateSetStatement>(), set => !set.IsOn).Options);
    }

    [Fact]
    public void Behind_each_batch_an_error_ends_the_execution_of_all_others()
    {
        var batches = Batches();
        var migrations = Written().Split("BEGIN TRANSACTION").Length - 1;

        // The settings; the table of migrations and one batch for each of these, with a guard behind each; the end.
        Assert.Equal(1 + (2 * (1 + migrations)) + 1, batches.Count);
        for (var index = 2; index < batches.Count - 1; index += 2)
        {
            var guard = Assert.IsType<IfStatement>(Assert.Single(batches[index].Statements));
            Assert.Equal("@@ERROR", Assert.IsType<GlobalVariableExpression>(Assert.IsType<BooleanComparisonExpression>(guard.Predicate).FirstExpression).Name);
            Assert.Equal((SetOptions.NoExec, true), Set(guard.ThenStatement));
            Assert.DoesNotContain(batches[index - 1].Statements, statement => statement is IfStatement { Predicate: BooleanComparisonExpression });
        }

        Assert.Equal((SetOptions.NoExec, false), Set(Assert.Single(batches[^1].Statements)));

        static (SetOptions Options, bool IsOn) Set(TSqlStatement statement) => Assert.IsType<PredicateSetStatement>(statement) is var set ? (set.Options, set.IsOn) : default;
    }

    [Fact]
    public void Each_migration_is_one_batch_and_one_transaction()
    {
        var migrations = Batches().Where(batch => batch.Statements is [BeginTransactionStatement, ..]).ToList();

        Assert.NotEmpty(migrations);
        Assert.All(migrations, batch => Assert.IsType<CommitTransactionStatement>(batch.Statements[^1]));
        Assert.All(migrations, batch => Assert.Single(batch.Statements, statement => statement is BeginTransactionStatement));
    }

    [Theory]
    [InlineData("SELECT 1;\r\nGO\r\n\r\nSELECT 2;\r\nGO\r\n")]
    [InlineData("SELECT 1;\nGO\n\nSELECT 2;\nGO")]
    public void Ends_of_batches_are_found_however_lines_end_and_not_inside_of_lines(string script)
    {
        var guarded = SqlServerScript.Guarded(script.Replace("SELECT 2", "SELECT 'GO' AS [GO]", StringComparison.Ordinal));

        Assert.Equal(2, guarded.Split("IF @@ERROR <> 0").Length - 1);
        Assert.Empty(SqlServerRules.Check(guarded).Violations);
    }

    private static IList<TSqlBatch> Batches() => SqlServerRules.Parse(Script).Batches;

    private static string Written()
    {
        using var db = new SqlServerDesignTimeFactory().CreateDbContext([]);
        return db.GetService<IMigrator>().GenerateScript(options: MigrationsSqlGenerationOptions.Script | MigrationsSqlGenerationOptions.Idempotent);
    }
}
