using System.Text.Json;
using HokifyMessaging.Contracts;
using HokifyMessaging.IntegrationTests.Processes;
using HokifyMessaging.Runs;
using HokifyMessaging.Sandbox;
using HokifyMessaging.Storage;
using MassTransit;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.IntegrationTests.Broker;

/// <summary>The whole way: another system, a real broker, <c>hokify serve</c> as a process, a file, and hokify over HTTP.</summary>
public sealed class ImportOverRabbitMqTests(SharedBroker shared)
{
    private const int Applications = 60;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_published_request_becomes_an_event_and_its_replay_the_equal_event_under_the_same_message_id()
    {
        await using var way = await StartAsync();
        var request = new HokifyImportRequested { ImportMode = ImportMode.Full, IdempotencyKey = "nightly", RequestedBy = "another system" };

        await way.Outsider.PublishAsync(request);
        await way.UntilCompletionsAsync(1);
        var requests = way.Site.Sandbox.Requests.Count;
        await way.Outsider.PublishAsync(request);
        await way.UntilCompletionsAsync(2);

        var (messageId, completed) = way.Outsider.Completions.First();
        Assert.Equal(CompletionId.Of(1, "nightly"), messageId);
        Assert.Equal(5, messageId!.Value.Version);
        Assert.Equal((Applications, 2 * Applications, 0), (completed.Result.CreatedCounts["CandidateProfile"], completed.Result.OkCount, completed.Result.ErrorCount));
        Assert.Equal("another system", completed.RequestedBy);
        Assert.All(way.Outsider.Completions, again => Assert.Equal((messageId, JsonSerializer.Serialize(completed)), (again.MessageId, JsonSerializer.Serialize(again.Event))));
        Assert.Equal(requests, way.Site.Sandbox.Requests.Count);
        Assert.Equal((1, Applications), await way.Site.Database.QueryAsync(async db => (await db.ImportRuns.CountAsync(Cancel), await db.CandidateProfiles.CountAsync(Cancel))));
        Assert.Empty(await way.Operator.ErrorsAsync());
    }

    [Fact]
    public async Task A_request_without_a_key_goes_by_its_header_or_its_message_id()
    {
        await using var way = await StartAsync();
        var messageId = NewId.NextGuid();

        await way.Outsider.PublishAsync(new HokifyImportRequested(), context => context.Headers.Set("Idempotency-Key", "from the header"));
        await way.UntilCompletionsAsync(1);
        await way.Outsider.PublishAsync(new HokifyImportRequested(), context => context.Headers.Set("Idempotency-Key", "from the header"));
        await way.UntilCompletionsAsync(2);
        await way.Outsider.PublishAsync(new HokifyImportRequested(), context => context.MessageId = messageId);
        await way.UntilCompletionsAsync(3);
        await way.Outsider.PublishAsync(new HokifyImportRequested(), context => context.MessageId = messageId);
        await way.UntilCompletionsAsync(4);

        string[] keys = ["from the header", "from the header", $"{messageId}", $"{messageId}"];
        Assert.Equal(keys.Select(key => ((Guid?)CompletionId.Of(1, key), key)), way.Outsider.Completions.Select(c => (c.MessageId, c.Event.IdempotencyKey)));
        Assert.Equal(keys.Distinct().Order(), await way.Site.Database.QueryAsync(db => db.ImportRuns.Select(r => r.IdempotencyKey).OrderBy(key => key).ToListAsync(Cancel)));
    }

    [Fact]
    public async Task A_refused_request_lands_in_the_error_queue_with_its_sentence_and_nothing_is_written()
    {
        await using var way = await StartAsync();
        string[] sentences =
        [
            "ScopeId 7 is not configured; the configured scopes are 1.",
            "The idempotency key has 201 characters; at most 200 are allowed.",
            "UnixSecondsFrom 99999999999 lies in the future; it must be seconds since 1970-01-01 UTC, from 946684800 to now.",
        ];

        await way.Outsider.PublishAsync(new HokifyImportRequested { ScopeId = 7 });
        await way.Outsider.PublishAsync(new HokifyImportRequested { IdempotencyKey = new string('k', 201) });
        await way.Outsider.PublishAsync(new HokifyImportRequested { UnixSecondsFrom = 99999999999 });
        var errors = await way.Operator.UntilErrorsAsync(3);
        await way.Site.UntilAsync(() => Task.FromResult(way.Outsider.Failures.Count == 3), "three failures arrive");

        Assert.Equal(sentences, errors.Select(e => e.Header("MT-Fault-Message")).Order());
        Assert.Equal(sentences, way.Outsider.Failures.Select(f => f.Event.Reason).Order());
        Assert.All(way.Outsider.Failures, f => Assert.Equal((FailureKind.Refused, null), (f.Event.Kind, f.Event.RunId)));
        Assert.Equal((0, 0), await way.Site.Database.QueryAsync(async db => (await db.ImportRuns.CountAsync(Cancel), await db.Scopes.CountAsync(Cancel))));
        Assert.Empty(way.Site.Sandbox.Requests);
        Assert.Empty(way.Outsider.Completions);
    }

    [Fact]
    public async Task A_run_that_failed_goes_on_from_its_checkpoint_when_its_message_is_put_back_from_the_error_queue()
    {
        await using var way = await StartAsync();
        way.Site.Sandbox.Faults.Add(SandboxFaultKind.InternalServerError, after: 4, times: null);

        await way.Outsider.PublishAsync(new HokifyImportRequested { ImportMode = ImportMode.Full, IdempotencyKey = "nightly" });
        var error = Assert.Single(await way.Operator.UntilErrorsAsync(1));
        await way.Site.UntilAsync(() => Task.FromResult(way.Outsider.Failures.Count == 1), "a failure arrives");

        var failed = await way.Site.Database.RunAsync("nightly");
        Assert.Equal((RunState.Failed, 13), (failed.State, HokifyDatabase.Fetched(failed)));
        var told = way.Outsider.Failures.Single().Event;
        Assert.Equal((FailureKind.Failed, failed.Id, "nightly", failed.Failure, failed.ResumeAt), (told.Kind, told.RunId, told.IdempotencyKey, told.Reason, told.ResumesAt));
        Assert.Contains("AtsApi offset 16", error.Header("MT-Fault-Message"), StringComparison.Ordinal);
        Assert.Equal(13, await way.Site.Database.QueryAsync(db => db.CandidateProfiles.CountAsync(Cancel)));

        way.Site.Sandbox.Faults.Clear();
        var requests = way.Site.PageRequests().Count;
        await way.Operator.ReplayErrorAsync();
        await way.UntilCompletionsAsync(1);

        var completed = way.Outsider.Completions.Single().Event;
        Assert.Equal((failed.Id, Applications, 2 * Applications), (completed.RunId, completed.Result.CreatedCounts["CandidateProfile"], completed.Result.OkCount));
        Assert.Contains("offset=12&", way.Site.PageRequests()[requests].Query, StringComparison.Ordinal);
        Assert.Empty(await way.Operator.ErrorsAsync());
    }

    [Fact]
    public async Task A_run_of_many_slices_is_one_run_with_one_event()
    {
        await using var way = await StartAsync(processes: 2, site => site.Settings["Hokify:Import:SliceDuration"] = "00:00:01");
        way.Site.SlowDown(milliseconds: 250);

        await way.Outsider.PublishAsync(new HokifyImportRequested { ImportMode = ImportMode.Full, IdempotencyKey = "nightly" });
        await way.UntilCompletionsAsync(1);
        await way.Site.UntilAsync(() => way.Site.Database.IsAnnouncedAsync("nightly"), "the run is announced");

        var run = await way.Site.Database.RunAsync("nightly");
        Assert.True(run.Fence >= 3, $"{run.Fence} deliveries: that is not sliced");
        var (messageId, completed) = Assert.Single(way.Outsider.Completions);
        Assert.Equal(CompletionId.Of(1, "nightly"), messageId);
        Assert.Equal((Applications, Applications, 0), (completed.Result.CreatedCounts["CandidateProfile"], completed.Result.StatsCounter["Fetched"], completed.Result.StatsCounter["Duplicates"]));
        Assert.Empty(way.Outsider.Failures);
        Assert.Empty(await way.Operator.ErrorsAsync());
    }

    [Fact]
    public async Task Two_processes_that_get_requests_for_one_scope_at_once_never_overlap()
    {
        await using var way = await StartAsync(processes: 2, site => site.Settings["Hokify:Import:SliceDuration"] = "00:00:01");
        way.Site.SlowDown(milliseconds: 150);

        foreach (var days in new[] { 100, 200, 300, 400 })
        {
            await way.Outsider.PublishAsync(new HokifyImportRequested
            {
                IdempotencyKey = $"{days} days",
                UnixSecondsFrom = Installation.Today.AddDays(-days).ToUnixTimeSeconds(),
            });
        }

        await way.UntilCompletionsAsync(4);

        await NeverOverlapped.AssertAsync(way.Site);
        Assert.All(way.Site.Processes, p => Assert.Contains(p.Lines, line => line.Contains("of scope 1 ", StringComparison.Ordinal)));
        Assert.Equal(4, way.Outsider.Completions.Select(c => c.MessageId).Distinct().Count());
        Assert.Equal(
            way.Site.Sandbox.ApplicationIds().Order(),
            await way.Site.Database.QueryAsync(db => db.CandidateProfiles.Select(p => p.ReferenceId).OrderBy(id => id).ToListAsync(Cancel)));
        Assert.Empty(await way.Operator.ErrorsAsync());
    }

    private Task<Way> StartAsync(int processes = 1, Action<Installation>? configure = null) => Way.StartAsync(shared.CreateVirtualHostAsync, Applications, processes, configure);
}
