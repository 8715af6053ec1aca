using HokifyMessaging.Privacy;
using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Record = HokifyMessaging.Tests.Writing.Record;

namespace HokifyMessaging.Tests.Privacy;

/// <summary>What was done by hand and who was to be erased, which are kept for a time only.</summary>
public sealed class AgedRowsTests : AgedSetup
{
    [Theory]
    [InlineData(29, 1)]
    [InlineData(30, 0)]
    [InlineData(31, 0)]
    public async Task A_request_that_was_carried_out_goes_with_its_age_and_the_erased_stay_out(int days, int left)
    {
        await Site.ImportAsync(Record.Application("a1"), Record.Application("a2", "p2"));
        await EraseAsync("p1");
        Site.Worker.Clock.Advance(TimeSpan.FromDays(days));

        await RunAsync();

        Assert.Equal(left, await Site.Worker.QueryAsync(db => db.ErasureRequests.CountAsync(Cancel)));
        await Site.ImportAsync(Record.Application("a1", version: 2), Record.Application("a3", version: 2));
        Assert.Equal(["a2 of p2"], (await Site.PeopleAsync()).Where(person => !person.StartsWith("erased:", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_request_that_waits_stays()
    {
        await Site.ImportAsync(Record.Application("a1"));
        await AskAsync("p1");
        Site.Worker.Clock.Advance(Age * 2);

        await RunAsync();

        Assert.Equal(ErasureState.Waiting, (await Site.Worker.QueryAsync(db => db.ErasureRequests.SingleAsync(Cancel))).State);
    }

    [Theory]
    [InlineData(29, 1)]
    [InlineData(30, 0)]
    [InlineData(31, 0)]
    public async Task An_audit_entry_goes_with_its_age(int days, int left)
    {
        await NoteAsync(1);
        Site.Worker.Clock.Advance(TimeSpan.FromDays(days));

        await RunAsync(scopeId: RetentionRound.OfInstallation);

        Assert.Equal(left, await CountAsync());
    }

    [Fact]
    public async Task Audit_entries_go_from_the_oldest_on_whatever_their_scope()
    {
        await NoteAsync(1_100);
        Site.Worker.Clock.Advance(TimeSpan.FromDays(5));
        await NoteAsync(3);
        Site.Worker.Clock.Advance(Age - TimeSpan.FromDays(5));

        Assert.Equal("audit entries: 1100 due, 0 forgotten, 3 soon, 0 held", await RunAsync(isDry: true, RetentionRound.OfInstallation));
        Assert.Equal(1_103, await CountAsync());
        Assert.Equal("audit entries: 1100 due, 1100 forgotten, 3 soon, 0 held", await RunAsync(scopeId: RetentionRound.OfInstallation));
        Assert.Equal(3, await CountAsync());
    }

    [Fact]
    public async Task What_has_no_age_is_kept_and_not_counted()
    {
        await Site.ConfigureAsync();

        Assert.All([1, RetentionRound.OfInstallation], scope => Assert.DoesNotContain(Site.Worker.Services.GetServices<IRetentionPart>(), part => part.Concerns(scope)));
    }

    private Task<int> CountAsync() => Site.Worker.QueryAsync(db => db.Audit.CountAsync(Cancel));

    private Task<int> NoteAsync(int number) => Site.Worker.QueryAsync(db =>
    {
        db.Audit.AddRange(Enumerable.Range(0, number).Select(i => AuditEntry.Of(new Actor("karin", "office"), Site.Worker.Clock.GetUtcNow(), new Deed(AuditAction.SetWatermark, i % 2 == 0 ? null : 1, "It was."))));
        return db.SaveChangesAsync(Cancel);
    });

    private async Task<AskedErasure> AskAsync(string person)
    {
        var found = await Site.Worker.Services.GetRequiredService<PeopleFinder>().FindAsync(1, new NamedPerson(NamedBy.Person, person), Cancel);
        return await Site.Worker.Services.GetRequiredService<ErasureRequests>().AskAsync(found, found.People, new ErasureAsker("karin", "office", null), Cancel);
    }

    private async Task EraseAsync(string person) =>
        Assert.Equal(ErasureState.Done, (await Site.Worker.Services.GetRequiredService<PeopleErasure>().CarryOutAsync((await AskAsync(person)).Request.Id, Cancel)).State);
}
