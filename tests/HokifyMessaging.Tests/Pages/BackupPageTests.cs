using HokifyMessaging.Backups;
using HokifyMessaging.Tests.Storage;

namespace HokifyMessaging.Tests.Pages;

/// <summary>What the page for operators says of backups is what the program makes, and what SQL Server can read.</summary>
public sealed class BackupPageTests
{
    private static readonly Page Operations = new("src/HokifyMessaging.Service/OPERATIONS.md");

    [Fact]
    public void Every_statement_for_SQL_Server_is_one_that_it_can_read()
    {
        var statements = Operations.Code("sql", "## Backup and restore").ToList();

        Assert.All(statements, statement => SqlServerRules.Parse(statement));
        Assert.All(
            new[] { "BACKUP DATABASE", "RESTORE VERIFYONLY", "RESTORE DATABASE", "CHECKSUM" },
            words => Assert.Contains(statements, statement => statement.Contains(words, StringComparison.Ordinal)));
    }

    [Fact]
    public void What_is_in_a_backup_is_what_the_page_names() =>
        Assert.Equal([BackupArchive.Database, BackupArchive.Manifest, BackupArchive.Sums], Operations.Table("### Back up SQLite", "in the zip").Select(row => Page.Names(row[0]).Single()));
}
