using System.Security.Cryptography;
using HokifyMessaging.Storage;
using HokifyMessaging.Writing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace HokifyMessaging.Tests.Writing;

/// <summary>Whether the key that keeps erased people out is there, and is the database's own.</summary>
public sealed class ErasureKeysTests : IAsyncLifetime
{
    private const string WhatToDo =
        "restore it from a backup, give it as Hokify:Privacy:ErasureKey, or say with 'hokify erasures forget-key --yes' that it is lost for good.";

    private readonly SqliteTestDatabase _database = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string KeyFile => _database.File + ".erasure-key";

    public async ValueTask InitializeAsync() => await StartAsync();

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task A_first_start_makes_a_key_and_later_ones_keep_it()
    {
        var made = await File.ReadAllTextAsync(KeyFile, Cancel);

        await StartAsync();
        await RememberAsync();
        await StartAsync();

        Assert.Equal(made, await File.ReadAllTextAsync(KeyFile, Cancel));
        Assert.Equal(32, Convert.FromBase64String(made).Length);
    }

    [Fact]
    public async Task Without_the_key_nothing_starts_while_somebody_is_remembered()
    {
        await RememberAsync();
        File.Delete(KeyFile);

        Assert.Equal(
            $"The erasure key {KeyFile} is missing, and the database remembers erased people whom only that key can recognize; {WhatToDo}",
            await RefusalAsync());
        Assert.False(File.Exists(KeyFile), "a new key was made, which would forget who was erased");
    }

    [Fact]
    public async Task Without_the_key_and_without_anybody_remembered_a_new_one_is_made()
    {
        File.Delete(KeyFile);

        await StartAsync();
        await StartAsync();

        Assert.True(File.Exists(KeyFile));
    }

    [Theory]
    [InlineData("")]
    [InlineData("c2hvcnQ=")]
    [InlineData("not base64 at all, and 44 characters of it....")]
    public async Task A_damaged_key_starts_nothing(string content)
    {
        await RememberAsync();
        await File.WriteAllTextAsync(KeyFile, content, Cancel);

        Assert.Equal($"{KeyFile} is not an erasure key, which is base64 of at least 32 bytes; {WhatToDo}", await RefusalAsync());
    }

    [Fact]
    public async Task A_key_that_came_back_from_a_backup_with_a_line_end_is_the_same()
    {
        await RememberAsync();
        await File.AppendAllTextAsync(KeyFile, "\r\n", Cancel);

        await StartAsync();
    }

    [Fact]
    public async Task A_key_in_the_configuration_may_be_the_one_of_the_file()
    {
        await RememberAsync();
        var key = await File.ReadAllTextAsync(KeyFile, Cancel);
        File.Delete(KeyFile);

        await StartAsync(key);

        Assert.False(File.Exists(KeyFile));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_key_of_another_database_starts_nothing(bool configured)
    {
        await RememberAsync();
        var other = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
        if (!configured)
        {
            await File.WriteAllTextAsync(KeyFile, other, Cancel);
        }

        Assert.Equal(
            $"{(configured ? "Hokify:Privacy:ErasureKey" : KeyFile)} is not the erasure key that belongs to this database, and would forget who was erased; {WhatToDo}",
            await RefusalAsync(configured ? other : ""));
    }

    [Fact]
    public async Task A_host_that_prepares_nothing_does_not_get_by_without_the_key_either()
    {
        await RememberAsync();
        File.Delete(KeyFile);
        await using var worker = Worker();

        var refused = Assert.Throws<InvalidOperationException>(() => worker.Services.GetRequiredService<ErasureSecret>().Hash(1, "person", "p1"));

        Assert.Contains("is missing", refused.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(KeyFile));
    }

    [Theory]
    [InlineData("missing")]
    [InlineData("damaged")]
    [InlineData("another")]
    public async Task A_key_that_is_lost_can_be_forgotten_and_then_there_is_a_new_one(string what)
    {
        await RememberAsync();
        await LoseAsync(what);
        await RefusalAsync();

        var would = await ForgetAsync(isSure: false);
        Assert.Equal((2, 3), (would.Hashes, await RowsAsync()));
        var did = await ForgetAsync(isSure: true);

        Assert.Equal((2, 0), (did.Hashes, await RowsAsync()));
        Assert.Equal(what == "damaged", did.PutAside is not null && File.Exists(did.PutAside));
        await StartAsync();
        Assert.Equal(1, await RowsAsync());
    }

    [Fact]
    public async Task A_key_that_is_there_is_not_forgotten()
    {
        await RememberAsync();

        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => ForgetAsync(isSure: true));

        Assert.Equal($"{KeyFile} is there and belongs to this database, so it is not lost, and nothing was deleted.", refused.Message);
        Assert.Equal(3, await RowsAsync());
    }

    [Fact]
    public async Task A_database_from_before_keys_were_noted_takes_the_one_it_has()
    {
        await RememberAsync();
        await using (var worker = Worker())
        {
            await worker.ExecuteAsync($"DELETE FROM ErasedKey WHERE ScopeId = {ErasedKey.OfNobody}");
        }

        await StartAsync();
        await File.WriteAllTextAsync(KeyFile, Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)), Cancel);

        Assert.Contains("is not the erasure key that belongs to this database", await RefusalAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Processes_that_start_at_once_agree_on_one_key()
    {
        await using var fresh = new SqliteTestDatabase();
        await fresh.MigrateAsync();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
        {
            await using var worker = new ImportWorker(fresh.Options, settings: [new("Hokify:Privacy:ErasureKey", "")]);
            await worker.Services.PrepareDatabaseAsync(Cancel);
        }));

        await using var last = new ImportWorker(fresh.Options, settings: [new("Hokify:Privacy:ErasureKey", "")]);
        await last.Services.PrepareDatabaseAsync(Cancel);
        Assert.Equal(1, await last.QueryAsync(db => db.ErasedKeys.CountAsync(Cancel)));
    }

    private async Task LoseAsync(string what)
    {
        switch (what)
        {
            case "missing":
                File.Delete(KeyFile);
                break;
            case "damaged":
                await File.WriteAllTextAsync(KeyFile, "\0\0\0\0", Cancel);
                break;
            default:
                await File.WriteAllTextAsync(KeyFile, Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)), Cancel);
                break;
        }
    }

    private ImportWorker Worker(string key = "") => new(_database.Options, settings: [new("Hokify:Privacy:ErasureKey", key)]);

    private async Task StartAsync(string key = "")
    {
        await using var worker = Worker(key);
        await worker.Services.PrepareDatabaseAsync(Cancel);
    }

    private async Task<string> RefusalAsync(string key = "") => (await Assert.ThrowsAsync<InvalidOperationException>(() => StartAsync(key))).Message;

    private async Task<ForgottenKey> ForgetAsync(bool isSure)
    {
        await using var worker = Worker();
        return await worker.Services.GetRequiredService<ErasureKeys>().ForgetAsync(isSure, Cancel);
    }

    /// <summary>As an erasure leaves it.</summary>
    private async Task RememberAsync()
    {
        await using var worker = Worker();
        var secret = worker.Services.GetRequiredService<ErasureSecret>();
        await worker.QueryAsync(db =>
        {
            db.AddRange(new[] { "p1", "p2" }.Select(person => new ErasedKey { ScopeId = 1, Hash = secret.Hash(1, "person", person), ErasedAt = worker.Clock.GetUtcNow() }));
            return db.SaveChangesAsync(Cancel);
        });
    }

    private async Task<int> RowsAsync()
    {
        await using var worker = Worker();
        return await worker.QueryAsync(db => db.ErasedKeys.CountAsync(Cancel));
    }
}
