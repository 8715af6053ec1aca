using System.Text.Json;
using HokifyMessaging.Contracts;
using HokifyMessaging.Receiving;
using HokifyMessaging.Runs;
using HokifyMessaging.Sandbox;
using HokifyMessaging.Storage;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace HokifyMessaging.Tests.Importing;

/// <summary>What becomes of a request: each branch of the design's table of keys, and what is refused.</summary>
public sealed class RequestTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<HokifyImportRequested, string> Refused => new()
    {
        { new() { ScopeId = 7 }, "ScopeId 7 is not configured; the configured scopes are 1." },
        { new() { ScopeId = -1 }, "ScopeId -1 is not configured; the configured scopes are 1." },
        { new() { UnixSecondsFrom = -1 }, "UnixSecondsFrom -1 lies before the year 2000; it must be seconds since 1970-01-01 UTC, from 946684800 to now." },
        { new() { UnixSecondsFrom = 946684799.5m }, "UnixSecondsFrom 946684799.5 lies before the year 2000; it must be seconds since 1970-01-01 UTC, from 946684800 to now." },
        { new() { UnixSecondsFrom = 99999999999 }, "UnixSecondsFrom 99999999999 lies in the future; it must be seconds since 1970-01-01 UTC, from 946684800 to now." },
        { new() { UnixSecondsFrom = 1700000000, ImportMode = ImportMode.Full }, "UnixSecondsFrom goes with ImportMode Incremental; a Full import reads everything. Leave one of the two out." },
        { new() { IdempotencyKey = new string('k', 201) }, "The idempotency key has 201 characters; at most 200 are allowed." },
        { new() { IdempotencyKey = "nightly " }, "The idempotency key begins or ends with a blank; leave it out." },
        { new() { IdempotencyKey = "night\u200bly" }, "The idempotency key has a control, format or bidirectional character (U+200B) at position 6; leave it out." },
        { new() { IdempotencyKey = "night\nly" }, "The idempotency key has a control, format or bidirectional character (U+000A) at position 6; leave it out." },
        { new() { AllowDeletions = 5 }, "AllowDeletions goes with ImportMode Full; an Incremental import does not look for what is gone. Ask for a Full import, or leave it out." },
        { new() { ImportMode = ImportMode.Full, AllowDeletions = -1 }, "AllowDeletions is -1; it must be the number of applications that may be deleted, 0 or more." },
        { new() { RequestedBy = new string('r', 201) }, "RequestedBy has 201 characters; at most 200 are allowed." },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task A_request_that_cannot_be_carried_out_is_refused_with_one_sentence_and_nothing_is_written(HokifyImportRequested request, string sentence)
    {
        await using var setup = await ImportSetup.StartAsync(applications: 1);

        Assert.Equal(sentence, await setup.FailureAsync(request));
        Assert.Equal((0, 0), await setup.QueryAsync(async db => (await db.ImportRuns.CountAsync(Cancel), await db.Scopes.CountAsync(Cancel))));
        Assert.Empty(setup.Sandbox.Requests);
    }

    [Fact]
    public async Task A_request_that_the_database_cannot_store_is_a_fault_in_our_words()
    {
        await using var setup = await ImportSetup.StartAsync();
        await setup.ExecuteAsync("ALTER TABLE Scope RENAME TO Elsewhere");

        var fault = await setup.FailureAsync(new HokifyImportRequested());

        Assert.Matches("^The request could not be stored: the database's schema is not the one that this version expects; run 'hokify migrate' \\(SQLite error 1, extended 1\\); send it again when the database is in order\\.$", fault);
    }

    [Fact]
    public async Task A_known_key_with_another_request_is_refused_and_says_what_differs()
    {
        await using var setup = await ImportSetup.StartAsync(applications: 1);
        await setup.ImportAsync(new HokifyImportRequested { IdempotencyKey = "k", RequestedBy = "one" });

        var fault = await setup.FailureAsync(new HokifyImportRequested { IdempotencyKey = "k", DryRun = true, UnixSecondsFrom = 1700000000.25m, RequestedBy = "another" });

        Assert.Contains("The idempotency key 'k' belongs to run ", fault, StringComparison.Ordinal);
        Assert.Contains("differs: UnixSecondsFrom (was nothing, now 1700000000.25), DryRun (was False, now True).", fault, StringComparison.Ordinal);
        Assert.Single(setup.Completions.All);
    }

    [Fact]
    public async Task The_key_comes_from_the_body_else_the_header_else_the_message_id()
    {
        await using var setup = await ImportSetup.StartAsync(applications: 1);
        var messageId = NewId.NextGuid();

        await setup.PublishAsync(new HokifyImportRequested { IdempotencyKey = "body" }, context => context.Headers.Set("Idempotency-Key", "unused"));
        await setup.PublishAsync(new HokifyImportRequested(), context => context.Headers.Set("Idempotency-Key", "header"));
        await setup.PublishAsync(new HokifyImportRequested(), context => context.Headers.Set("IDEMPOTENCY-KEY", 4711));
        await setup.PublishAsync(new HokifyImportRequested { IdempotencyKey = " " }, context => context.MessageId = messageId);

        // An event comes twice where the turn of a run comes before its own request has looked.
        await ImportSetup.Until(() => Keys().Count == 4);
        Assert.Equal(["4711", "body", "header", messageId.ToString()], Keys().Order(StringComparer.Ordinal).OrderBy(key => key == messageId.ToString()));

        HashSet<string> Keys() => [.. setup.Completions.All.Select(completion => completion.Event.IdempotencyKey)];
    }

    [Fact]
    public async Task A_request_behind_a_running_one_waits_in_the_database_and_is_sent_by_whoever_finishes()
    {
        await using var setup = await ImportSetup.StartAsync();
        setup.Sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.Slow) { Delay = TimeSpan.FromSeconds(1) });

        await setup.PublishAsync(new HokifyImportRequested { IdempotencyKey = "first" });
        await ImportSetup.Until(() => setup.Sandbox.Requests.Count > 1);
        await setup.PublishAsync(new HokifyImportRequested { IdempotencyKey = "second" });
        await ImportSetup.Until(async () => await setup.QueryAsync(db => db.ImportRuns.AnyAsync(r => r.IdempotencyKey == "second" && r.State == RunState.Queued, Cancel)));

        await ImportSetup.Until(() => setup.Completions.All.Count == 2);
        var (first, second) = (await setup.RunAsync("first"), await setup.RunAsync("second"));
        Assert.True(second.StartedAt >= first.CompletedAt);
        Assert.True(second.Fence > first.Fence);
    }

    [Fact]
    public async Task A_redelivery_of_a_request_that_is_being_worked_on_is_acknowledged_and_does_nothing()
    {
        await using var setup = await ImportSetup.StartAsync();
        setup.Sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.Slow) { Delay = TimeSpan.FromSeconds(1) });
        var request = new HokifyImportRequested { IdempotencyKey = "k" };

        await setup.PublishAsync(request);
        await ImportSetup.Until(() => setup.Sandbox.Requests.Count > 1);
        var opening = await setup.Services.GetRequiredService<RunStore>()
            .OpenAsync(ImportRequest.From(request, "k", [1], TimeProvider.System.GetUtcNow()), mayWork: true, Cancel);

        Assert.IsType<ImportOutcome.Waiting>(opening);
        await ImportSetup.Until(() => setup.Completions.All.Count == 1);
        Assert.Equal(1, (await setup.RunAsync("k")).Fence);
    }

    [Fact]
    public async Task A_run_that_nobody_works_on_is_taken_up_by_the_sweeper()
    {
        await using var setup = await ImportSetup.StartAsync(settings: [new("Hokify:Import:SweepInterval", "00:00:00.100")]);

        // As a process leaves it that dies between taking the request and claiming the scope.
        await setup.QueryAsync(async db =>
        {
            var created = TimeProvider.System.GetUtcNow().AddMinutes(-5);
            db.Scopes.Add(new ScopeState { ScopeId = 1 });
            db.ImportRuns.Add(new ImportRun
            {
                Id = Guid.NewGuid(),
                IdempotencyKey = "orphan",
                ScopeId = 1,
                State = RunState.Running,
                CreatedAt = created,
                NudgedAt = created,
                Tally = ImportTally.ForNewRun().ToJson(),
            });
            return await db.SaveChangesAsync(Cancel);
        });

        await ImportSetup.Until(() => setup.Completions.Of("orphan").Count > 0);
        Assert.Equal(40, setup.Completions.Of("orphan")[0].Event.Result.CreatedCounts["CandidateProfile"]);
    }

    [Fact]
    public async Task An_event_that_did_not_reach_the_broker_is_announced_by_the_sweeper()
    {
        await using var setup = await ImportSetup.StartAsync(settings: [new("Hokify:Import:SweepInterval", "00:00:00.100")]);
        var original = await setup.ImportAsync(new HokifyImportRequested { IdempotencyKey = "k" });

        await ImportSetup.Until(async () => (await setup.RunAsync("k")).AnnouncedAt is not null);

        // As a process leaves it that dies between storing the event and publishing it.
        await setup.QueryAsync(db => db.ImportRuns.ExecuteUpdateAsync(set => set.SetProperty(r => r.AnnouncedAt, (DateTimeOffset?)null), Cancel));

        await ImportSetup.Until(() => setup.Completions.Of("k").Count == 2);
        await ImportSetup.Until(async () => (await setup.RunAsync("k")).AnnouncedAt is not null);
        Assert.Equal(JsonSerializer.Serialize(original), JsonSerializer.Serialize(setup.Completions.Of("k")[1].Event));
    }

    [Fact]
    public async Task A_run_that_failed_is_resumed_by_the_sweeper_when_its_pause_is_over()
    {
        await using var setup = await ImportSetup.StartAsync(settings: [new("Hokify:Import:SweepInterval", "00:00:00.100")]);
        setup.Sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.InternalServerError) { After = 2, Times = 3 });
        await setup.FailureAsync(new HokifyImportRequested { IdempotencyKey = "k" });
        var failed = await setup.RunAsync("k");

        await setup.QueryAsync(db => db.ImportRuns.ExecuteUpdateAsync(set => set.SetProperty(r => r.ResumeAt, (DateTimeOffset?)failed.CreatedAt), Cancel));

        Assert.True(failed.ResumeAt > failed.CreatedAt.AddSeconds(30));
        await ImportSetup.Until(() => setup.Completions.Of("k").Count == 1);
        Assert.Equal(40, setup.Completions.Of("k")[0].Event.Result.CreatedCounts["CandidateProfile"]);
    }

    [Fact]
    public async Task Fractions_of_the_start_count_and_a_later_start_leaves_the_watermark_alone()
    {
        await using var setup = await ImportSetup.StartAsync();

        await setup.ImportAsync(new HokifyImportRequested { UnixSecondsFrom = 1767225600.25m });

        Assert.Contains("startTime=2026-01-01T00:00:00.250Z", Uri.UnescapeDataString(setup.Sandbox.Requests[^1].Query), StringComparison.Ordinal);
        Assert.Null(await setup.QueryAsync(db => db.Scopes.Select(s => s.Watermark).SingleAsync(Cancel)));
        var full = await setup.ImportFullAsync();
        Assert.Equal(full.StartedAt, await setup.QueryAsync(db => db.Scopes.Select(s => s.Watermark).SingleAsync(Cancel)));
    }

    [Fact]
    public async Task Stopping_the_host_in_the_middle_leaves_the_run_at_its_checkpoint_and_the_next_host_finishes_it()
    {
        await using var setup = await ImportSetup.StartAsync(settings: [new("Hokify:Import:SweepInterval", "00:00:00.100"), new("Hokify:Import:BatchSize", "10")]);
        setup.Sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.Slow) { After = 2, Times = 1, Delay = TimeSpan.FromSeconds(30) });
        await setup.PublishAsync(new HokifyImportRequested { IdempotencyKey = "k", ImportMode = ImportMode.Full });
        await ImportSetup.Until(async () => await setup.QueryAsync(db => db.ImportRuns.AnyAsync(r => r.Checkpoint!.StartsWith("offset:10:"), Cancel)));

        await setup.StopHostAsync();
        setup.Sandbox.Faults.Clear();
        await setup.StartHostAsync();

        await ImportSetup.Until(() => setup.Completions.Of("k").Count > 0);
        var result = setup.Completions.Of("k")[0].Event.Result;
        Assert.Equal((40, 40, 0), (result.CreatedCounts["CandidateProfile"], result.StatsCounter["Fetched"], result.ErrorCount));
        Assert.Equal(2, (await setup.RunAsync("k")).Fence);
    }

    [Fact]
    public void The_message_id_of_a_completion_is_a_version_5_uuid_of_scope_and_key()
    {
        Assert.Equal(CompletionId.Of(1, "k"), CompletionId.Of(1, "k"));
        Assert.Equal(6, new[] { CompletionId.Of(1, "k"), CompletionId.Of(1, "K"), CompletionId.Of(2, "k"), CompletionId.Of(1, "1/k"), CompletionId.OfKeyAlone("k"), CompletionId.OfKeyAlone("1/k") }.Distinct().Count());
        Assert.Equal((5, 0x8), (CompletionId.Of(1, "k").Version, CompletionId.Of(1, "k").Variant & 0xC));
        // As subscribers have seen it.
        Assert.Equal(new Guid("2398415f-c784-5da5-940a-b4fd1703d4f5"), CompletionId.OfKeyAlone("k"));
    }

    [Fact]
    public void The_queue_is_called_as_operators_know_it() => Assert.Equal("hokify-import", ImportQueues.Requests);
}
