using System.Globalization;
using HokifyMessaging.Applications;
using HokifyMessaging.Privacy;
using HokifyMessaging.Runs;
using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace HokifyMessaging.Tests.Writing;

/// <summary>People whose erasure somebody asks for.</summary>
public abstract partial class WriterSpecification
{
    [Theory]
    [InlineData(nameof(NamedBy.Application), "a2")]
    [InlineData(nameof(NamedBy.Person), "p1")]
    [InlineData(nameof(NamedBy.Address), "P1@example.at")]
    public async Task Whoever_is_erased_on_request_goes_as_if_hokify_had_said_it(string by, string value)
    {
        await ImportAsync(Record.Application("a1"), Record.Application("a2"), Record.Application("b1", "p2"));
        await RejectAsync(Record.Rejected("a3", "of the erased", "p1"), Record.Rejected("b2", "of another", "p2"));
        await Worker.QueryAsync(db => db.ImportRuns.Where(r => r.ScopeId == Worker.ScopeId).ExecuteUpdateAsync(set => set.SetProperty(r => r.SourceSaid, "No access for mizzi"), Cancel));

        var done = await EraseAsync(Enum.Parse<NamedBy>(by), value);

        Assert.Equal((ErasureState.Done, 1, 2, 1), (done.State, done.People, done.Applications, done.Waiting));
        Assert.Equal("b1 'Köchin' 2026-03-01T08:00:00.0000000+00:00 of p2 'Mizzi Muster'", Assert.Single((await RowsAsync()).Split('\n'), row => !row.Contains("erased:", StringComparison.Ordinal)));
        Assert.DoesNotContain(await LogsAsync(), l => l.ReferenceId is "a1" or "a2" or "a3" or "p1" || l.PersonReferenceId == "p1" || l.Data == "of the erased");
        Assert.Contains(await LogsAsync(), l => l.Data == "of another");
        Assert.Equal(0, await Worker.QueryAsync(db => db.ImportRuns.CountAsync(r => r.ScopeId == Worker.ScopeId && r.SourceSaid != null, Cancel)));
        Assert.Equal(3, (await ImportAsync(Record.Application("a1", version: 2), Record.Application("a2", "p9", version: 2), Record.Application("a3", "p1", version: 2))).Stats[Stat.ErasedWithheld]);
    }

    [Fact]
    public async Task A_request_says_who_asked_why_when_and_how_much_and_nothing_of_the_person()
    {
        await ImportAsync(Record.Application("a1"));

        var done = await EraseAsync(NamedBy.Person, "p1", "file 2026/17");

        var row = await Worker.QueryAsync(db => db.ErasureRequests.AsNoTracking().SingleAsync(r => r.ScopeId == Worker.ScopeId, Cancel));
        Assert.Equal((done.Id, "karin", "office", "file 2026/17", Worker.Clock.GetUtcNow(), Worker.Clock.GetUtcNow()), (row.Id, row.Who, row.Machine, row.Reason, row.CreatedAt, row.CompletedAt!.Value));
        Assert.Equal((null, "[]", 32), (row.Hashes, row.Entries, row.Asked.Length));
        Assert.Equal([(await Worker.QueryAsync(db => db.Candidates.SingleAsync(c => c.ScopeId == Worker.ScopeId, Cancel))).Id], ErasureRequest.KeysIn(row.Candidates));
        var entry = await Worker.QueryAsync(db => db.Audit.AsNoTracking().SingleAsync(a => a.ScopeId == Worker.ScopeId, Cancel));
        Assert.Equal((AuditAction.ErasePeople, "karin", "office", $"Request {done.Id}: people 1, applications 1, records that waited 0."), (entry.Action, entry.Who, entry.Machine, entry.Detail));
    }

    [Fact]
    public async Task Whoever_is_asked_for_twice_is_erased_once_and_the_answer_is_the_same()
    {
        await ImportAsync(Record.Application("a1"));
        var first = await EraseAsync(NamedBy.Application, "a1");
        Worker.Clock.Advance(TimeSpan.FromDays(1));

        var again = await AskAsync(NamedBy.Application, "a1");

        Assert.False(again.IsNew);
        Assert.Equal(first, again.Request);
        Assert.Equal(first, await Worker.Services.GetRequiredService<PeopleErasure>().CarryOutAsync(first.Id, Cancel));
        Assert.Equal(1, await Worker.QueryAsync(db => db.Audit.CountAsync(a => a.ScopeId == Worker.ScopeId, Cancel)));
    }

    [Fact]
    public async Task An_id_that_nobody_has_is_kept_out()
    {
        var (application, person) = (await EraseAsync(NamedBy.Application, "a1"), await EraseAsync(NamedBy.Person, "p2"));

        Assert.All([application, person], done => Assert.Equal((ErasureState.Done, 0, 0), (done.State, done.People, done.Applications)));
        Assert.Equal(2, (await ImportAsync(Record.Application("a1"), Record.Application("a2", "p2"), Record.Application("a3", "p3"))).Stats[Stat.ErasedWithheld]);
        Assert.Equal("a3", await PeopleAsync());
    }

    [Theory]
    [InlineData(nameof(NamedBy.Application), "a1")]
    [InlineData(nameof(NamedBy.Person), "p1")]
    public async Task Whoever_came_between_the_request_and_its_turn_goes_along(string by, string value)
    {
        var asked = await AskAsync(Enum.Parse<NamedBy>(by), value);
        await ImportAsync(Record.Application("a1"), Record.Application("b1", "p2"));

        var done = await Worker.Services.GetRequiredService<PeopleErasure>().CarryOutAsync(asked.Request.Id, Cancel);

        Assert.Equal((1, 1), (done.People, done.Applications));
        Assert.Equal("b1", await PeopleAsync());
    }

    [Fact]
    public async Task What_has_come_of_a_person_between_the_request_and_its_turn_goes_along()
    {
        await ImportAsync(Record.Application("a1"));
        await RejectAsync(Record.Rejected("w1", "{}", "p7"), Record.Rejected("w2", "{}"));
        var (stored, waiting, nobodys) = (await AskAsync(NamedBy.Person, "p1"), await AskAsync(NamedBy.Person, "p7"), await AskAsync(NamedBy.Application, "w2"));
        await ImportAsync(Record.Application("a2"), Record.Application("w1", "p7"), Record.Application("w3", "p7"), Record.Application("w2", "p8"), Record.Application("b1", "p2"));

        await Worker.Services.GetRequiredService<PeopleErasure>().CarryOutWaitingAsync(Worker.ScopeId, Cancel);

        Assert.Equal("b1", await PeopleAsync());
        Assert.Equal([(1, 2), (1, 2), (1, 1)], await Task.WhenAll(new[] { stored, waiting, nobodys }.Select(CountsOfAsync)));

        async Task<(int, int)> CountsOfAsync(AskedErasure asked)
        {
            var request = await Worker.Services.GetRequiredService<ErasureRequests>().FindAsync(asked.Request.Id, null, Cancel);
            return (request!.People, request.Applications);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_waits_and_names_somebody_by_an_address_alone_goes_and_stays_out(bool hasOthers)
    {
        if (hasOthers)
        {
            await ImportAsync(Record.Application("a1"));
        }

        await RejectAsync(Record.Rejected("w1", """{"email":"p1@example.at"}"""), Record.Rejected("w2", """{"email":"anna@example.at"}"""));

        var done = await EraseAsync(NamedBy.Address, "p1@example.at");

        Assert.Equal((ErasureState.Done, hasOthers ? 1 : 0, 1), (done.State, done.People, done.Waiting));
        Assert.Equal(["w2"], (await LogsAsync()).Where(l => l.Data is not null).Select(l => l.ReferenceId));
        Assert.Equal(1, (await ImportAsync(Record.Application("w1", "p9"))).Stats[Stat.ErasedWithheld]);
    }

    [Fact]
    public async Task What_could_not_be_understood_is_kept_out_by_the_name_and_address_in_it_until_the_person_applies_anew()
    {
        await ImportAsync(Flat("f1", "Franz Huber", "huber@example.at"), Flat("f2", "Anna Huber", "huber@example.at"));
        await EraseAsync(NamedBy.Application, "f1");
        var run = await OpenAsync();

        await Worker.Writer.WriteAsync(
            run,
            Record.Batch(
                Nameless("Franz Huber", null),
                Nameless("Franz Huber", Worker.Clock.GetUtcNow() - TimeSpan.FromDays(1)),
                Nameless("Franz Huber", Worker.Clock.GetUtcNow() + TimeSpan.FromDays(1)),
                Nameless("Anna Huber", null)),
            Cancel);

        Assert.Equal(2, run.Tally.Stats[Stat.ErasedWithheld]);
        Assert.Equal(["Anna Huber ", $"Franz Huber {Worker.Clock.GetUtcNow() + TimeSpan.FromDays(1):O}"], (await LogsAsync()).Select(l => l.Data).OfType<string>().Order(StringComparer.Ordinal));

        static SourceRecord Nameless(string name, DateTimeOffset? appliedAt) => Record.Of(
            new Rejection(ElementNames.CandidateProfile, "old.csv line 7", null, "matchId", FailureCause.MissingId, "is missing", $"{name} {appliedAt:O}") { Person = PersonId.Of(PersonKey.Of("Huber@example.at", name)), AppliedAt = appliedAt });
    }

    [Fact]
    public async Task Two_ids_at_hokify_with_one_name_at_one_address_are_erased_one_by_one()
    {
        await ImportAsync(Flat("f1", "Franz Huber", "huber@example.at"), Flat("f2", "Anna Huber", "huber@example.at"));
        await ImportAsync(Ready("a1", "u1", "Franz Huber", "huber@example.at"), Ready("a2", "u2", "Franz Huber", "huber@example.at"));

        await EraseAsync(NamedBy.Person, "u1");

        Assert.DoesNotContain("a1", await PeopleAsync(), StringComparison.Ordinal);
        Assert.Contains("a2", await PeopleAsync(), StringComparison.Ordinal);
        Assert.Contains("f2", await PeopleAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task More_people_of_an_address_than_a_transaction_has_room_for_go_with_one_request()
    {
        await ImportAsync([.. Enumerable.Range(0, 230).Select(i => Flat($"a{i}", $"Person{(char)('A' + (i / 26))}{(char)('a' + (i % 26))} Muster", "buero@example.at")), Flat("b1", "Anna Huber", "anna@example.at")]);

        var done = await EraseAsync(NamedBy.Address, "buero@example.at");

        Assert.Equal((230, 230), (done.People, done.Applications));
        Assert.Equal("b1", await PeopleAsync());
    }

    [Fact]
    public async Task While_an_import_is_at_work_the_request_waits_and_is_carried_out_between_its_slices()
    {
        await ImportAsync(Record.Application("a1"), Record.Application("b1", "p2"));
        var (erasure, run) = (Worker.Services.GetRequiredService<PeopleErasure>(), await OpenAsync());
        await WriteAsync(run, Record.Application("a1", version: 1), Record.Application("b1", "p2"));
        var asked = await AskAsync(NamedBy.Person, "p1");

        await Assert.ThrowsAsync<ScopeAtWorkException>(() => erasure.CarryOutAsync(asked.Request.Id, Cancel));
        await erasure.CarryOutWaitingAsync(Worker.ScopeId, Cancel);
        Assert.Contains("p1", await RowsAsync(), StringComparison.Ordinal);

        await Worker.Runs.InterruptAsync(run, isSentAgain: true, Cancel);
        await erasure.CarryOutWaitingAsync(Worker.ScopeId, Cancel);
        Assert.DoesNotContain("p1", await RowsAsync(), StringComparison.Ordinal);

        var resumed = await Worker.OpenAsync(run.Request.IdempotencyKey);
        await WriteAsync(resumed, Record.Application("a1", version: 2), Record.Application("a5", "p1"));
        await Worker.DeleteMissingAsync(resumed);
        await Worker.ConcludeAsync(resumed);
        Assert.Equal("b1", await PeopleAsync());
        Assert.Equal(2, resumed.Tally.Stats[Stat.ErasedWithheld]);
    }

    [Fact]
    public async Task Whoever_shares_an_application_is_not_erased_before_it_is_said_who_is_meant()
    {
        var run = await OpenAsync();
        await Worker.Writer.WriteAsync(run, Record.Batch(Flat("a1", "Anna Huber", "anna@example.at"), Flat("a1", "Ben Gruber", "ben@example.at")), Cancel);
        await Worker.ConcludeAsync(run);

        var refused = Assert.IsType<ErasureChoice.Refused>(ErasureChoice.Of(await FindAsync(NamedBy.Application, "a1"), all: false, wasAsked: false));
        Assert.StartsWith("2 people share what that id names, and nothing was changed; name one of them by the person's id.", refused.Sentence, StringComparison.Ordinal);

        var ben = PersonId.Of(PersonKey.Of("ben@example.at", "Ben Gruber")).Value;
        await EraseAsync(NamedBy.Person, ben);
        Assert.Equal("a1", await PeopleAsync());
        Assert.DoesNotContain(await LogsAsync(), l => l.PersonReferenceId == ben || l.Data is not null);
    }

    [Fact]
    public async Task An_address_of_several_people_or_of_nobody_is_refused_with_what_is_needed()
    {
        await ImportAsync(Flat("a1", "Anna Huber", "huber@example.at"), Flat("a2", "Ben Huber", "huber@example.at"));

        var (several, nobody) = (await FindAsync(NamedBy.Address, "huber@example.at"), await FindAsync(NamedBy.Address, "keine@example.at"));

        Assert.Equal(
            "That address is of 2 people, and nothing was changed; name one of them by the person's or an application's id, or say that all of them are meant.",
            Assert.IsType<ErasureChoice.Refused>(ErasureChoice.Of(several, all: false, wasAsked: false)).Sentence);
        Assert.Equal(2, Assert.IsType<ErasureChoice.Chosen>(ErasureChoice.Of(several, all: true, wasAsked: false)).People.Count);
        Assert.Equal(
            string.Create(CultureInfo.InvariantCulture, $"Nobody in scope {Worker.ScopeId} has that address, and nothing that waits names it, so nothing was changed. An address is not kept out by itself: name the person or an application by the id to have it kept out."),
            Assert.IsType<ErasureChoice.Refused>(ErasureChoice.Of(nobody, all: true, wasAsked: false)).Sentence);
    }

    private async Task<AskedErasure> AskAsync(NamedBy by, string value, string? reason = null)
    {
        var found = await FindAsync(by, value);
        var chosen = Assert.IsType<ErasureChoice.Chosen>(ErasureChoice.Of(found, all: true, wasAsked: false)).People;
        return await Worker.Services.GetRequiredService<ErasureRequests>().AskAsync(found, chosen, new ErasureAsker("karin", "office", reason), Cancel);
    }

    private async Task<ErasureView> EraseAsync(NamedBy by, string value, string? reason = null) =>
        await Worker.Services.GetRequiredService<PeopleErasure>().CarryOutAsync((await AskAsync(by, value, reason)).Request.Id, Cancel);
}
