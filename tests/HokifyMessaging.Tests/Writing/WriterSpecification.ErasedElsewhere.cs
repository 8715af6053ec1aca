using HokifyMessaging.Applications;
using HokifyMessaging.Backups;
using HokifyMessaging.Runs;
using HokifyMessaging.Storage;
using HokifyMessaging.Writing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace HokifyMessaging.Tests.Writing;

/// <summary>People whom another database has erased: it tells hashes only, and whoever they belong to is found by them.</summary>
public abstract partial class WriterSpecification
{
    private ErasureSecret Secret => Worker.Services.GetRequiredService<ErasureSecret>();

    [Fact]
    public async Task Whom_another_database_has_erased_goes_here_as_if_it_had_been_erased_here()
    {
        await ImportAsync(Record.Application("a1"), Record.Application("a2"), Record.Application("b1", "p2"));
        await RejectAsync(Record.Rejected("a3", "of the erased", "p1"), Record.Rejected("b2", "of another", "p2"));
        await Worker.QueryAsync(db => db.ImportRuns.Where(r => r.ScopeId == Worker.ScopeId).ExecuteUpdateAsync(set => set.SetProperty(r => r.SourceSaid, "No access for mizzi"), Cancel));

        var told = await TellAsync((Secret.Hash(Worker.ScopeId, "person", "p1"), Record.Epoch));

        Assert.Equal((1, 2), (told.People, told.Applications));
        Assert.Equal("b1 'Köchin' 2026-03-01T08:00:00.0000000+00:00 of p2 'Mizzi Muster'", Assert.Single((await RowsAsync()).Split('\n'), row => !row.Contains("erased:", StringComparison.Ordinal)));
        Assert.DoesNotContain(await LogsAsync(), l => l.ReferenceId is "a1" or "a2" or "a3" or "p1" || l.PersonReferenceId == "p1" || l.Data == "of the erased");
        Assert.Contains(await LogsAsync(), l => l.Data == "of another");
        Assert.Equal(0, await Worker.QueryAsync(db => db.ImportRuns.CountAsync(r => r.ScopeId == Worker.ScopeId && r.SourceSaid != null, Cancel)));

        // By whatever else they had here they stay out, too; and to say it again changes nothing.
        Assert.Equal(2, (await ImportAsync(Record.Application("a1", version: 2), Record.Application("a2", "p1", version: 2))).Stats[Stat.ErasedWithheld]);
        var rows = await RowsAsync();
        Assert.Equal(new ErasedAgain(0, 0, 0), await TellAsync((Secret.Hash(Worker.ScopeId, "person", "p1"), Record.Epoch)));
        Assert.Equal(rows, await RowsAsync());
    }

    [Fact]
    public async Task Hashes_that_are_there_already_find_rows_that_came_later_by_another_way()
    {
        await Worker.QueryAsync(db =>
        {
            db.Add(new ErasedKey { ScopeId = Worker.ScopeId, Hash = Secret.Hash(Worker.ScopeId, "application", "a1"), ErasedAt = Record.Epoch });
            db.Add(new Candidate { ScopeId = Worker.ScopeId, ReferenceId = "p1", ContentHash = new byte[16], Columns = new CandidateColumns { DisplayName = "Mizzi Muster" } });
            return db.SaveChangesAsync(Cancel);
        });
        await Worker.QueryAsync(async db =>
        {
            var owner = await db.Candidates.SingleAsync(c => c.ScopeId == Worker.ScopeId, Cancel);
            db.Add(new CandidateProfile { ScopeId = Worker.ScopeId, ReferenceId = "a1", CandidateId = owner.Id, ContentHash = new byte[16], Columns = new ProfileColumns { Name = "Köchin" } });
            return await db.SaveChangesAsync(Cancel);
        });

        Assert.Equal(new ErasedAgain(0, 1, 1), await TellAsync((Secret.Hash(Worker.ScopeId, "application", "a1"), Record.Epoch)));
        Assert.DoesNotContain("Mizzi", await RowsAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_person_without_an_id_is_found_by_address_and_name_unless_they_came_back_later()
    {
        var (then, later) = (Record.Epoch, Record.Epoch.AddDays(30));
        var columns = new CandidateColumns { DisplayName = "Mizzi Muster", Email = "mizzi@example.at" };
        var key = PersonKey.Of("mizzi@example.at", "Mizzi Muster");
        await ImportAsync(
            Record.Application("a1", PersonId.Of(key).Value, candidate: columns, profile: new ProfileColumns { Name = "Köchin", DatePublish = later }),
            Record.Application("b1", "p2", candidate: columns with { DisplayName = "Max Muster" }));

        Assert.Equal(0, (await TellAsync((Secret.Hash(Worker.ScopeId, "address and name", PersonId.Of(key).Value), then))).People);
        Assert.Equal((1, 1), await ErasedAsync((Secret.Hash(Worker.ScopeId, "address and name", PersonId.Of(PersonKey.Of("MIZZI@example.at", "mizzi muster")).Value), later.AddDays(1))));
        Assert.Contains("b1 'Köchin'", await RowsAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_waits_of_the_erased_goes_and_an_application_that_only_the_waiting_copy_gave_them_stays()
    {
        await ImportAsync(Record.Application("a4", "p0"));
        await RejectAsync(Record.Rejected("a4", "what the other copy says", "p1"));

        Assert.Equal((0, 0), await ErasedAsync((Secret.Hash(Worker.ScopeId, "person", "p1"), Record.Epoch)));

        Assert.Contains("a4 'Köchin'", await RowsAsync(), StringComparison.Ordinal);
        Assert.DoesNotContain(await LogsAsync(), l => l.PersonReferenceId == "p1" || l.Data == "what the other copy says");
    }

    [Fact]
    public async Task More_erasures_elsewhere_than_a_transaction_has_room_for_leave_nothing_of_anybody()
    {
        var people = Enumerable.Range(0, 1200).ToList();
        await ImportAsync(people.Select(i => Record.Application($"a{i}", $"p{i}")).Append(Record.Application("b", "q")));

        var told = await TellAsync([.. people.Select(i => (Secret.Hash(Worker.ScopeId, "person", $"p{i}"), Record.Epoch))]);

        Assert.Equal((1200, 1200), (told.People, told.Applications));
        Assert.Equal("b 'Köchin' 2026-03-01T08:00:00.0000000+00:00 of q 'Mizzi Muster'", Assert.Single((await RowsAsync()).Split('\n'), row => !row.Contains("erased:", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_scope_that_nobody_has_imported_into_is_told_before_its_first_import()
    {
        Assert.Equal(new ErasedAgain(1, 0, 0), await TellAsync((Secret.Hash(Worker.ScopeId, "person", "p1"), Record.Epoch)));

        Assert.Equal(1, (await ImportAsync(Record.Application("a1"))).Stats[Stat.ErasedWithheld]);
    }

    private async Task<(int People, int Applications)> ErasedAsync((byte[] Hash, DateTimeOffset At) erasure)
    {
        var told = await TellAsync(erasure);
        return (told.People, told.Applications);
    }

    private async Task<ErasedAgain> TellAsync(params (byte[] Hash, DateTimeOffset At)[] erasures)
    {
        var (lists, key) = (Worker.Services.GetRequiredService<ErasureLists>(), Worker.Services.GetRequiredService<ErasureKeys>().Present()!);
        var list = new ErasureList("list", key.Fingerprint, [.. erasures.Select(e => new RememberedErasure(Worker.ScopeId, e.Hash, e.At))]);
        return Assert.Single(await lists.ImportAsync(list, Cancel)).Erased;
    }
}
