using HokifyMessaging.Contracts;
using HokifyMessaging.Runs.Queries;
using HokifyMessaging.Sandbox;
using HokifyMessaging.Tests.Importing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace HokifyMessaging.Tests.Runs.Queries;

/// <summary>What became of an application or a person is told across runs.</summary>
public sealed class RecordTrailsTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_application_that_changed_is_stored_and_has_the_runs_that_wrote_it()
    {
        await using var setup = await ImportSetup.StartAsync();
        var full = await setup.ImportFullAsync();
        var changed = setup.Sandbox.Advance(changed: 1).Changed.Single();
        var incremental = await setup.ImportIncrementalAsync();

        var found = Assert.Single((await FollowAsync(setup, changed.ToUpperInvariant())).Found);

        Assert.Equal((1, "CandidateProfile", changed, RecordFate.Stored), (found.ScopeId, found.ElementName, found.ReferenceId, found.Fate));
        Assert.Equal([(incremental.RunId, incremental.IdempotencyKey, "updated"), (full.RunId, full.IdempotencyKey, "created")], found.Events.Select(e => (e.RunId!.Value, e.IdempotencyKey!, e.What)));
        Assert.True(found.StoredAt < found.ChangedAt);
        Assert.NotNull(found.PersonReferenceId);
    }

    [Fact]
    public async Task A_person_is_found_by_id_and_by_address_in_any_case_with_all_applications()
    {
        await using var setup = await ImportSetup.StartAsync();
        await setup.ImportFullAsync();
        var person = await setup.QueryAsync(db => db.CandidateProfiles.Where(p => p.Candidate!.Columns.Email != null).GroupBy(p => p.CandidateId).OrderByDescending(g => g.Count())
            .Select(g => g.Key).FirstAsync(Cancel));
        var (id, mail) = await setup.QueryAsync(async db => await db.Candidates.Where(c => c.Id == person).Select(c => new ValueTuple<string, string>(c.ReferenceId, c.Columns.Email!)).SingleAsync(Cancel));
        var applications = await setup.QueryAsync(db => db.CandidateProfiles.Where(p => p.CandidateId == person).Select(p => p.ReferenceId).ToListAsync(Cancel));

        var byId = await FollowAsync(setup, id);
        var byAddress = await FollowAsync(setup, $" {mail.ToUpperInvariant()} ");

        Assert.True(applications.Count > 1);
        Assert.Equal(applications.Append(id).Order(), byId.Found.Select(found => found.ReferenceId).Order());
        Assert.Equal(byId.Found.Select(found => found.ReferenceId).Order(), byAddress.Found.Where(found => byId.Found.Any(one => one.ReferenceId == found.ReferenceId)).Select(found => found.ReferenceId).Order());
        Assert.All(byId.Found, found => Assert.Equal(RecordFate.Stored, found.Fate));
    }

    [Fact]
    public async Task What_could_not_be_stored_waits_with_its_sentence_until_it_can_and_is_parked_when_it_never_could()
    {
        await using var setup = await ImportSetup.StartAsync(settings: [new("Hokify:Ledger:MaximumRetries", "1")]);
        setup.Sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.BrokenLastUpdate) { Times = 1 });
        var first = await setup.ImportFullAsync();
        var sentence = Assert.Single(first.Result.Exceptions.Values.SelectMany(e => e)).Message;
        var id = (await setup.QueryAsync(db => db.ActivityLogs.Where(l => l.LastRunId != null).Select(l => l.ReferenceId).ToListAsync(Cancel))).Single();

        var waiting = Assert.Single((await FollowAsync(setup, id)).Found);
        var second = await setup.ImportIncrementalAsync();
        var parked = Assert.Single((await FollowAsync(setup, id)).Found);

        Assert.Equal((RecordFate.Waiting, sentence, null), (waiting.Fate, waiting.Reason, waiting.StoredAt));
        Assert.NotNull(waiting.DueAt);
        Assert.Equal([(first.RunId, "rejected")], waiting.Events.Select(e => (e.RunId!.Value, e.What)));
        Assert.Equal((RecordFate.Parked, null, 1), (parked.Fate, parked.DueAt, parked.RetryCount));
        Assert.Equal([(second.RunId, "tried again"), (first.RunId, "rejected")], parked.Events.Select(e => (e.RunId!.Value, e.What)));
    }

    [Fact]
    public async Task What_hokify_no_longer_has_is_deleted_by_the_run_that_noticed()
    {
        await using var setup = await ImportSetup.StartAsync();
        await setup.ImportFullAsync();
        var withdrawn = setup.Sandbox.Advance(withdrawn: 1).Withdrawn.Single();
        var second = await setup.ImportFullAsync();

        var found = Assert.Single((await FollowAsync(setup, withdrawn)).Found);

        Assert.Equal((RecordFate.Deleted, second.RunId, "deleted"), (found.Fate, found.Events[0].RunId, found.Events[0].What));
    }

    [Fact]
    public async Task Who_was_erased_is_withheld_by_id_and_nothing_else_is_told()
    {
        await using var setup = await ImportSetup.StartAsync();
        await setup.ImportFullAsync();
        var advance = setup.Sandbox.Advance(erased: 1);
        await setup.ImportIncrementalAsync();

        var byApplication = Assert.Single((await FollowAsync(setup, advance.Erased[0])).Found);
        var byPerson = Assert.Single((await FollowAsync(setup, advance.ErasedPersons[0])).Found);
        var byAddress = await FollowAsync(setup, "somebody@example.at");

        Assert.All([byApplication, byPerson], found =>
        {
            Assert.Equal((RecordFate.Withheld, null, null), (found.Fate, found.StoredAt, found.PersonReferenceId));
            Assert.NotNull(found.ErasedAt);
            Assert.Empty(found.Events);
        });
        Assert.Empty(byAddress.Found);
        Assert.Equal("Whoever was erased is recognized by the id of the person or of an application; by an address only where it came without a name.", Assert.Single(byAddress.NotKnown));
    }

    [Fact]
    public async Task Without_the_key_of_the_hashes_it_says_what_it_cannot_tell_and_makes_no_key()
    {
        await using var setup = await ImportSetup.StartAsync();
        await setup.ImportFullAsync();
        setup.Sandbox.Advance(erased: 1);
        await setup.ImportIncrementalAsync();
        await setup.StopHostAsync();
        File.Move($"{setup.DatabaseFile}.erasure-key", $"{setup.DatabaseFile}.away");
        var contexts = new ServiceCollection();
        contexts.AddLogging();
        contexts.AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(setup.Settings).Build());
        contexts.AddHokifyMessaging();
        await using var services = contexts.BuildServiceProvider();

        var trail = await services.GetRequiredService<RecordTrails>().FollowAsync(new RecordQuestion("nobody-1"), Cancel);

        Assert.Empty(trail.Found);
        Assert.StartsWith("Whether it was erased cannot be told: The erasure key ", Assert.Single(trail.NotKnown), StringComparison.Ordinal);
        Assert.False(File.Exists($"{setup.DatabaseFile}.erasure-key"));
        File.Move($"{setup.DatabaseFile}.away", $"{setup.DatabaseFile}.erasure-key");
        await setup.StartHostAsync();
    }

    [Fact]
    public async Task What_no_run_has_met_is_not_found_and_it_is_said_how_far_the_scopes_were_read()
    {
        await using var setup = await ImportSetup.OfTwoScopesAsync(applications: 5, ofSecond: 5);
        var full = await setup.ImportAsync(new HokifyImportRequested { ScopeId = 2, ImportMode = ImportMode.Full });
        var ofSecond = await setup.QueryAsync(db => db.CandidateProfiles.Select(p => p.ReferenceId).FirstAsync(Cancel));

        var nobody = await FollowAsync(setup, "nobody-1");
        var elsewhere = await FollowAsync(setup, ofSecond, scopeId: 1);

        Assert.Empty(nobody.Found);
        Assert.Contains(nobody.Scopes, scope => scope.ScopeId == 2 && scope.ReadTo <= full.CompletedAt);
        Assert.Empty(elsewhere.Found);
        Assert.Equal(2, Assert.Single((await FollowAsync(setup, ofSecond)).Found).ScopeId);
    }

    [Theory]
    [InlineData("5,07E+23", "is a number in scientific notation, which a spreadsheet makes of a long id; expected is the id itself, from a column that is formatted as text")]
    [InlineData("", "is missing; every record needs it")]
    public void What_is_no_id_is_named(string asked, string problem)
    {
        Assert.Null(RecordTrails.Comparable(asked, out var said));
        Assert.Equal(problem, said);
    }

    [Theory]
    [InlineData("5F1D7F0B2C3E4A5B6C7D8E9F", "5f1d7f0b2c3e4a5b6c7d8e9f")]
    [InlineData("payload:0f3a5b7c9d1e2f405162738495a6b7c8", "payload:0f3a5b7c9d1e2f405162738495a6b7c8")]
    [InlineData(" A@b.at ", "A@b.at")]
    public void An_id_is_compared_as_it_is_stored(string asked, string compared) => Assert.Equal(compared, RecordTrails.Comparable(asked, out _));

    private static Task<RecordTrail> FollowAsync(ImportSetup setup, string asked, int? scopeId = null) =>
        setup.Services.GetRequiredService<RecordTrails>().FollowAsync(new RecordQuestion(RecordTrails.Comparable(asked, out _)!) { ScopeIds = scopeId is { } only ? [only] : null, IsThorough = true }, Cancel);
}
