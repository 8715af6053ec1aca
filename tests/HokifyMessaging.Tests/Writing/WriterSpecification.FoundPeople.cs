using System.Globalization;
using HokifyMessaging.Applications;
using HokifyMessaging.Privacy;
using Microsoft.Extensions.DependencyInjection;

namespace HokifyMessaging.Tests.Writing;

/// <summary>Who is meant by an id or an address.</summary>
public abstract partial class WriterSpecification
{
    [Theory]
    [InlineData(nameof(NamedBy.Application), "b1")]
    [InlineData(nameof(NamedBy.Application), "a1")]
    [InlineData(nameof(NamedBy.Person), "u1")]
    public async Task An_id_means_one_person_with_all_that_sources_without_ids_have_made_of_them(string by, string id)
    {
        await ImportAsync(Flat("a1", "Anna Huber", "anna@example.at"), Flat("a2", "Ben Huber", "anna@example.at"));
        await ImportAsync(Ready("b1", "u1", "Anna Huber", "anna@example.at"));
        await RejectAsync(Record.Rejected("b2", person: "u1"), Record.Rejected("b3", person: "u2"));

        Assert.Equal("u1 'Anna Huber' + person: 'Anna Huber': a1 b1, waiting b2", await FoundAsync(Enum.Parse<NamedBy>(by), id));
    }

    [Fact]
    public async Task Two_ids_at_hokify_are_two_people_whatever_they_share()
    {
        await ImportAsync(Ready("a1", "u1", "Franz Huber", "huber@example.at"), Ready("a2", "u2", "Franz Huber", "huber@example.at"));

        Assert.Equal("u1 'Franz Huber': a1", await FoundAsync(NamedBy.Application, "a1"));
        Assert.Equal("u1 'Franz Huber': a1 | u2 'Franz Huber': a2", await FoundAsync(NamedBy.Address, "huber@example.at"));
    }

    [Fact]
    public async Task What_a_source_without_ids_has_made_of_a_name_at_an_address_that_two_people_have_belongs_to_each()
    {
        await ImportAsync(Flat("f1", "Franz Huber", "huber@example.at"));
        await ImportAsync(Ready("a1", "u1", "Franz Huber", "huber@example.at"));
        await ImportAsync(Ready("a2", "u2", "Franz Huber", "huber@example.at"));

        Assert.Equal("u1 'Franz Huber' + person: 'Franz Huber': a1 f1 | u2 'Franz Huber' + person: 'Franz Huber': a2 f1", await FoundAsync(NamedBy.Application, "f1"));
    }

    [Theory]
    [InlineData("huber@example.at")]
    [InlineData(" HUBER@Example.AT ")]
    public async Task An_address_means_whoever_has_it_each_by_themselves(string address)
    {
        await ImportAsync(Flat("a1", "Anna Huber", "huber@example.at"), Flat("a2", "Anna Huber", "Huber@example.at"), Flat("a3", "Ben Huber", "huber@example.at"), Flat("a4", "Anna Huber", "anna.huber@example.at"));

        Assert.Equal("person: 'Anna Huber': a1 a2 | person: 'Ben Huber': a3", await FoundAsync(NamedBy.Address, address));
    }

    [Fact]
    public async Task An_address_is_found_in_what_waits_and_is_none_that_only_contains_it()
    {
        await RejectAsync(
            Record.Rejected("a1", """{"email":"Huber@example.at"}""", "u1"),
            Record.Rejected("a2", """{"email":"anna.huber@example.at"}""", "u2"),
            Record.Rejected("a3", """{"email":"huber@example.at.example"}""", "u3"),
            Record.Rejected("a4", """{"message":"Write to huber@example.at."}"""),
            Record.Rejected("a5", "{}", PersonId.Of(PersonKey.Of("huber@example.at", "Ben Huber")).Value));

        Assert.Equal("waiting a1 | waiting a4 | waiting a5", await FoundAsync(NamedBy.Address, "huber@example.at"));
    }

    [Fact]
    public async Task An_application_that_only_waits_means_whoever_it_names()
    {
        await ImportAsync(Record.Application("a1"));
        await RejectAsync(Record.Rejected("a2", person: "p1"), Record.Rejected("a3", person: "p3"), Record.Rejected("a4"));

        Assert.Equal("p1 'Mizzi Muster': a1, waiting a2", await FoundAsync(NamedBy.Application, "a2"));
        Assert.Equal("waiting a3", await FoundAsync(NamedBy.Application, "a3"));
        Assert.Equal("waiting a4", await FoundAsync(NamedBy.Application, "a4"));
        Assert.Equal("waiting a3", await FoundAsync(NamedBy.Person, "p3"));
    }

    [Fact]
    public async Task Of_an_application_that_two_people_share_both_are_found()
    {
        var run = await OpenAsync();
        await Worker.Writer.WriteAsync(run, Record.Batch(Flat("a1", "Anna Huber", "anna@example.at"), Flat("a1", "Ben Gruber", "ben@example.at"), Flat("a17", "Cora Moser", "cora@example.at")), Cancel);
        await Worker.ConcludeAsync(run);

        var found = await FindAsync(NamedBy.Application, "a1");

        Assert.Equal(2, found.People.Count);
        Assert.Equal(["a1"], found.People[0].Shared);
        Assert.Equal(PersonId.Of(PersonKey.Of("ben@example.at", "Ben Gruber")).Value, found.People[1].Reference);
        Assert.Empty((await FindAsync(NamedBy.Application, "a17")).People.Single().Shared);
    }

    [Fact]
    public async Task Whoever_is_not_there_is_not_found_and_the_erased_are_known_by_their_ids()
    {
        await ImportAsync(Record.Application("a1"));
        await ImportAsync(Record.Application("a1", version: 1, erased: true));

        var (application, person, unknown, address) =
            (await FindAsync(NamedBy.Application, "a1"), await FindAsync(NamedBy.Person, "p1"), await FindAsync(NamedBy.Person, "p2"), await FindAsync(NamedBy.Address, "p1@example.at"));

        Assert.All([application, person, unknown, address], found => Assert.Empty(found.People));
        Assert.Equal([Worker.Clock.GetUtcNow(), Worker.Clock.GetUtcNow(), null, null], new[] { application, person, unknown, address }.Select(found => found.ErasedAt));
    }

    [Fact]
    public async Task People_of_other_scopes_are_not_found()
    {
        await using var other = NewWorker(scopeId: Worker.ScopeId + 1);
        await other.RunAsync(run => other.Writer.WriteAsync(run, Record.Batch(Record.Ready(Record.Application("a1")), Record.Rejected("a2", """{"email":"p1@example.at"}""", "p1")), Cancel));

        Assert.Equal("", string.Concat(await FoundAsync(NamedBy.Application, "a1"), await FoundAsync(NamedBy.Person, "p1"), await FoundAsync(NamedBy.Address, "p1@example.at")));
    }

    private async Task<FoundPeople> FindAsync(NamedBy by, string value)
    {
        var asked = NamedPerson.TryRead(by, value, out var problem);
        Assert.Equal("", problem);
        return await Worker.Services.GetRequiredService<PeopleFinder>().FindAsync(Worker.ScopeId, asked!, Cancel);
    }

    /// <summary>Each person with rows, applications and what waits: <c>u1 'Anna Huber': a1 a2, waiting a3 | …</c>.</summary>
    private async Task<string> FoundAsync(NamedBy by, string value) => string.Join(" | ", (await FindAsync(by, value)).People.Select(person => string.Join(
        ", ",
        new[]
        {
            person.Rows.Count == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"{string.Join(" + ", person.Rows.Select(r => $"{(new PersonId(r.ReferenceId).IsDerived ? "person:" : r.ReferenceId)} '{r.Name}'"))}: {Joined(person.Applications.Select(a => a.ReferenceId))}"),
            person.Waiting.Count == 0 ? "" : $"waiting {Joined(person.Waiting.Select(w => w.ReferenceId))}",
        }.Where(part => part.Length > 0))));

    private static string Joined(IEnumerable<string> ids) => string.Join(' ', ids.Order(StringComparer.Ordinal));
}
