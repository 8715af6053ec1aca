using HokifyMessaging.IntegrationTests.Processes;
using HokifyMessaging.Tests;
using HokifyMessaging.Tests.Storage;

namespace HokifyMessaging.IntegrationTests.Service;

/// <summary>The service and its erasure key, as operators meet them.</summary>
public sealed class ErasureVerbTests : IDisposable
{
    private readonly OwnFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string KeyFile => Path.Combine(_folder.Path, "hokify.db.erasure-key");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Serve_ends_with_one_sentence_while_the_key_is_missing_until_an_operator_says_that_it_is_lost()
    {
        await MigratedFile.PlaceAsync(Path.Combine(_folder.Path, "hokify.db"));
        await ExecuteAsync("INSERT INTO ErasedKey (ScopeId, Hash, ErasedAt) VALUES (1, x'00', '2026-01-01T00:00:00.0000000Z')");

        var serve = await HokifyProcess.RunAsync(_folder.Path, Addresses, "serve");
        var told = await HokifyProcess.RunAsync(_folder.Path, [], "erasures", "forget-key");
        var stillNot = await HokifyProcess.RunAsync(_folder.Path, Addresses, "serve");
        var forgotten = await HokifyProcess.RunAsync(_folder.Path, [], "erasures", "forget-key", "--yes", "--json");

        Assert.Equal(1, serve.ExitCode);
        Assert.Equal(
            $"The erasure key {KeyFile} is missing, and the database remembers erased people whom only that key can recognize; "
            + "restore it from a backup, give it as Hokify:Privacy:ErasureKey, or say with 'hokify erasures forget-key --yes' that it is lost for good.",
            serve.Error);
        Assert.Equal(
            (0, "", "Hashes of erased ids and addresses that --yes would delete: 1; whoever they keep out could then be imported again. Nothing was changed"),
            (told.ExitCode, told.Error, told.Output));
        Assert.Equal((1, serve.Error), (stillNot.ExitCode, stillNot.Error));
        Assert.Equal((0, true, 1), (forgotten.ExitCode, forgotten.Json.GetProperty("deleted").GetBoolean(), forgotten.Json.GetProperty("hashes").GetInt32()));
        Assert.Contains("The erasure key was given up for lost by ", forgotten.Error, StringComparison.Ordinal);

        await using (var verb = await HokifyProcess.StartAsync(_folder.Path, Addresses, "serve"))
        {
            await verb.UntilStartedAsync();
            Assert.Equal(0, (await verb.InterruptAsync()).ExitCode);
        }

        var refused = await HokifyProcess.RunAsync(_folder.Path, [], "erasures", "forget-key", "--yes");
        Assert.Equal((1, $"{KeyFile} is there and belongs to this database, so it is not lost, and nothing was deleted."), (refused.ExitCode, refused.Error));
    }

    [Fact]
    public async Task The_key_is_changed_by_one_verb_and_the_next_start_takes_it()
    {
        await MigratedFile.PlaceAsync(Path.Combine(_folder.Path, "hokify.db"));
        var told = await HokifyProcess.RunAsync(_folder.Path, [], "erasures", "rekey");
        var old = await File.ReadAllTextAsync(KeyFile, Cancel);
        await ExecuteAsync("INSERT INTO ErasedKey (ScopeId, Hash, ErasedAt) VALUES (1, x'00', '2026-01-01T00:00:00.0000000Z')");

        var changed = await HokifyProcess.RunAsync(_folder.Path, [], "erasures", "rekey", "--yes");
        var again = await HokifyProcess.RunAsync(_folder.Path, [], "erasures", "rekey", "--yes", "--json");

        Assert.Equal(
            (0, "", $"{KeyFile} would get a new key; hashes of erased ids and addresses that would be made anew: 0. Nothing was changed; --yes does it"), (told.ExitCode, told.Error, told.Output));
        Assert.Equal(
            (0, $"{KeyFile} has a new key; hashes of erased ids and addresses that were made anew: 1. Keep a copy of it, and start the services again"), (changed.ExitCode, changed.Output));
        Assert.Contains("The erasure key was changed by ", changed.Error, StringComparison.Ordinal);
        Assert.Equal((0, 1, true), (again.ExitCode, again.Json.GetProperty("hashes").GetInt32(), again.Json.GetProperty("newKey").GetBoolean()));
        var grown = await File.ReadAllTextAsync(KeyFile, Cancel);
        Assert.StartsWith($"{old},", grown, StringComparison.Ordinal);
        Assert.DoesNotContain(grown[(old.Length + 1)..], $"{changed.Output}{changed.Error}{again.Output}{again.Error}", StringComparison.Ordinal);

        await using (var verb = await HokifyProcess.StartAsync(_folder.Path, Addresses, "serve"))
        {
            await verb.UntilStartedAsync();
            Assert.Equal(0, (await verb.InterruptAsync()).ExitCode);
        }

        await File.WriteAllTextAsync(KeyFile, old, Cancel);
        var serve = await HokifyProcess.RunAsync(_folder.Path, Addresses, "serve");
        Assert.Equal((1, true), (serve.ExitCode, serve.Error.StartsWith($"{KeyFile} is not the erasure key that belongs to this database", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("Data Source=:memory:")]
    [LongFormData("Data Source=")]
    [InlineData("Data Source=hokify;Mode=Memory;Cache=Shared")]
    [LongFormData("Data Source=file::memory:?cache=shared")]
    [LongFormData("Filename=file:hokify?mode=memory")]
    public async Task Serve_refuses_a_database_that_ends_with_it(string connectionString)
    {
        var outcome = await HokifyProcess.RunAsync(_folder.Path, [.. Addresses, new("Database__ConnectionString", connectionString)], "serve");

        Assert.Equal(
            (1, "Database:ConnectionString names a database in memory or a temporary one, which would take all applicants with it; it must name a file, such as Data Source=hokify.db."),
            (outcome.ExitCode, outcome.Error));
        Assert.Empty(Directory.GetFiles(_folder.Path, "*erasure-key*"));
    }

    [Theory]
    [InlineData("Data Source=file:uri.db?mode=rwc", "uri.db")]
    [InlineData("Filename='with blank.db';Mode=ReadWriteCreate", "with blank.db")]
    public async Task The_key_is_beside_the_database_in_whatever_way_that_is_named(string connectionString, string file)
    {
        await using var verb = await HokifyProcess.StartAsync(_folder.Path, [.. Addresses, new("Database__ConnectionString", connectionString)], "serve");
        await verb.UntilStartedAsync();

        Assert.Contains($"Database: Sqlite, the file {Path.Combine(_folder.Path, file)}", verb.Output, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(_folder.Path, file)));
        Assert.True(File.Exists(Path.Combine(_folder.Path, file + ".erasure-key")));
        Assert.Equal(0, (await verb.InterruptAsync()).ExitCode);
    }

    private static KeyValuePair<string, string>[] Addresses => [new("ASPNETCORE_URLS", "http://127.0.0.1:0")];

    private Task ExecuteAsync(string sql) => SqliteText.ExecuteAsync(Path.Combine(_folder.Path, "hokify.db"), sql);
}
