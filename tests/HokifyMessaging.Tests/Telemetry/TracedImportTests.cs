using System.Diagnostics;
using HokifyMessaging.Contracts;
using HokifyMessaging.Sandbox;
using HokifyMessaging.Telemetry;
using HokifyMessaging.Tests.Importing;
using HokifyMessaging.Tests.Reading;
using HokifyMessaging.Tests.Reading.AtsApi;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Tests.Telemetry;

/// <summary>An import goes on in the trace in which it was asked for, whatever lies between, and its event bears it on.</summary>
public sealed class TracedImportTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Deliveries_pages_calls_batches_and_the_event_are_one_trace()
    {
        using var watched = new Watched();
        await using var setup = await ImportSetup.StartAsync(applications: 25);

        await PublishAsync(setup, "traced", watched.TraceParent);
        await ImportSetup.Until(() => setup.Completions.Of("traced").Count == 1 && watched.SpansNamed("process hokify-import").Count == 1);

        var process = watched.SpansNamed("process hokify-import").Single();
        Assert.Equal((watched.SpanId, ActivityKind.Consumer, ActivityStatusCode.Unset), (process.ParentSpanId, process.Kind, process.Status));
        Assert.Equal((await setup.RunAsync("traced")).Id, process.GetTagItem(TelemetryNames.RunId));
        Assert.Equal((1, "completed", "in_memory"), (process.GetTagItem(TelemetryNames.ScopeId), process.GetTagItem(TelemetryNames.Outcome), process.GetTagItem(TelemetryNames.MessagingSystem)));

        var pages = watched.SpansNamed("read page");
        Assert.All(pages, page => Assert.Equal(process.SpanId, page.ParentSpanId));
        Assert.Equal(25, pages.Sum(page => (int)page.GetTagItem(TelemetryNames.RecordCount)!));
        var calls = watched.SpansNamed("GET application/getAllApplications");
        Assert.All(calls, call => Assert.Contains(call.ParentSpanId, pages.Select(page => page.SpanId)));
        Assert.All(calls, call => Assert.Equal((ActivityKind.Client, 200, "200"), (call.Kind, call.GetTagItem(TelemetryNames.HttpStatus), call.GetTagItem(TelemetryNames.SourceStatus))));
        Assert.Equal(setup.Sandbox.Requests.Count, calls.Count + watched.SpansNamed("POST auth/token").Count);
        var batches = watched.SpansNamed("write batch");
        Assert.All(batches, batch => Assert.Equal(process.SpanId, batch.ParentSpanId));
        Assert.Contains("reading", batches.Select(batch => batch.GetTagItem(TelemetryNames.Phase)));

        var published = Assert.Single(watched.SpansNamed("publish hokify.import-completed"));
        Assert.Equal((process.SpanId, ActivityKind.Producer), (published.ParentSpanId, published.Kind));
        Assert.Equal([(published.Id, published.Id)], setup.Completions.TracesOf("traced"));
        Assert.Equal(watched.TraceId, published.TraceId);
    }

    [Fact]
    public async Task A_run_that_goes_on_in_further_slices_stays_in_its_trace()
    {
        using var watched = new Watched();
        await using var setup = await ImportSetup.StartAsync(
            applications: 40, settings: [new("Hokify:Import:SliceDuration", "00:00:01"), new("Hokify:Import:BatchSize", "5"), new("Hokify:Scopes:1:AtsApi:PageSize", "5")]);
        setup.Sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.Slow) { Delay = TimeSpan.FromMilliseconds(300), Times = null });

        await PublishAsync(setup, "sliced", watched.TraceParent);
        await ImportSetup.Until(() => setup.Completions.Of("sliced").Count == 1 && watched.SpansNamed("process hokify-import").Any(span => span.GetTagItem(TelemetryNames.Outcome) is "completed"));

        var slices = watched.SpansNamed("process hokify-import");
        Assert.InRange(slices.Count, 2, 20);
        Assert.Equal([.. Enumerable.Repeat("interrupted", slices.Count - 1), "completed"], slices.Select(slice => slice.GetTagItem(TelemetryNames.Outcome)));
        Assert.Equal(watched.SpanId, slices[0].ParentSpanId);
        Assert.All(slices.Skip(1), slice => Assert.Equal(slices[0].SpanId, slice.ParentSpanId));
        Assert.Contains(watched.TraceId.ToString(), Assert.Single(setup.Completions.TracesOf("sliced")).Trace, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_that_waits_behind_another_is_worked_on_in_its_own_trace()
    {
        using var first = new Watched();
        using var second = new Watched();
        await using var setup = await ImportSetup.StartAsync(applications: 5);
        setup.Sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.Slow) { Delay = TimeSpan.FromSeconds(1), Times = 1 });

        await PublishAsync(setup, "first", first.TraceParent);
        await ImportSetup.Until(() => setup.Sandbox.Requests.Count > 0);
        await PublishAsync(setup, "second", second.TraceParent);
        await ImportSetup.Until(() => setup.Completions.Of("second").Count == 1 && second.SpansNamed("process hokify-import").Any(span => span.GetTagItem(TelemetryNames.Outcome) is "completed"));

        Assert.Equal(["waiting", "completed"], second.SpansNamed("process hokify-import").Select(span => span.GetTagItem(TelemetryNames.Outcome)));
        Assert.Contains(second.TraceId.ToString(), Assert.Single(setup.Completions.TracesOf("second")).Trace, StringComparison.Ordinal);
        Assert.Contains(first.TraceId.ToString(), Assert.Single(setup.Completions.TracesOf("first")).Trace, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_that_failed_and_what_is_refused_are_told_in_their_traces()
    {
        using var failed = new Watched();
        using var refused = new Watched();
        await using var setup = await ImportSetup.StartAsync(applications: 5, settings: [new("Hokify:Import:FailedRunDelay", "00:00:01"), new("Hokify:Import:SweepInterval", "00:00:00.100")]);
        setup.Sandbox.Faults.Add(SandboxFaultKind.NotJson);

        await PublishAsync(setup, "failed", failed.TraceParent);
        await setup.PublishAsync(new HokifyImportRequested { IdempotencyKey = "refused", ScopeId = 7 }, context => context.Headers.Set("traceparent", refused.TraceParent));
        await ImportSetup.Until(() => setup.Completions.Of("failed").Count == 1 && setup.Completions.FailuresOf("failed").Count == 1 && setup.Completions.FailuresOf("refused").Count == 1);

        // The failure, told when it happened, and the completion, after the sweep: both in the publisher's trace.
        Assert.Equal(2, setup.Completions.TracesOf("failed").Count);
        Assert.All(setup.Completions.TracesOf("failed"), told => Assert.Contains(failed.TraceId.ToString(), told.Trace, StringComparison.Ordinal));
        Assert.Contains(refused.TraceId.ToString(), Assert.Single(setup.Completions.TracesOf("refused")).Trace, StringComparison.Ordinal);
        await ImportSetup.Until(() => refused.SpansNamed("publish hokify.import-failed").Count == 1 && failed.SpansNamed("process hokify-import").Count == 2);
        Assert.Equal(["failed", "completed"], failed.SpansNamed("process hokify-import").Select(span => span.GetTagItem(TelemetryNames.Outcome)));
        Assert.Equal(("refused", ActivityStatusCode.Error), refused.SpansNamed("process hokify-import").Select(span => ($"{span.GetTagItem(TelemetryNames.Outcome)}", span.Status)).Single());
        Assert.All(failed.Spans.Concat(refused.Spans), span => Assert.Null(span.StatusDescription));
    }

    [Theory]
    [InlineData("traceparent")]
    [InlineData("MT-Activity-Id")]
    public async Task Where_nobody_listens_the_publishers_trace_is_passed_on_as_it_came(string header)
    {
        const string Trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        await using var setup = await ImportSetup.StartAsync(applications: 5);

        await setup.PublishAsync(new HokifyImportRequested { IdempotencyKey = "passed" }, context => context.Headers.Set(header, Trace));
        await setup.PublishAsync(new HokifyImportRequested { IdempotencyKey = "hostile" }, context => context.Headers.Set(header, "00-Erika-Mustermann\u202e-01"));
        await setup.PublishAsync(new HokifyImportRequested { IdempotencyKey = "plain" });
        await ImportSetup.Until(() => setup.Completions.All.Count == 3);

        Assert.Equal([(Trace, Trace)], setup.Completions.TracesOf("passed"));
        Assert.Equal([(null, null)], setup.Completions.TracesOf("plain"));
        Assert.Equal([(null, null)], setup.Completions.TracesOf("hostile"));
        Assert.Equal([null, null, Trace], await setup.QueryAsync(db => db.ImportRuns.OrderBy(run => run.IdempotencyKey).Select(run => run.TraceParent).OrderBy(trace => trace).ToListAsync(Cancel)));
    }

    [Fact]
    public async Task The_same_request_again_has_its_event_in_the_trace_of_that_one()
    {
        using var again = new Watched();
        await using var setup = await ImportSetup.StartAsync(applications: 5);
        await setup.ImportAsync(new HokifyImportRequested { IdempotencyKey = "same" });

        await PublishAsync(setup, "same", again.TraceParent, ImportMode.Incremental);
        await ImportSetup.Until(() => setup.Completions.Of("same").Count == 2 && again.SpansNamed("process hokify-import").Count == 1);

        Assert.Equal("repeated", again.SpansNamed("process hokify-import").Single().GetTagItem(TelemetryNames.Outcome));
        Assert.Contains(again.TraceId.ToString(), setup.Completions.TracesOf("same")[^1].Trace, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Hokify_is_told_of_no_trace()
    {
        await using var hokify = await AtsApiStub.StartAsync(AtsApiStub.Items(3));
        using var setup = new ReadingSetup(AtsApiStub.Scope(hokify));
        using var somebodys = new Activity("somebody's").Start();

        await setup.ReadAsync();

        Assert.NotEmpty(hokify.Requests);
        Assert.All(hokify.Requests, request => Assert.DoesNotContain("traceparent", request.Headers.Keys, StringComparer.OrdinalIgnoreCase));
    }

    private static Task PublishAsync(ImportSetup setup, string key, string trace, ImportMode mode = ImportMode.Full) =>
        setup.PublishAsync(new HokifyImportRequested { IdempotencyKey = key, ImportMode = mode }, context => context.Headers.Set("traceparent", trace));
}
