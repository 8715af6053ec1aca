using System.Security.Cryptography;
using System.Text;
using HokifyMessaging.Backups;
using HokifyMessaging.CheckUp;
using HokifyMessaging.Privacy;
using HokifyMessaging.Runs;
using HokifyMessaging.Storage;
using HokifyMessaging.Tests.Backups;
using HokifyMessaging.Writing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace HokifyMessaging.Tests.Writing;

/// <summary>The erasure key can be changed, and whoever was erased stays out.</summary>
public sealed class ErasureRekeyingTests : IAsyncLifetime
{
    private const string Setting = "Hokify:Privacy:ErasureKey";

    private readonly string _old = NewKey();
    private BackupSite? _site;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private BackupSite Site => _site!;

    private string KeyFile => Site.File + ".erasure-key";

    public async ValueTask InitializeAsync()
    {
        _site = await BackupSite.CreateAsync();
        await Site.Worker.ExecuteAsync("DELETE FROM ErasedKey");
        await UseFileAsync(_old);
        await Site.Worker.Services.PrepareDatabaseAsync(Cancel);
        await Site.ImportAsync(Record.Application("a1"), Record.Application("b1", "p2"));
        await Site.ImportAsync(Record.Application("a1", version: 1, erased: true));
    }

    public ValueTask DisposeAsync() => Site.DisposeAsync();

    [Fact]
    public void The_hash_of_one_key_is_what_it_has_always_been()
    {
        var key = ErasureKeyChain.Parse(_old)!;

        var expected = HMACSHA256.HashData(Convert.FromBase64String(_old), Encoding.UTF8.GetBytes("7\nperson\np1"));

        Assert.Equal(expected, key.Hash(7, "person", " P1 "));
    }

    [Fact]
    public void What_an_older_part_has_hashed_becomes_what_the_whole_key_hashes()
    {
        var old = ErasureKeyChain.Parse(_old)!;
        var newer = old.Grown();
        var newest = ErasureKeyChain.Parse(newer.Grown().ToText())!;

        Assert.Equal(newest.Hash(1, "person", "p1"), newest.Lift(old.Hash(1, "person", "p1"), 1));
        Assert.Equal([1, 3], new[] { newest.PartOf(old.Check), newest.PartOf(newest.Check) });
        Assert.Null(old.PartOf(newest.Check));
        Assert.Null(ErasureKeyChain.Parse($"{NewKey()},{old.Grown().ToText().Split(',')[1]}")!.PartOf(old.Check));
    }

    [Theory]
    [InlineData("")]
    [InlineData(",")]
    [InlineData("c2hvcnQ=")]
    public void A_key_with_a_part_that_is_none_is_none(string part)
    {
        Assert.Null(ErasureKeyChain.Parse($"{_old},{part}"));
        Assert.Null(ErasureKeyChain.Parse($"{part},{_old}"));
    }

    [Fact]
    public async Task Whoever_was_erased_stays_out_and_the_old_key_alone_recognizes_nobody()
    {
        var before = await HashesAsync();

        var would = await ChangeAsync(isSure: false);
        Assert.Equal((new ChangedKey(KeyFile, 3, Grows: true), _old), (would, await File.ReadAllTextAsync(KeyFile, Cancel)));
        Assert.Equal(before, await HashesAsync());
        var did = await ChangeAsync(isSure: true);

        Assert.Equal(would, did);
        Assert.Matches($"^{System.Text.RegularExpressions.Regex.Escape(_old)},[A-Za-z0-9+/]{{43}}=$", await File.ReadAllTextAsync(KeyFile, Cancel));
        Assert.Empty(before.Intersect(await HashesAsync()));
        await ComesBackAsync(false);
        Assert.Equal([AuditAction.ChangeErasureKey], await Site.Worker.QueryAsync(db => db.Audit.Select(a => a.Action).ToListAsync(Cancel)));
    }

    [Fact]
    public async Task A_forgotten_application_stays_out_and_its_person_may_apply_again()
    {
        await Site.Worker.QueryAsync(async db =>
        {
            var forgotten = new ForgottenApplications(db, 1, new ErasureHashes(Site.Worker.Services.GetRequiredService<ErasureSecret>()));
            var row = await db.CandidateProfiles.Where(p => p.ReferenceId == "b1").Select(p => p.Id).SingleAsync(Cancel);
            await forgotten.ForgetAsync(await forgotten.PlanAsync([row], [], Cancel), Record.Epoch, Cancel);
            return await db.SaveChangesAsync(Cancel);
        });

        await ChangeAsync(isSure: true);
        await ComesBackAsync(false);
        await Site.ImportAsync(Record.Application("b1", "p2", version: 5), Record.Application("b2", "p2"));

        Assert.Equal(["b2 of p2"], (await Site.PeopleAsync()).Where(person => !person.StartsWith("erased:", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task It_may_be_changed_again_and_again()
    {
        await ChangeAsync(isSure: true);
        await ChangeAsync(isSure: true);
        await ChangeAsync(isSure: true);

        Assert.Equal(4, (await File.ReadAllTextAsync(KeyFile, Cancel)).Split(',').Length);
        await ComesBackAsync(false);
    }

    [Fact]
    public async Task What_breaks_off_between_the_file_and_the_database_starts_nothing_and_goes_on_when_it_is_run_again()
    {
        await UseFileAsync(ErasureKeyChain.Parse(_old)!.Grown().ToText());

        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => Site.Worker.Services.PrepareDatabaseAsync(Cancel));
        Assert.Equal($"{KeyFile} is newer than the database, which knows its older part only; 'hokify erasures rekey --yes' brings the database up to it.", refused.Message);
        Assert.Equal(
            [(Verdict.Wrong, $"{refused.Message} The service does not start before that.")], await FindingsAsync());
        Assert.Equal(new ChangedKey(KeyFile, 3, Grows: false), await ChangeAsync(isSure: true));

        Assert.Equal(2, (await File.ReadAllTextAsync(KeyFile, Cancel)).Split(',').Length);
        Assert.Equal([Verdict.Ok], (await FindingsAsync()).Select(f => f.Verdict));
        await ComesBackAsync(false);
    }

    [Fact]
    public async Task What_was_asked_for_before_is_recognized_and_what_still_waits_is_carried_out_by_the_new_key()
    {
        var old = ErasureKeyChain.Parse(_old)!;
        byte[][] hashes = [old.Hash(1, "application", "z1"), old.Hash(1, "person", "z1")];
        await Site.Worker.QueryAsync(db =>
        {
            db.ErasureRequests.Add(Request(ErasureState.Waiting, old.Hash(1, "asked", "z1"), [.. hashes.SelectMany(hash => hash)]));
            db.ErasureRequests.Add(Request(ErasureState.Done, old.Hash(1, "asked", "p1"), null));
            return db.SaveChangesAsync(Cancel);
        });

        await ChangeAsync(isSure: true);

        var key = ErasureKeyChain.Parse(await File.ReadAllTextAsync(KeyFile, Cancel))!;
        var requests = await Site.Worker.QueryAsync(db => db.ErasureRequests.AsNoTracking().OrderBy(r => r.Id).ToListAsync(Cancel));
        Assert.Equal([key.Hash(1, "asked", "z1"), key.Hash(1, "asked", "p1")], requests.Select(r => r.Asked));
        Assert.Equal([.. key.Hash(1, "application", "z1"), .. key.Hash(1, "person", "z1")], requests[0].Hashes!);
        Assert.Null(requests[1].Hashes);

        ErasureRequest Request(ErasureState state, byte[] asked, byte[]? named) => new()
        {
            Id = Guid.CreateVersion7(Record.Epoch.AddDays((int)state)),
            ScopeId = 1,
            Who = "operator",
            Machine = "desk",
            CreatedAt = Record.Epoch,
            State = state,
            Asked = asked,
            Candidates = "[]",
            Entries = "[]",
            Hashes = named,
        };
    }

    [Fact]
    public async Task A_key_in_the_settings_is_grown_there_and_the_database_comes_up_to_it()
    {
        File.Delete(KeyFile);
        await Site.ConfigureAsync(new KeyValuePair<string, string?>(Setting, _old));
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => ChangeAsync(isSure: true));
        Assert.Equal($"{Setting} holds the key that the database has, and none that is newer; put a new one, base64 of at least 32 bytes, behind it with a comma between, and run this again.", refused.Message);

        await Site.ConfigureAsync(new KeyValuePair<string, string?>(Setting, $"{_old}, {NewKey()}"));
        Assert.Equal(new ChangedKey(Setting, 3, Grows: false), await ChangeAsync(isSure: true));

        await ComesBackAsync(false);
        Assert.False(File.Exists(KeyFile));
    }

    [Fact]
    public async Task A_key_of_another_database_changes_nothing()
    {
        var before = await Site.DumpAsync();
        await UseFileAsync($"{NewKey()},{NewKey()}");

        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => ChangeAsync(isSure: true));

        Assert.StartsWith($"{KeyFile} is not the erasure key that belongs to this database, so nothing was changed; ", refused.Message, StringComparison.Ordinal);
        Assert.Equal(before, await Site.DumpAsync());
    }

    [Fact]
    public async Task Changes_at_the_same_time_come_one_after_the_other_or_are_refused()
    {
        var changes = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            try
            {
                await ChangeAsync(isSure: true);
                return 1;
            }
            catch (ScopeAtWorkException)
            {
                return 0;
            }
        })));

        Assert.Equal(1 + changes.Sum(), (await File.ReadAllTextAsync(KeyFile, Cancel)).Split(',').Length);
        await ComesBackAsync(false);
    }

    [Fact]
    public async Task A_request_that_waits_is_not_carried_out_with_the_old_key()
    {
        await using var service = new ImportWorker(Site.Options, settings: [new(Setting, "")]);
        var (finder, requests, erasure) = (service.Services.GetRequiredService<PeopleFinder>(), service.Services.GetRequiredService<ErasureRequests>(), service.Services.GetRequiredService<PeopleErasure>());
        var found = await finder.FindAsync(1, new NamedPerson(NamedBy.Application, "b1"), Cancel);
        var waits = (await requests.AskAsync(found, found.People, ErasureAsker.OfUser(null), Cancel)).Request;
        await ChangeAsync(isSure: true);

        await Assert.ThrowsAsync<StorageException>(() => erasure.CarryOutAsync(waits.Id, Cancel));
        await Assert.ThrowsAsync<StorageException>(() => requests.WereMadeAsync(1, found.Asked, Cancel));
        await Assert.ThrowsAsync<StorageException>(() => requests.AskAsync(found, found.People, ErasureAsker.OfUser(null), Cancel));

        Assert.Contains("b1 of p2", await Site.PeopleAsync());
        await Site.ConfigureAsync(new KeyValuePair<string, string?>(Setting, ""));
        await Site.Worker.Services.GetRequiredService<PeopleErasure>().CarryOutWaitingAsync(scopeId: null, Cancel);
        await Site.ImportAsync(Record.Application("b1", "p2", version: 3));
        Assert.DoesNotContain(await Site.PeopleAsync(), person => person.StartsWith("b1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task While_an_import_is_at_work_in_any_scope_nothing_is_changed()
    {
        await Site.Worker.Services.GetRequiredService<ScopeErrands>().RunAsync(9, (_, _) => Task.FromResult(0), Cancel);
        var run = await Site.Worker.OpenAsync();
        var before = await HashesAsync();

        await Assert.ThrowsAsync<ScopeAtWorkException>(() => ChangeAsync(isSure: true));

        Assert.Equal(_old, await File.ReadAllTextAsync(KeyFile, Cancel));
        Assert.Equal(before, await HashesAsync());
        await Site.Worker.ConcludeAsync(run);
        await ChangeAsync(isSure: true);
        await ComesBackAsync(false);
    }

    [Fact]
    public async Task A_service_that_still_has_the_old_key_writes_nothing()
    {
        await using var service = new ImportWorker(Site.Options, settings: [new(Setting, "")]);
        _ = service.Services.GetRequiredService<ErasureSecret>().Key;
        await ChangeAsync(isSure: true);
        var run = await service.OpenAsync();

        var failed = await Assert.ThrowsAsync<StorageException>(() => service.Writer.WriteAsync(run, Record.Batch([Record.Ready(Record.Application("a1", version: 2))]), Cancel));

        Assert.Equal(
            "The erasure key of the database was changed while the service was running, so that it recognizes nobody who was erased; start the service again, with the key that belongs to the database.",
            failed.Message);
        await Site.ConfigureAsync(new KeyValuePair<string, string?>(Setting, ""));
        Assert.DoesNotContain(await Site.PeopleAsync(), person => person.StartsWith("a1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_backup_from_before_and_a_list_from_before_keep_out_whom_they_name()
    {
        var list = await Site.ListAsync();
        var backup = await Site.BackUpAsync();
        await Site.ImportAsync(Record.Application("b1", "p2", version: 1, erased: true));
        var later = await Site.ListAsync();
        await ChangeAsync(isSure: true);

        await Site.RestoreAsync(backup, isSure: true, list);

        await Site.ConfigureAsync(new KeyValuePair<string, string?>(Setting, ""));
        await Site.Worker.Services.PrepareDatabaseAsync(Cancel);
        await ComesBackAsync(false);
        await Site.ImportAsync(Record.Application("b1", "p2", version: 2));
        Assert.DoesNotContain(await Site.PeopleAsync(), person => person.StartsWith("b1", StringComparison.Ordinal));
        var told = await Site.Worker.Services.GetRequiredService<ErasureLists>().ImportAsync(later, Cancel);
        Assert.All(told, scope => Assert.Equal(new ErasedAgain(0, 0, 0), scope.Erased));
    }

    private static string NewKey() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));

    private async Task UseFileAsync(string key)
    {
        await File.WriteAllTextAsync(KeyFile, key, Cancel);
        await Site.ConfigureAsync(new KeyValuePair<string, string?>(Setting, ""));
    }

    private async Task<ChangedKey> ChangeAsync(bool isSure)
    {
        await using var scope = Site.Worker.Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<ErasureRekeying>().ChangeAsync(isSure, Cancel);
    }

    /// <summary>By a process that has started after the change, as the verb says.</summary>
    private async Task ComesBackAsync(bool expected)
    {
        await Site.ConfigureAsync(new KeyValuePair<string, string?>(Setting, File.Exists(KeyFile) ? "" : Site.Worker.Services.GetRequiredService<IConfiguration>()[Setting]));
        await Site.Worker.Services.PrepareDatabaseAsync(Cancel);
        await Site.ImportAsync(Record.Application("a1", version: 5), Record.Application("a2", version: 5));
        Assert.Equal(expected, (await Site.PeopleAsync()).Exists(person => person.StartsWith('a')));
    }

    private async Task<List<(Verdict Verdict, string Sentence)>> FindingsAsync()
    {
        var found = new List<(Verdict, string)>();
        await foreach (var finding in Site.Worker.Services.GetRequiredService<ErasureKeyCheck>().LookAsync(Cancel))
        {
            found.Add((finding.Verdict, finding.Sentence));
        }

        return found;
    }

    private async Task<List<string>> HashesAsync() =>
        (await Site.Worker.QueryAsync(db => db.ErasedKeys.Select(e => e.Hash).ToListAsync(Cancel))).ConvertAll(Convert.ToHexString);
}
