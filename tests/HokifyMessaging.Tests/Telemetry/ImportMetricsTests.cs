using HokifyMessaging.Contracts;
using HokifyMessaging.Receiving;
using HokifyMessaging.Sandbox;
using HokifyMessaging.Storage;
using HokifyMessaging.Telemetry;
using HokifyMessaging.Tests.Importing;
using Microsoft.Extensions.DependencyInjection;

namespace HokifyMessaging.Tests.Telemetry;

/// <summary>What imports do is what they are measured to do.</summary>
public sealed class ImportMetricsTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Records_are_counted_as_the_result_has_them()
    {
        const int Scope = 7311;
        using var watched = new Watched();
        await using var setup = await ImportSetup.StartAsync(applications: 30, scopeId: Scope);
        setup.Sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.BrokenBirthday) { Times = 2 });

        var first = await setup.ImportAsync(new HokifyImportRequested { ScopeId = Scope, ImportMode = ImportMode.Full });
        AssertCounted(watched, Scope, [first]);

        setup.Sandbox.Faults.Clear();
        setup.Sandbox.Advance(@new: 3, changed: 4, withdrawn: 2);
        var second = await setup.ImportAsync(new HokifyImportRequested { ScopeId = Scope, ImportMode = ImportMode.Full });
        AssertCounted(watched, Scope, [first, second]);

        Assert.True(second.Result.DeletedCounts["CandidateProfile"] > 0);
        Assert.Equal(
            new[] { first, second }.GroupBy(run => run.Result.ErrorCount == 0 ? "completed" : "completed_with_errors").ToDictionary(runs => runs.Key, runs => (double)runs.Count()),
            watched.Sums(TelemetryNames.Runs, Scope, TelemetryNames.Outcome));
        Assert.Equal(new() { ["full"] = 2 }, watched.Sums(TelemetryNames.Runs, Scope, TelemetryNames.Mode));
        var took = watched.Of(TelemetryNames.RunDuration, Scope);
        Assert.Equal(
            new[] { first, second }.Select(run => (run.CompletedAt - run.StartedAt).TotalSeconds), took.Select(figure => figure.Value));
        Assert.InRange(watched.Of(TelemetryNames.BatchDuration, Scope).Count, first.Result.StatsCounter["Batches"], 50);
        Assert.True(watched.SumOfAll(TelemetryNames.Retries, TelemetryNames.RetryOf, ImportMetrics.OfRecord) >= second.Result.StatsCounter["Retried"]);
        Assert.Equal(setup.Sandbox.Requests.Count, watched.Of(TelemetryNames.SourceCalls, Scope).Count);
    }

    [Fact]
    public async Task A_dry_run_counts_no_record()
    {
        const int Scope = 7312;
        using var watched = new Watched();
        await using var setup = await ImportSetup.StartAsync(applications: 5, scopeId: Scope);

        await setup.ImportAsync(new HokifyImportRequested { ScopeId = Scope, DryRun = true });

        Assert.Empty(watched.Of(TelemetryNames.Records, Scope));
        Assert.Equal(new() { ["completed"] = 1 }, watched.Sums(TelemetryNames.Runs, Scope, TelemetryNames.Outcome));
    }

    [Fact]
    public async Task Calls_that_are_refused_are_counted_by_status_and_the_wait_for_the_next_one_as_throttled()
    {
        const int Scope = 7313;
        using var watched = new Watched();
        await using var setup = await ImportSetup.StartAsync(applications: 5, scopeId: Scope);
        setup.Sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.TooManyRequests) { RetryAfterSeconds = 1 });
        setup.Sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.InternalServerError) { After = 1 });
        var before = watched.SumOfAll(TelemetryNames.Retries, TelemetryNames.RetryOf, ImportMetrics.OfCall);

        await setup.ImportAsync(new HokifyImportRequested { ScopeId = Scope });

        var calls = watched.Of(TelemetryNames.SourceCalls, Scope).GroupBy(figure => (string)figure.Tag(TelemetryNames.SourceStatus)!).ToDictionary(calls => calls.Key, calls => calls.Count());
        Assert.Equal((1, 1), (calls["429"], calls["500"]));
        Assert.Equal(["200", "429", "500"], calls.Keys.Order());
        Assert.Equal(1, Assert.Single(watched.Of(TelemetryNames.Throttled, Scope)).Value, tolerance: 0.01);
        Assert.True(watched.SumOfAll(TelemetryNames.Retries, TelemetryNames.RetryOf, ImportMetrics.OfCall) >= before + 2);
    }

    [Fact]
    public async Task A_source_that_asks_for_a_long_pause_has_all_of_it_counted_and_the_run_that_goes_on_as_a_retry()
    {
        const int Scope = 7314;
        using var watched = new Watched();
        await using var setup = await ImportSetup.StartAsync(
            applications: 5, scopeId: Scope, settings: [new("Hokify:Scopes:1:AtsApi:Http:TotalTimeout", "00:00:01"), new("Hokify:Import:SweepInterval", "00:00:00.100")]);
        setup.Sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.ServiceUnavailable) { RetryAfterSeconds = 3 });

        await setup.PublishAsync(new HokifyImportRequested { ScopeId = Scope, IdempotencyKey = "postponed" });
        await ImportSetup.Until(() => setup.Completions.Of("postponed").Count == 1);

        Assert.Equal(3, Assert.Single(watched.Of(TelemetryNames.Throttled, Scope)).Value, tolerance: 0.01);
        Assert.Equal(new() { ["failed"] = 1, ["completed"] = 1 }, watched.Sums(TelemetryNames.Runs, Scope, TelemetryNames.Outcome));
        Assert.True(watched.SumOfAll(TelemetryNames.Retries, TelemetryNames.RetryOf, ImportMetrics.OfRun) >= 1);
    }

    [Fact]
    public async Task A_worker_that_was_silent_for_too_long_is_taken_over_once()
    {
        const int Scope = 7315;
        using var watched = new Watched();
        await using var setup = await ImportSetup.StartAsync(applications: 5, scopeId: Scope);
        await setup.ImportAsync(new HokifyImportRequested { ScopeId = Scope });
        Assert.Empty(watched.Of(TelemetryNames.Takeovers, Scope));

        await setup.QueryAsync(async db =>
        {
            var scope = db.Scopes.Single(scope => scope.ScopeId == Scope);
            (scope.LeaseOwner, scope.LeaseExpiresAt, scope.Fence) = ("somebody who died", TimeProvider.System.GetUtcNow().AddMinutes(-1), scope.Fence + 1);
            return await db.SaveChangesAsync(Cancel);
        });
        await setup.ImportAsync(new HokifyImportRequested { ScopeId = Scope });

        Assert.Equal(1, Assert.Single(watched.Of(TelemetryNames.Takeovers, Scope)).Value);
    }

    [Fact]
    public async Task A_run_that_somebody_cancels_is_counted_as_cancelled_whoever_works_on_it()
    {
        const int Scope = 7316;
        using var watched = new Watched();
        await using var setup = await ImportSetup.StartAsync(applications: 5, scopeId: Scope);
        setup.Sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.Slow) { Delay = TimeSpan.FromMilliseconds(500), Times = null });
        await setup.PublishAsync(new HokifyImportRequested { ScopeId = Scope, IdempotencyKey = "at work" });
        await ImportSetup.Until(() => setup.Sandbox.Requests.Count > 0);
        await setup.PublishAsync(new HokifyImportRequested { ScopeId = Scope, IdempotencyKey = "waits" });
        await ImportSetup.Until(async () => await setup.FindRunAsync("waits") is not null);

        foreach (var key in new[] { "waits", "at work" })
        {
            await CancelAsync(setup, (await setup.RunAsync(key)).Id);
        }

        await ImportSetup.Until(async () => (await setup.RunAsync("at work")).State == RunState.Cancelled && (await setup.RunAsync("waits")).State == RunState.Cancelled);
        await ImportSetup.Until(() => watched.Sums(TelemetryNames.Runs, Scope, TelemetryNames.Outcome).GetValueOrDefault("cancelled") == 2);
        Assert.Equal(["cancelled"], watched.Sums(TelemetryNames.Runs, Scope, TelemetryNames.Outcome).Keys);
    }

    /// <summary>Whatever imports are fed with: none of it is in a figure or a span, and what is there is one of the documented values.</summary>
    [Fact]
    public async Task No_figure_and_no_span_has_anything_of_an_applicant_or_a_key_in_it()
    {
        const int Scope = 7317;
        using var watched = new Watched();
        await using var setup = await ImportSetup.StartAsync(applications: 20, scopeId: Scope);
        setup.Sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.BrokenBirthday) { Times = 3 });
        setup.Sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.ServiceUnavailable) { After = 1, RetryAfterSeconds = null });
        const string Key = "Erika-Mustermann-erika@example.at";
        await setup.PublishAsync(
            new HokifyImportRequested { ScopeId = Scope, IdempotencyKey = Key, RequestedBy = "Erika Mustermann", ImportMode = ImportMode.Full },
            context => context.Headers.Set("traceparent", watched.TraceParent));
        await ImportSetup.Until(() => setup.Completions.Of(Key).Count == 1 && watched.SpansNamed("process hokify-import").Count == 1);

        var people = await setup.QueryAsync(db => Task.FromResult(db.Candidates.ToList()));
        var profiles = await setup.QueryAsync(db => Task.FromResult(db.CandidateProfiles.ToList()));
        string[] marked =
        [
            Key, "Erika", "Mustermann", "example.at", "demo-token",
            .. people.SelectMany(person => new[] { person.ReferenceId, person.Columns.Email, person.Columns.FirstName, person.Columns.LastName }).OfType<string>().Where(value => value.Length > 3),
            .. profiles.Select(profile => profile.ReferenceId),
        ];
        var said = watched.Of(Scope).SelectMany(figure => figure.Tags).Select(tag => (tag.Key, Value: $"{tag.Value}"))
            .Concat(watched.Spans.SelectMany(span => span.TagObjects.Select(tag => (tag.Key, Value: $"{tag.Value}")).Append((Key: "name", Value: span.DisplayName)).Append((Key: "status", Value: span.StatusDescription ?? ""))))
            .ToList();
        Assert.True(marked.Length > 60 && said.Count > 100, $"{marked.Length} {said.Count}");
        Assert.All(said, one => Assert.DoesNotContain(marked, mark => one.Value.Contains(mark, StringComparison.OrdinalIgnoreCase)));

        Assert.All(watched.Of(Scope), figure => Assert.Equal(
            TelemetryNames.Metrics.Single(metric => metric.Name == figure.Name).Attributes.Order(StringComparer.Ordinal), figure.Tags.Select(tag => tag.Key).Order(StringComparer.Ordinal)));
        var known = TelemetryNames.Spans.SelectMany(span => span.Attributes).ToHashSet();
        Assert.All(watched.Spans, span => Assert.All(span.TagObjects, tag => Assert.Contains(tag.Key, known)));
        Assert.All(watched.Spans, span => Assert.Empty(span.Events));
    }

    private static async Task CancelAsync(ImportSetup setup, Guid run) =>
        await setup.Services.GetRequiredService<ImportRequests>().CancelAsync(run, Actor.OfUser(), Cancel);

    private static void AssertCounted(Watched watched, int scope, HokifyImportCompleted[] runs)
    {
        var counted = watched.Of(TelemetryNames.Records, scope)
            .GroupBy(figure => ((string)figure.Tag(TelemetryNames.Element)!, (string)figure.Tag(TelemetryNames.Outcome)!))
            .ToDictionary(figures => figures.Key, figures => (int)figures.Sum(figure => figure.Value));
        foreach (var element in new[] { "Candidate", "CandidateProfile" })
        {
            Assert.Equal(
                runs.Select(run => run.Result).Aggregate((0, 0, 0, 0, 0), (sum, result) => (
                    sum.Item1 + result.CreatedCounts[element], sum.Item2 + result.UpdatedCounts[element], sum.Item3 + result.DeletedCounts[element],
                    sum.Item4 + result.UnchangedCounts[element], sum.Item5 + (result.Exceptions.TryGetValue(element, out var failed) ? failed.Count : 0))),
                (Of("created"), Of("updated"), Of("deleted"), Of("unchanged"), Of("error")));

            int Of(string outcome) => counted.GetValueOrDefault((element, outcome));
        }
    }
}
