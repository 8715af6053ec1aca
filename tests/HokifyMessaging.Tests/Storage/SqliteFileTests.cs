using HokifyMessaging.Storage;
using Microsoft.Data.Sqlite;

namespace HokifyMessaging.Tests.Storage;

/// <summary>The place of a database is told as SQLite itself finds it.</summary>
public sealed class SqliteFileTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hokify-place-");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("Data Source={folder}/plain.db", "plain.db")]
    [InlineData("DataSource={folder}/plain.db", "plain.db")]
    [InlineData("Filename={folder}/plain.db;Mode=ReadWriteCreate", "plain.db")]
    [InlineData("Data Source='{folder}/with; semicolon.db'", "with; semicolon.db")]
    [InlineData("Data Source=\"{folder}/with 'quotes'.db\"", "with 'quotes'.db")]
    [InlineData("Data Source={folder}/sub/../plain.db;Cache=Shared", "plain.db")]
    [InlineData("Data Source={folder}/:memory:.db", ":memory:.db")]
    [InlineData("Data Source={folder}/with?mode=memory", "with?mode=memory")]
    [InlineData("Data Source=file:{folder}/uri.db", "uri.db")]
    [InlineData("Data Source=file://{folder}/uri.db", "uri.db")]
    [InlineData("Data Source=file://localhost{folder}/uri.db", "uri.db")]
    [InlineData("Data Source=file:{folder}/uri.db?mode=rwc", "uri.db")]
    [InlineData("Data Source=file:{folder}/uri.db?cache=shared&mode=rwc", "uri.db")]
    [InlineData("Data Source=file:{folder}/uri.db?memory=mode#mode=memory", "uri.db")]
    [InlineData("Data Source=file:{folder}/uri%20with%20blanks%3F.db", "uri with blanks?.db")]
    [InlineData("Data Source=file:{folder}/b%C3%BCro.db", "büro.db")]
    [InlineData("Data Source=file:{folder}/100%.db", "100%.db")]
    [InlineData("Data Source=file:{folder}/a%00b.db", "a")]
    public async Task A_file_is_where_SQLite_opens_it(string connectionString, string file)
    {
        _folder.CreateSubdirectory("sub");
        connectionString = connectionString.Replace("{folder}", _folder.FullName, StringComparison.Ordinal);

        Assert.Equal(Path.Combine(_folder.FullName, file), SqliteFile.PathOf(connectionString));
        Assert.Equal(SqliteFile.PathOf(connectionString), await OpenedAsync(connectionString));
    }

    [Theory]
    [InlineData("Data Source=:memory:")]
    [InlineData("Data Source=")]
    [InlineData("")]
    [InlineData("Data Source=shared;Mode=Memory;Cache=Shared")]
    [InlineData("Filename=:memory:")]
    [InlineData("Data Source=file::memory:")]
    [InlineData("Data Source=file::memory:?cache=shared")]
    [InlineData("Data Source=file:")]
    [InlineData("Data Source=file:?cache=private")]
    [InlineData("Data Source=file:named?mode=memory&cache=shared")]
    [InlineData("Data Source=file:named?cache=shared&mode=%6Demory")]
    [InlineData("Data Source=file:%3Amemory%3A")]
    [InlineData("Data Source=file:/named?vfs=memdb")]
    public async Task A_database_without_a_file_of_its_own_has_no_place(string connectionString)
    {
        Assert.Null(SqliteFile.PathOf(connectionString));
        Assert.DoesNotContain(_folder.FullName, await OpenedAsync(connectionString), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Data Source=hokify.db", "hokify.db")]
    [InlineData("Data Source=./a/../hokify.db", "hokify.db")]
    [InlineData("Data Source=file:hokify.db?mode=rw", "hokify.db")]
    public void A_relative_one_is_beside_the_working_directory(string connectionString, string file) =>
        Assert.Equal(Path.Combine(Environment.CurrentDirectory, file), SqliteFile.PathOf(connectionString));

    [Theory]
    [InlineData("Data Source=file:/a/b.db?mode=rwc", "Data Source=file:/a/b.db;Mode=ReadWriteCreate")]
    [InlineData("Data Source=file:/a/b.db?cache=shared&mode=rw;Pooling=False", "Data Source=file:/a/b.db?cache=shared;Mode=ReadWrite;Pooling=False")]
    [InlineData("Data Source=file:/a/b.db?mode=ro&immutable=1#there", "Data Source=file:/a/b.db?immutable=1;Mode=ReadOnly")]
    [InlineData("Data Source=file:/a/b.db?mode=rwc;Mode=ReadOnly", "Data Source=file:/a/b.db;Mode=ReadOnly")]
    [InlineData("Data Source=file:/a/b.db?cache=shared", "Data Source=file:/a/b.db?cache=shared")]
    [InlineData("Data Source=file:b?mode=memory", "Data Source=file:b?mode=memory")]
    [InlineData("Data Source=/a/b.db?mode=rw", "Data Source=/a/b.db?mode=rw")]
    public void The_mode_of_an_address_is_handed_over_as_a_setting(string connectionString, string expected)
    {
        var (wanted, actual) = (new SqliteConnectionStringBuilder(expected), new SqliteConnectionStringBuilder(SqliteFile.WithModeAsSetting(connectionString)));

        Assert.Equal((wanted.DataSource, wanted.Mode, wanted.Pooling), (actual.DataSource, actual.Mode, actual.Pooling));
        Assert.Equal(SqliteFile.PathOf(connectionString), SqliteFile.PathOf(SqliteFile.WithModeAsSetting(connectionString)));
    }

    /// <summary>SQLite's own word for where its main database is; empty when it has no file.</summary>
    private static async Task<string> OpenedAsync(string connectionString)
    {
        await using var connection = new SqliteConnection($"{connectionString}{(connectionString.Length > 0 ? ";" : "")}Pooling=False");
        await connection.OpenAsync(Cancel);
        await using var command = connection.CreateCommand();
        command.CommandText = "CREATE TABLE IF NOT EXISTS T (A); SELECT file FROM pragma_database_list WHERE name = 'main'";
        return $"{await command.ExecuteScalarAsync(Cancel)}";
    }
}

/// <summary>The data directory belongs to the whole process, so nobody else runs meanwhile.</summary>
[Collection(nameof(Alone))]
public sealed class SqliteDataDirectoryTests
{
    [Theory]
    [InlineData("Data Source=|DataDirectory|hokify.db", "/data/ats/hokify.db")]
    [InlineData("Data Source=|datadirectory|sub/hokify.db", "/data/ats/sub/hokify.db")]
    [InlineData("Data Source=hokify.db", "/data/ats/hokify.db")]
    [InlineData("Data Source=/elsewhere/hokify.db", "/elsewhere/hokify.db")]
    [InlineData("Data Source=file:/elsewhere/hokify.db", "/elsewhere/hokify.db")]
    public void The_data_directory_is_where_the_host_says(string connectionString, string path)
    {
        var before = AppDomain.CurrentDomain.GetData("DataDirectory");
        AppDomain.CurrentDomain.SetData("DataDirectory", "/data/ats/");
        try
        {
            Assert.Equal(path, SqliteFile.PathOf(connectionString));
        }
        finally
        {
            AppDomain.CurrentDomain.SetData("DataDirectory", before);
        }
    }
}
