using System.Text;
using HokifyMessaging.Backups;
using HokifyMessaging.Runs;
using HokifyMessaging.Writing;
using Microsoft.Extensions.DependencyInjection;
using Record = HokifyMessaging.Tests.Writing.Record;

namespace HokifyMessaging.Tests.Backups;

/// <summary>The list of the erased: out of one database, and into another.</summary>
public sealed class ErasureListTests : IAsyncLifetime
{
    private const string Expected = "expected is a list that 'hokify erasures export' has written.";

    private static readonly string Hash = new('a', 64);

    private BackupSite? _site;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private BackupSite Site => _site!;

    public async ValueTask InitializeAsync() => _site = await BackupSite.CreateAsync();

    public ValueTask DisposeAsync() => Site.DisposeAsync();

    [Fact]
    public async Task A_list_says_nothing_of_anybody_and_is_read_as_it_was_written()
    {
        await Site.ImportAsync(Record.Application("a1"), Record.Application("b1", "p2"));
        await Site.ImportAsync(Record.Application("a1", version: 1, erased: true));
        var list = await Site.ListAsync();

        var text = await TextOfAsync(list);
        var read = await ReadAsync(text);

        Assert.Equal(3, list.Erasures.Count);
        Assert.Equal(list.Erasures.Select(e => (e.ScopeId, Convert.ToHexString(e.Hash), e.ErasedAt)), read.Erasures.Select(e => (e.ScopeId, Convert.ToHexString(e.Hash), e.ErasedAt)));
        Assert.Equal(list.ErasureKey, read.ErasureKey);
        Assert.Equal(5, text.TrimEnd().Split('\n').Length);
        Assert.All(new[] { "a1", "p1", "example.at", "Mizzi" }, word => Assert.DoesNotContain($"\"{word}", text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_list_on_which_nobody_is_is_one_too()
    {
        var read = await ReadAsync(await TextOfAsync(await Site.ListAsync()));

        Assert.Empty(read.Erasures);
        Assert.Empty(await Site.Worker.Services.GetRequiredService<ErasureLists>().ImportAsync(read, Cancel));
    }

    [Theory]
    [InlineData("", "list cannot be read from line 1 on: it was cut or changed, or is something else; " + Expected)]
    [InlineData("id;name", "list cannot be read from line 1 on: it was cut or changed, or is something else; " + Expected)]
    [InlineData("null", "list cannot be read: it was cut or changed, or is something else; " + Expected)]
    [InlineData("""{"format": "hokify-erasures/1", "erasureKey": "k", "exportedAt": "2026-02-15T02:00:00Z", "erasures": [""" + "\n", "list cannot be read from line 2 on: it was cut or changed, or is something else; " + Expected)]
    [InlineData("""{"format": "hokify-erasures/1", "erasureKey": "k", "exportedAt": "2026-02-15T02:00:00Z", "erasures": [], "names": []}""", "list cannot be read from line 1 on: it was cut or changed, or is something else; " + Expected)]
    [InlineData("""{"format": "hokify-erasures/9", "erasureKey": "k", "exportedAt": "2026-02-15T02:00:00Z", "erasures": []}""", "list is of the form 'hokify-erasures/9', which this version does not know; " + Expected)]
    [InlineData("""{"format": "hokify-erasures/1", "erasureKey": "k", "exportedAt": "2026-02-15T02:00:00Z", "erasures": [{"scopeId": 1, "hash": "abc", "erasedAt": "2026-02-15T02:00:00Z"}]}""", "list, hash 1 is not 64 hexadecimal digits; " + Expected)]
    public async Task What_is_none_is_refused_with_the_place(string text, string sentence) =>
        Assert.Equal(sentence, (await Assert.ThrowsAsync<BackupException>(() => ReadAsync(text))).Message);

    [Theory]
    [InlineData("null", "1", "list does not say which erasure key its hashes were made with; " + Expected)]
    [InlineData("\"k\"", "-2147483648", "list, hash 1: scopeId -2147483648 is no scope's; " + Expected)]
    public async Task What_cannot_be_used_is_refused_with_the_place(string key, string scope, string sentence)
    {
        var text = $$"""{"format": "hokify-erasures/1", "erasureKey": {{key}}, "exportedAt": "2026-02-15T02:00:00Z", "erasures": [{"scopeId": {{scope}}, "hash": "{{Hash}}", "erasedAt": "2026-02-15T02:00:00Z"}]}""";

        Assert.Equal(sentence, (await Assert.ThrowsAsync<BackupException>(() => ReadAsync(text))).Message);
    }

    [Fact]
    public async Task One_of_another_key_changes_nothing()
    {
        await Site.ImportAsync(Record.Application("a1"));
        var before = await Site.DumpAsync();
        var list = new ErasureList("erasures.json", new string('0', 64), [new RememberedErasure(1, new byte[32], Record.Epoch)]);

        var refused = await Assert.ThrowsAsync<BackupException>(() => Site.Worker.Services.GetRequiredService<ErasureLists>().ImportAsync(list, Cancel));

        Assert.Equal("erasures.json was made with another erasure key than Hokify:Privacy:ErasureKey, so that nobody can be recognized by it; use the key that it was made with, or a list of this database's own.", refused.Message);
        Assert.Equal(before, await Site.DumpAsync());
    }

    [Fact]
    public async Task While_an_import_is_at_work_nothing_is_changed_and_an_import_does_not_begin_meanwhile()
    {
        await Site.ImportAsync(Record.Application("a1"));
        var (list, lists) = (await OfAsync("p1"), Site.Worker.Services.GetRequiredService<ErasureLists>());
        var run = await Site.Worker.OpenAsync();
        var before = await Site.DumpAsync();

        var refused = await Assert.ThrowsAsync<ScopeAtWorkException>(() => lists.ImportAsync(list, Cancel));
        Assert.Matches($"^Scope 1 is being worked on, on run {run.RunId} \\(by .*\\), so nothing of it was changed; try again when that has ended\\.$", refused.Message);
        Assert.Equal(before, await Site.DumpAsync());
        await Site.Worker.ConcludeAsync(run);

        var waiting = await Site.Worker.Services.GetRequiredService<ScopeErrands>().RunAsync(
            1, async (_, token) => await Site.Worker.Runs.OpenAsync(Site.Worker.Request("meanwhile"), mayWork: true, token), Cancel);
        Assert.IsType<ImportOutcome.Waiting>(waiting);
        Assert.IsType<ImportOutcome.Claimed>(await Site.Worker.Runs.OpenAsync(Site.Worker.Request("meanwhile"), mayWork: true, Cancel));
    }

    [Fact]
    public async Task Behind_somebody_who_took_the_scope_over_nothing_is_written()
    {
        await Site.ImportAsync(Record.Application("a1"));
        var errands = Site.Worker.Services.GetRequiredService<ScopeErrands>();

        await Assert.ThrowsAsync<LeaseLostException>(() => errands.RunAsync(
            1,
            async (commit, _) =>
            {
                await Site.Worker.ExecuteAsync("UPDATE Scope SET Fence = Fence + 1, LeaseOwner = 'another'");
                await commit((db, token) =>
                {
                    db.ErasedKeys.Add(new HokifyMessaging.Storage.ErasedKey { ScopeId = 1, Hash = new byte[32], ErasedAt = Record.Epoch });
                    return Task.CompletedTask;
                });
                return true;
            },
            Cancel));

        Assert.Empty((await Site.ListAsync()).Erasures);
    }

    private static Task<ErasureList> ReadAsync(string text) => ErasureList.ReadAsync(new MemoryStream(Encoding.UTF8.GetBytes(text)), "list", Cancel);

    private static async Task<string> TextOfAsync(ErasureList list)
    {
        using var text = new MemoryStream();
        await list.WriteAsync(text, Record.Epoch, Cancel);
        return Encoding.UTF8.GetString(text.ToArray());
    }

    /// <summary>A list on which a person is.</summary>
    private async Task<ErasureList> OfAsync(string person)
    {
        var key = Site.Worker.Services.GetRequiredService<ErasureKeys>().Present()!;
        return new ErasureList("list", (await Site.ListAsync()).ErasureKey, [new RememberedErasure(1, key.Key.Hash(1, "person", person), Record.Epoch)]);
    }
}
