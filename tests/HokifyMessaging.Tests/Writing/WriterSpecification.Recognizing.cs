using System.Text.Json;
using HokifyMessaging.Applications;
using HokifyMessaging.Runs;
using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace HokifyMessaging.Tests.Writing;

/// <summary>A record that has not changed since it was stored is recognized by its hash, and not even read.</summary>
public abstract partial class WriterSpecification
{
    private int _reads;

    [Fact]
    public async Task A_record_that_comes_again_is_recognized_and_not_read()
    {
        await ImportAsync(Json("a1", "p1"), Json("a2", "p2"));
        Assert.Equal(2, _reads);

        var again = await ImportAsync(Json("a1", "p1"), Json("a2", "p2"));

        Assert.Equal(2, _reads);
        Assert.Equal("Candidate unchanged 2, CandidateProfile unchanged 2", Counts(again));
        Assert.Equal(2, again.Stats[Stat.UnknownFields]);
    }

    [Fact]
    public async Task A_record_that_says_something_else_is_read_and_written()
    {
        await ImportAsync(Json("a1", "p1"));

        var changed = await ImportAsync(Json("a1", "p1", job: "Kellner"));

        Assert.Equal(2, _reads);
        Assert.Equal("Candidate unchanged 1, CandidateProfile updated 1", Counts(changed));
        Assert.Equal("Kellner", (await ProfileAsync("a1")).Columns.Name);
    }

    [Fact]
    public async Task A_record_that_comes_back_after_another_is_written_again()
    {
        await ImportAsync(Json("a1", "p1", name: "Anna", job: "Köchin", version: null));
        await ImportAsync(Json("a1", "p1", name: "Annemarie", job: "Kellnerin", version: null));

        var back = await ImportAsync(Json("a1", "p1", name: "Anna", job: "Köchin", version: null));

        Assert.Equal("Candidate updated 1, CandidateProfile updated 1", Counts(back));
        var profile = await ProfileAsync("a1");
        Assert.Equal(("Köchin", "Anna"), (profile.Columns.Name, profile.Candidate!.Columns.DisplayName));
    }

    [Fact]
    public async Task Another_record_that_says_the_same_is_read_once_and_recognized_from_then_on()
    {
        await ImportAsync(Json("a1", "p1"));

        var other = await ImportAsync(Json("a1", "p1", unmapped: "another"));
        var again = await ImportAsync(Json("a1", "p1", unmapped: "another"));

        Assert.Equal(2, _reads);
        Assert.Equal("Candidate unchanged 1, CandidateProfile unchanged 1", Counts(other));
        Assert.Equal("Candidate unchanged 1, CandidateProfile unchanged 1", Counts(again));
    }

    [Fact]
    public async Task A_recognized_record_does_not_take_the_place_of_the_copy_that_outranked_it()
    {
        // Of two copies of one instant that of the greater id counts.
        await ImportAsync(Json("a1", "p1", name: "Anna"), Json("a2", "p1", name: "Annemarie"));

        var again = await ImportAsync(Json("a1", "p1", name: "Anna"));

        Assert.Equal(2, _reads);
        Assert.Equal("Candidate unchanged 1, CandidateProfile unchanged 1", Counts(again));
        Assert.Equal("Annemarie", (await ProfileAsync("a1")).Candidate!.Columns.DisplayName);
    }

    [Fact]
    public async Task A_recognized_record_whose_row_was_deleted_is_read_and_brings_it_back()
    {
        await ImportAsync(Json("a1", "p1"));
        await Worker.QueryAsync(db => db.CandidateProfiles.Where(p => p.ScopeId == Worker.ScopeId).ExecuteUpdateAsync(set => set.SetProperty(p => p.IsDeleted, true), Cancel));

        var again = await ImportAsync(Json("a1", "p1"));

        Assert.Equal(2, _reads);
        Assert.Equal("Candidate unchanged 1, CandidateProfile updated 1", Counts(again));
        Assert.False((await ProfileAsync("a1")).IsDeleted);
    }

    [Fact]
    public async Task A_recognized_record_does_not_bring_its_person_back_whom_another_application_has_changed()
    {
        // Without versions and dates the greater id decides, not which was read last.
        await ImportAsync(Json("a1", "p1", name: "Anna", version: null));
        await ImportAsync(Json("a2", "p1", name: "Annemarie", version: null));

        var again = await ImportAsync(Json("a1", "p1", name: "Anna", version: null));

        Assert.Equal("Candidate unchanged 1, CandidateProfile unchanged 1", Counts(again));
        Assert.Equal("Annemarie", (await ProfileAsync("a1")).Candidate!.Columns.DisplayName);
    }

    [Fact]
    public async Task A_recognized_record_of_an_older_copy_of_the_person_leaves_the_person_as_it_is()
    {
        await ImportAsync(Json("a1", "p1", name: "Anna", version: 1));
        await ImportAsync(Json("a2", "p1", name: "Annemarie", version: 2));

        var again = await ImportAsync(Json("a1", "p1", name: "Anna", version: 1));

        Assert.Equal(2, _reads);
        Assert.Equal("Candidate unchanged 1, CandidateProfile unchanged 1", Counts(again));
        Assert.Equal("Annemarie", (await ProfileAsync("a1")).Candidate!.Columns.DisplayName);
    }

    [Fact]
    public async Task A_record_is_recognized_only_under_the_mapping_that_it_was_stored_with()
    {
        await ImportAsync(Json("a1", "p1"));
        await using var other = new ImportWorker(Database.Options, Worker.ScopeId, Worker.Clock, [new("Hokify:Mapping:UseDefaultQuestions", "false")]);

        await other.RunAsync(run => other.Writer.WriteAsync(run, Record.Batch(Json("a1", "p1")), Cancel));
        await other.RunAsync(run => other.Writer.WriteAsync(run, Record.Batch(Json("a1", "p1")), Cancel));

        Assert.Equal(2, _reads);
    }

    [Fact]
    public async Task Of_an_erased_person_no_digest_stays_and_their_record_is_suppressed()
    {
        await ImportAsync(Json("a1", "p1"));
        await ImportAsync(Record.Application("a1", "p1", erased: true));

        var again = await ImportAsync(Json("a1", "p1"));

        Assert.Equal(2, _reads);
        Assert.Equal(1, again.Stats[Stat.ErasedWithheld]);
        Assert.Null(Assert.Single(await Worker.QueryAsync(db => db.CandidateProfiles.Where(p => p.ScopeId == Worker.ScopeId).Select(p => p.SourceDigest).ToListAsync(Cancel))));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    public async Task The_record_that_is_kept_is_the_newest_one_even_where_it_says_the_same_of_the_application(int batchSize)
    {
        var corrected = new CandidateColumns { DisplayName = "Mizzi Muster", Email = "p1@example.at", Phone = "+43 660 2" };
        await InBatchesAsync([Record.Ready(Record.Application("a1", version: 1)), Record.Ready(Record.Application("a1", version: 2, candidate: corrected))], batchSize);
        Assert.Equal(Record.Application("a1", version: 2).Payload, (await ProfileAsync("a1")).SourcePayload);

        await InBatchesAsync([Record.Ready(Record.Application("a1", version: 3, candidate: corrected)), Record.Ready(Record.Application("a1", version: 1))], batchSize);
        Assert.Equal(Record.Application("a1", version: 3).Payload, (await ProfileAsync("a1")).SourcePayload);
    }

    /// <summary>The row belongs to p1, by whom the record was given to it; the record itself names nobody by an id.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_record_that_contradicts_another_stands_in_the_ledger_under_whom_it_names_recognized_or_read(bool recognized)
    {
        await ImportAsync(Ready("a1", "p1", "Anna Huber", "anna@example.at"));
        var flat = Flat("a1", "Anna Huber", "anna@example.at");
        await ImportAsync(flat);
        Assert.Equal("p1", (await ProfileAsync("a1")).Candidate!.ReferenceId);

        var again = recognized ? Flat("a1", "Anna Huber", "anna@example.at") : new SourceRecord(flat.Position, Flat("a1", "Anna Huber", "anna@example.at").Read());
        await ImportAsync(Ready("a1", "p2", "Ben Gruber", "ben@example.at"), again);

        var rejected = Assert.Single(await LogsAsync(), log => log.Name == ActivityName.Rejected);
        Assert.Equal(flat.Map(new ApplicationMapping(new MappingOptions())).Value!.PersonId.Value, rejected.PersonReferenceId);
    }

    private async Task<ImportTally> ImportAsync(params IReadOnlyList<SourceRecord> records)
    {
        var run = await OpenAsync();
        await Worker.Writer.WriteAsync(run, Record.Batch(records), Cancel);
        await Worker.ConcludeAsync(run);
        return run.Tally;
    }

    /// <summary>A record as a source delivers it; counts how often it is read.</summary>
    private SourceRecord Json(string id, string person, string name = "Mizzi Muster", string job = "Köchin", int? version = 0, string unmapped = "one")
    {
        var json = JsonSerializer.SerializeToElement(new
        {
            _id = id,
            lastupdate = version is { } minutes ? Record.Epoch.AddMinutes(minutes) : (DateTimeOffset?)null,
            user = new { _id = person, displayName = name },
            job = new { _id = "j1", name = job },
            unmapped,
        });
        var unread = ApplicationPayload.ReadLater(json, "page 1, item 1");
        return new SourceRecord(unread.Id!.Value, unread.Position, () => { _reads++; return unread.Read(); }) { Hash = unread.Hash };
    }

    private ApplicationMapping Mapping => Worker.Services.GetRequiredService<ApplicationMapping>();
}
