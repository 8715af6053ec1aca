using System.Text.Json;
using HokifyMessaging.Applications;
using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Tests.Writing;

/// <summary>Who is one person where a source has no ids of people.</summary>
public abstract partial class WriterSpecification
{
    [Theory]
    [InlineData("familie.huber@example.at", "Anna Huber", "Ben Huber", "Clara Huber")]
    [InlineData("keine@example.at", "Anna Huber", "Ben Gruber", "Clara Moser")]
    [InlineData("noreply@hokify.example", "Anna Huber", "Anna Hubert", "Anne Huber")]
    [InlineData("buero@example.at", "Josef Huber sen.", "Josef Huber jun.", "Josefa Huber")]
    [InlineData("ohne.namen@example.at", null, null, null)]
    public async Task Several_people_with_one_address_are_several_people(string email, params string?[] names)
    {
        var tally = await ImportAsync([.. names.Select((name, index) => Flat($"a{index}", name, email))]);

        Assert.Equal($"Candidate created {names.Length}, CandidateProfile created {names.Length}", Counts(tally));
        Assert.Equal("a0 | a1 | a2", await PeopleAsync());
    }

    [Theory]
    [InlineData("Anna Huber", "Huber, Anna")]
    [InlineData("Mag. Jörg Müller", "JÖRG MUELLER, MSc")]
    [InlineData("Zoé Weiß", "zoe weiss")]
    [InlineData("Dipl.-Ing. Anna-Maria van der Berg", "Van der Berg Anna Maria")]
    public async Task Spellings_of_one_name_at_one_address_are_one_person(string one, string other)
    {
        await ImportAsync(Flat("a1", one, "jemand@example.at"));
        await ImportAsync(Flat("a1", one, "jemand@example.at"), Flat("a2", other, " Jemand@Example.AT"));

        Assert.Equal("a1 a2", await PeopleAsync());
    }

    [Theory]
    [InlineData("Anna Huber", "anna@new.example")]
    [InlineData("Anna Gruber", "anna@old.example")]
    [InlineData("Anna Gruber", "anna@new.example")]
    [InlineData("Anna Huber", null)]
    [InlineData(null, null)]
    public async Task Somebody_whose_name_or_address_was_corrected_is_still_the_same_one(string? name, string? email)
    {
        await ImportAsync(Flat("a1", "Anna Huber", "anna@old.example"));
        var person = (await ProfileAsync("a1")).CandidateId;

        var tally = await ImportAsync(Flat("a1", name, email, phone: "1"));

        Assert.Equal("Candidate updated 1, CandidateProfile", Counts(tally)[..37]);
        var row = await ProfileAsync("a1");
        Assert.Equal((person, name, email, "1"), (row.CandidateId, row.Candidate!.Columns.DisplayName, row.Candidate.Columns.Email, row.Candidate.Columns.Phone));
        Assert.Equal("a1", await PeopleAsync());
        Assert.Equal("Candidate unchanged 1, CandidateProfile unchanged 1", Counts(await ImportAsync(Flat("a1", name, email, phone: "1"))));
    }

    [Theory]
    [InlineData("anna@new.example", "Anna Huber")]
    [InlineData("anna@new.example", "HUBER, Anna")]
    [InlineData("anna@old.example", "Anna Huber")]
    public async Task Whoever_applies_again_after_a_correction_is_still_the_same_one(string email, string name)
    {
        await ImportAsync(Flat("a1", "Anna Huber", "anna@old.example"), Flat("a2", "Anna Huber", "anna@old.example"));
        await ImportAsync(Flat("a1", "Anna Huber", "anna@new.example"), Flat("a2", "Anna Huber", "anna@old.example"));

        await ImportAsync(Flat("a3", name, email));

        Assert.Equal("a1 a2 a3", await PeopleAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_correction_and_a_new_application_may_come_in_either_order(bool correctionFirst)
    {
        await ImportAsync(Flat("a1", "Anna Huber", "anna@old.example"));
        var (corrected, added) = (Flat("a1", "Anna Huber", "anna@new.example"), Flat("a2", "Anna Huber", "anna@new.example"));

        await ImportAsync(correctionFirst ? [corrected, added] : [added, corrected]);

        Assert.Equal("a1 a2", await PeopleAsync());
    }

    [Fact]
    public async Task Of_two_applications_of_one_person_one_that_is_corrected_takes_the_other_along()
    {
        await ImportAsync(Flat("a1", "Anna Huber", "anna@old.example", date: "2026-01-01"), Flat("a2", "Anna Huber", "anna@old.example", date: "2026-01-02"));

        await ImportAsync(Flat("a2", "Anna Huber", "anna@new.example", date: "2026-01-02"), Flat("a1", "Anna Huber", "anna@old.example", date: "2026-01-01"));

        Assert.Equal("a1 a2", await PeopleAsync());
        Assert.Equal("anna@new.example", (await ProfileAsync("a1")).Candidate!.Columns.Email);
    }

    [Fact]
    public async Task People_from_before_names_were_looked_at_keep_their_rows()
    {
        await ImportAsync(Flat("a1", "Anna Huber", "huber@example.at"));
        var old = PersonId.OfAddress("huber@example.at").Value;
        await Worker.QueryAsync(db => db.Candidates.Where(c => c.ScopeId == Worker.ScopeId).ExecuteUpdateAsync(set => set.SetProperty(c => c.ReferenceId, old), Cancel));
        await Worker.QueryAsync(db => db.CandidateProfiles.Where(p => p.ScopeId == Worker.ScopeId).ExecuteUpdateAsync(
            set => set.SetProperty(p => p.PersonKey, (byte[]?)null).SetProperty(p => p.SourceDigest, (byte[]?)null), Cancel));

        await ImportAsync(Flat("a2", "Huber Anna", "HUBER@example.at"), Flat("a3", "Ben Huber", "huber@example.at"));
        await ImportAsync(Flat("a1", "Anna Huber", "huber@example.at"), Flat("a4", "Ben Huber", "huber@example.at"));

        Assert.Equal("a1 a2 | a3 a4", await PeopleAsync());
        Assert.Equal((old, old), ((await ProfileAsync("a1")).Candidate!.ReferenceId, (await ProfileAsync("a2")).Candidate!.ReferenceId));
    }

    [Fact]
    public async Task A_source_without_ids_of_people_joins_those_that_another_source_has_named_and_does_not_take_their_applications_away()
    {
        await ImportAsync(Ready("a1", "u1", "Anna Huber", "anna@example.at"), Ready("a2", "u2", "Ben Huber", "anna@example.at"));

        await ImportAsync(Flat("a1", "Anna Huber", "anna@example.at"), Flat("a3", "Huber Anna", "anna@example.at"), Flat("a4", "Clara Huber", "anna@example.at"));

        Assert.Equal("a1 a3 | a2 | a4", await PeopleAsync());
        Assert.Equal("u1", (await ProfileAsync("a3")).Candidate!.ReferenceId);
    }

    [Fact]
    public async Task A_person_whose_last_application_moved_to_another_goes_with_it_and_is_counted_once()
    {
        await ImportAsync(Flat("a1", "Anna Huber", "anna@example.at"), Flat("a2", "Ben Huber", "ben@example.at"), Flat("a3", "Ben Huber", "ben@example.at"));

        var tally = await ImportAsync(Ready("a1", "u1", "Anna Huber", "anna@example.at"), Ready("a2", "u2", "Ben Huber", "ben@example.at"));

        Assert.Equal("Candidate created 2, Candidate deleted 1, CandidateProfile updated 2", Counts(tally));
        Assert.Equal("a1 | a2 | a3", await PeopleAsync());
        var gone = Assert.Single(await Worker.QueryAsync(db => db.Candidates.AsNoTracking().Where(c => c.ScopeId == Worker.ScopeId && c.IsDeleted).ToListAsync(Cancel)));
        Assert.Contains("IsDeleted", gone.History, StringComparison.Ordinal);
        Assert.Equal(gone.Id, Assert.Single(await LogsAsync(), l => l.Name == ActivityName.Deleted).ElementId);
        Assert.Equal("Candidate unchanged 2, CandidateProfile unchanged 2", Counts(await ImportAsync(Ready("a1", "u1", "Anna Huber", "anna@example.at"), Ready("a2", "u2", "Ben Huber", "ben@example.at"))));
    }

    [Fact]
    public async Task A_person_whom_an_application_leaves_and_another_reaches_in_a_later_batch_of_the_run_stays()
    {
        await ImportAsync(Ready("a1", "u1", "Anna Huber", "anna@example.at"));
        var run = await OpenAsync();

        await Worker.Writer.WriteAsync(run, Record.Batch(Ready("a1", "u2", "Anna Huber", "anna@example.at")), Cancel);
        await Worker.Writer.WriteAsync(run, Record.Batch(Ready("a2", "u1", "Anna Huber", "anna@example.at")), Cancel);
        await Worker.ConcludeAsync(run);

        Assert.DoesNotContain("deleted", Counts(run.Tally), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_person_whom_the_last_application_left_before_the_run_was_resumed_goes_as_well()
    {
        await ImportAsync(Ready("a1", "u1", "Anna Huber", "anna@example.at"));
        var run = await OpenAsync();
        await Worker.Writer.WriteAsync(run, Record.Batch(Ready("a1", "u2", "Anna Huber", "anna@example.at")), Cancel);
        await Worker.Runs.InterruptAsync(run, isSentAgain: true, Cancel);

        var resumed = await Worker.OpenAsync(run.Request.IdempotencyKey);
        await Worker.ConcludeAsync(resumed);

        Assert.Equal("Candidate created 1, Candidate deleted 1, CandidateProfile updated 1", Counts(resumed.Tally));
    }

    [Fact]
    public async Task An_erasure_takes_the_person_of_the_same_address_and_name_along_and_nobody_else_of_that_address()
    {
        await ImportAsync(Flat("a1", "Anna Huber", "huber@example.at"), Flat("a2", "Ben Huber", "huber@example.at"));
        await ImportAsync(Ready("b1", "u1", "Anna Huber", "huber@example.at"));

        await ImportAsync(Record.Ready(Record.Application("b1", "u1", version: 9, erased: true)));

        Assert.Equal("a2", await PeopleAsync());
        Assert.Equal(0, await Worker.QueryAsync(db => db.CandidateProfiles.CountAsync(p => p.ScopeId == Worker.ScopeId && p.IsDeleted && (p.PersonKey != null || p.OtherCopies != null), Cancel)));
    }

    private static SourceRecord Flat(string id, string? name, string? email, string? phone = null, string? date = null, string job = "j1") =>
        ApplicationPayload.ReadLater(JsonSerializer.SerializeToElement(new { matchId = id, name, email, phone, applicationDate = date, jobId = job }), $"page 1, {id}");

    private static SourceRecord Ready(string id, string user, string name, string email) =>
        ApplicationPayload.ReadLater(JsonSerializer.SerializeToElement(new { _id = id, user = new { _id = user, displayName = name, general = new { email } } }), $"page 1, {id}");

    /// <summary>The active applications, person by person: <c>a1 a2 | a3</c>.</summary>
    private Task<string> PeopleAsync() => Worker.QueryAsync(async db =>
    {
        var profiles = await db.CandidateProfiles.AsNoTracking().Where(p => p.ScopeId == Worker.ScopeId && !p.IsDeleted).OrderBy(p => p.ReferenceId).ToListAsync(Cancel);
        return string.Join(" | ", profiles.GroupBy(p => p.CandidateId).Select(person => string.Join(' ', person.Select(p => p.ReferenceId))));
    });
}
