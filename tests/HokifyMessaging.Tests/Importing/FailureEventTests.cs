using HokifyMessaging.Contracts;
using HokifyMessaging.Receiving;
using HokifyMessaging.Runs;
using HokifyMessaging.Sandbox;
using HokifyMessaging.Storage;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace HokifyMessaging.Tests.Importing;

/// <summary>What publishers are told when there is no result: each kind of failure once for each time that it happens.</summary>
public sealed class FailureEventTests
{
    private static readonly HokifyImportRequested Full = new() { ImportMode = ImportMode.Full, IdempotencyKey = "k" };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<HokifyImportRequested, string> Refused => new()
    {
        { new() { ScopeId = 7, IdempotencyKey = "k" }, "ScopeId 7 is not configured; the configured scopes are 1." },
        { new() { UnixSecondsFrom = 1, IdempotencyKey = "k" }, "UnixSecondsFrom 1 lies before the year 2000; it must be seconds since 1970-01-01 UTC, from 946684800 to now." },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task A_request_that_is_refused_is_told_with_its_scope_and_key_and_again_under_the_same_message_id(HokifyImportRequested request, string sentence)
    {
        await using var setup = await ImportSetup.StartAsync(applications: 1);
        var before = TimeProvider.System.GetUtcNow();

        var (id, refused) = await setup.FailedAsync(request);
        await NothingWaitsAsync(setup);
        var (again, _) = await setup.FailedAsync(request);
        var (other, _) = await setup.FailedAsync(request with { IdempotencyKey = "another" });

        Assert.Equal(
            new HokifyImportFailed { IdempotencyKey = "k", ScopeId = request.ScopeId, Kind = FailureKind.Refused, Reason = sentence, At = refused.At },
            refused);
        Assert.InRange(refused.At, before, TimeProvider.System.GetUtcNow());
        Assert.Equal((id, 5), (again, id!.Value.Version));
        Assert.NotEqual(id, other);
        await NothingWaitsAsync(setup);
    }

    [Fact]
    public async Task A_refused_request_without_a_key_goes_by_its_message_id()
    {
        await using var setup = await ImportSetup.StartAsync(applications: 1);
        var messageId = NewId.NextGuid();
        foreach (var count in new[] { 1, 2 })
        {
            await setup.PublishAsync(new HokifyImportRequested { ScopeId = 7 }, context => context.MessageId = messageId);
            await ImportSetup.Until(() => setup.Completions.Failures.Count == count);
            await NothingWaitsAsync(setup);
        }

        Assert.All(setup.Completions.Failures, failure => Assert.Equal($"{messageId}", failure.Event.IdempotencyKey));
        Assert.Single(setup.Completions.Failures.Select(failure => failure.MessageId).Distinct());
    }

    [Fact]
    public async Task A_key_that_no_run_may_have_is_told_as_it_can_be_shown()
    {
        await using var setup = await ImportSetup.StartAsync(applications: 1);

        var (_, hidden) = await setup.FailedAsync(new HokifyImportRequested { IdempotencyKey = "a\u202Eb" });
        var (_, endless) = await setup.FailedAsync(new HokifyImportRequested { IdempotencyKey = new string('k', 5_000) });

        Assert.Equal(("a\\u202Eb", FailureKind.Refused), (hidden.IdempotencyKey, hidden.Kind));
        Assert.Equal((200, FailureKind.Refused), (endless.IdempotencyKey!.Length, endless.Kind));
    }

    [Fact]
    public async Task A_known_key_with_another_request_is_refused_and_the_run_of_that_key_is_not_told_of()
    {
        await using var setup = await ImportSetup.StartAsync(applications: 1);
        await setup.ImportAsync(Full);

        var (_, refused) = await setup.FailedAsync(Full with { DryRun = true });

        Assert.Equal((FailureKind.Refused, "k", 1, null), (refused.Kind, refused.IdempotencyKey, refused.ScopeId, refused.RunId));
        Assert.Contains("differs: DryRun (was False, now True)", refused.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_that_failed_says_when_it_resumes_and_tells_of_each_failure_and_then_of_its_completion()
    {
        await using var setup = await ImportSetup.StartAsync(
            settings: [new("Hokify:Import:SweepInterval", "00:00:00.100"), new("Hokify:Import:FailedRunDelay", "00:00:01"), new("Hokify:Import:FailedRunLongestDelay", "00:00:01")]);
        setup.Sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.InternalServerError) { After = 2, Times = 6 });

        await setup.PublishAsync(Full);
        await ImportSetup.Until(() => setup.Completions.Of("k").Count == 1);

        var run = await setup.RunAsync("k");
        var failures = setup.Completions.FailuresOf("k");
        Assert.Equal(2, failures.Count);
        Assert.Equal(2, failures.Select(failure => failure.MessageId).Distinct().Count());
        Assert.All(failures, failure =>
        {
            Assert.Equal((FailureKind.Failed, run.Id, 1), (failure.Event.Kind, failure.Event.RunId, failure.Event.ScopeId));
            Assert.StartsWith("AtsApi offset ", failure.Event.Reason, StringComparison.Ordinal);
            Assert.Equal(TimeSpan.FromSeconds(1), failure.Event.ResumesAt - failure.Event.At);
        });
        Assert.True(failures[0].Event.ResumesAt <= failures[1].Event.At);
        Assert.True(failures[1].Event.ResumesAt <= setup.Completions.Of("k")[0].Event.CompletedAt);
        await NothingWaitsAsync(setup);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("1")]
    public async Task A_run_whose_retries_are_used_up_gave_up_and_goes_on_when_it_is_asked_for(string retries)
    {
        await using var setup = await ImportSetup.StartAsync(settings:
        [
            new("Hokify:Import:FailedRunRetries", retries), new("Hokify:Import:SweepInterval", "00:00:00.100"), new("Hokify:Import:FailedRunDelay", "00:00:01"),
        ]);
        setup.Sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.InternalServerError) { After = 2, Times = null });

        await setup.PublishAsync(Full);
        await ImportSetup.Until(() => setup.Completions.FailuresOf("k").Any(failure => failure.Event.Kind == FailureKind.GaveUp));
        setup.Sandbox.Faults.Clear();
        var failures = setup.Completions.FailuresOf("k").Select(failure => failure.Event).ToList();
        await setup.PublishAsync(Full);
        await ImportSetup.Until(() => setup.Completions.Of("k").Count == 1);

        Assert.Equal(retries == "0" ? [FailureKind.GaveUp] : [FailureKind.Failed, FailureKind.GaveUp], failures.Select(failed => failed.Kind));
        Assert.Null(failures[^1].ResumesAt);
        Assert.Equal(setup.Completions.Of("k")[0].Event.RunId, failures[^1].RunId);
        Assert.Equal(failures.Count, setup.Completions.FailuresOf("k").Count);
    }

    [Theory]
    [InlineData(RunState.Queued)]
    [InlineData(RunState.Failed)]
    [InlineData(RunState.Running)]
    public async Task A_run_that_is_cancelled_is_told_once_wherever_it_stood(RunState state)
    {
        await using var setup = await ImportSetup.StartAsync(settings: [new("Hokify:Import:BatchSize", "10")]);
        var cancelled = await CancelAsync(setup, state);

        Assert.Equal((FailureKind.Cancelled, "k", 1, null), (cancelled.Kind, cancelled.IdempotencyKey, cancelled.ScopeId, cancelled.ResumesAt));
        Assert.Equal("Somebody asked that the import stop. It stands at its checkpoint; the same request again has it go on there.", cancelled.Reason);
        Assert.Equal((await setup.RunAsync("k")).Id, cancelled.RunId);
        await setup.Services.GetRequiredService<ImportRequests>().CancelAsync(cancelled.RunId!.Value, Actor.OfUser(), Cancel);
        await NothingWaitsAsync(setup);
        Assert.Single(setup.Completions.FailuresOf("k"), failure => failure.Event.Kind == FailureKind.Cancelled);
    }

    [Fact]
    public async Task A_request_that_could_not_be_stored_is_told_as_given_up()
    {
        await using var setup = await ImportSetup.StartAsync();
        await setup.ExecuteAsync("ALTER TABLE Scope RENAME TO Elsewhere");

        var (id, failed) = await setup.FailedAsync(Full);
        await NothingWaitsAsync(setup);
        var (again, _) = await setup.FailedAsync(Full);

        Assert.Equal((FailureKind.GaveUp, "k", 1, null), (failed.Kind, failed.IdempotencyKey, failed.ScopeId, failed.RunId));
        Assert.StartsWith("The request could not be stored: ", failed.Reason, StringComparison.Ordinal);
        Assert.Equal(id, again);
    }

    [Fact]
    public async Task What_the_database_cannot_store_is_published_at_once()
    {
        await using var setup = await ImportSetup.StartAsync();
        await setup.ExecuteAsync("ALTER TABLE PendingEvent RENAME TO Elsewhere");

        var (id, refused) = await setup.FailedAsync(new HokifyImportRequested { ScopeId = 7, IdempotencyKey = "k" });

        Assert.Equal((FailureKind.Refused, "k", 7), (refused.Kind, refused.IdempotencyKey, refused.ScopeId));
        Assert.Equal(FailureId.Of(refused, null), id);
    }

    [Fact]
    public async Task A_run_whose_failure_could_not_be_stored_is_told_of_all_the_same()
    {
        await using var setup = await ImportSetup.StartAsync(settings: [new("Hokify:Import:BatchSize", "10"), new("Hokify:Import:TransientRetryDuration", "00:00:00")]);
        setup.Sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.Slow) { After = 2, Times = 1, Delay = TimeSpan.FromSeconds(1) });
        setup.Sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.InternalServerError) { After = 2, Times = null });
        await setup.PublishAsync(Full);
        await ImportSetup.Until(async () => await setup.QueryAsync(db => db.ImportRuns.AnyAsync(r => r.Checkpoint != null, Cancel)));

        // Nobody can fail without it, and nobody can store an event there.
        await setup.ExecuteAsync("ALTER TABLE PendingEvent RENAME TO Elsewhere");
        await ImportSetup.Until(() => setup.Completions.FailuresOf("k").Count == 1);

        var run = await setup.RunAsync("k");
        var failed = setup.Completions.FailuresOf("k")[0].Event;
        Assert.Equal((RunState.Running, FailureKind.Failed, run.Id, null), (run.State, failed.Kind, failed.RunId, failed.ResumesAt));
    }

    [Fact]
    public async Task An_event_that_a_process_has_stored_and_not_published_is_published_by_the_next_one()
    {
        await using var setup = await ImportSetup.StartAsync(settings: [new("Hokify:Import:SweepInterval", "00:00:00.100")]);
        await setup.StopHostAsync();
        await setup.StartHostAsync();
        var (left, taken) = (Guid.NewGuid(), Guid.NewGuid());

        // As processes leave them that die before they publish, one with the event in its hands.
        await setup.QueryAsync(async db =>
        {
            var now = TimeProvider.System.GetUtcNow();
            PendingEvents.Add(db, new HokifyImportFailed { IdempotencyKey = "left", Reason = "one", At = now }, left, now);
            PendingEvents.Add(db, new HokifyImportFailed { IdempotencyKey = "taken", Reason = "two", At = now }, taken, now);
            db.ChangeTracker.Entries<PendingEvent>().Single(entry => entry.Entity.Id == taken).Entity.TakenAt = now;
            return await db.SaveChangesAsync(Cancel);
        });

        await ImportSetup.Until(() => setup.Completions.Failures.Count == 2);
        Assert.Equal([left, taken], setup.Completions.Failures.Select(failure => failure.MessageId!.Value).OrderBy(id => id != left));
        await NothingWaitsAsync(setup);
    }

    /// <returns>The event of a run under the key k that was cancelled in this state.</returns>
    private static async Task<HokifyImportFailed> CancelAsync(ImportSetup setup, RunState state)
    {
        if (state == RunState.Failed)
        {
            setup.Sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.InternalServerError) { After = 2, Times = null });
            await setup.FailedAsync(Full);
        }
        else
        {
            setup.Sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.Slow) { After = state == RunState.Running ? 2 : 0, Times = 1, Delay = TimeSpan.FromSeconds(2) });
            var first = state == RunState.Running ? "k" : "before";
            await setup.PublishAsync(Full with { IdempotencyKey = first });
            await ImportSetup.Until(async () => await setup.QueryAsync(db => db.ImportRuns.AnyAsync(r => r.State == RunState.Running && (first != "k" || r.Checkpoint != null), Cancel)));
            if (state == RunState.Queued)
            {
                await setup.PublishAsync(Full);
                await ImportSetup.Until(async () => await setup.FindRunAsync("k") is { State: RunState.Queued });
            }
        }

        await setup.Services.GetRequiredService<ImportRequests>().CancelAsync((await setup.RunAsync("k")).Id, Actor.OfUser(), Cancel);
        await ImportSetup.Until(() => setup.Completions.FailuresOf("k").Any(failure => failure.Event.Kind == FailureKind.Cancelled));
        return setup.Completions.FailuresOf("k").Single(failure => failure.Event.Kind == FailureKind.Cancelled).Event;
    }

    /// <summary>What is published goes.</summary>
    private static Task NothingWaitsAsync(ImportSetup setup) => ImportSetup.Until(async () => !await setup.QueryAsync(db => db.PendingEvents.AnyAsync(Cancel)));
}
