using System.Collections.Concurrent;
using HokifyMessaging.Contracts;
using HokifyMessaging.Sandbox;
using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace HokifyMessaging.Tests.Importing;

/// <summary>What hokify can do to an import.</summary>
public sealed class SourceFaultTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(SandboxFaultKind.Unauthorized)]
    [InlineData(SandboxFaultKind.TooManyRequests)]
    [InlineData(SandboxFaultKind.InternalServerError)]
    [InlineData(SandboxFaultKind.ServiceUnavailable)]
    [InlineData(SandboxFaultKind.CutConnection)]
    public async Task A_fault_that_passes_leaves_no_trace_in_the_result(SandboxFaultKind kind)
    {
        await using var setup = await ImportSetup.StartAsync();
        setup.Sandbox.Faults.Add(new SandboxFault(kind) { After = 2, RetryAfterSeconds = 0 });

        var result = (await setup.ImportFullAsync()).Result;

        Assert.Equal(1, Assert.Single(setup.Sandbox.Faults.Active).Hits);
        Assert.Equal((40, 0, 40), (result.CreatedCounts["CandidateProfile"], result.ErrorCount, result.StatsCounter["Fetched"]));
    }

    [Fact]
    public async Task An_answer_that_comes_too_late_is_asked_for_again()
    {
        await using var setup = await ImportSetup.StartAsync(settings: [new("Hokify:Scopes:1:AtsApi:Http:AttemptTimeout", "00:00:00.500")]);
        setup.Sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.Slow) { After = 2, Delay = TimeSpan.FromSeconds(5) });

        var result = (await setup.ImportFullAsync()).Result;

        Assert.Equal((40, 0), (result.CreatedCounts["CandidateProfile"], result.ErrorCount));
    }

    [Fact]
    public async Task Unknown_members_are_counted_and_kept_and_never_a_failure()
    {
        await using var setup = await ImportSetup.StartAsync();
        setup.Sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.UnknownMembers) { Times = null });

        var result = (await setup.ImportFullAsync()).Result;

        Assert.Equal((40, 0), (result.CreatedCounts["CandidateProfile"], result.ErrorCount));
        Assert.True(result.StatsCounter["UnknownFields"] >= 40, $"{result.StatsCounter["UnknownFields"]} unknown fields");
    }

    [Theory]
    [InlineData(SandboxFaultKind.InternalServerError, "AtsApi offset 16")]
    [InlineData(SandboxFaultKind.NotJson, "AtsApi offset 16")]
    [InlineData(SandboxFaultKind.WrongShape, "AtsApi offset 16")]
    [InlineData(SandboxFaultKind.IgnoredOffset, "AtsApi offset 16: the page holds no application that was not read before")]
    public async Task A_page_that_cannot_be_had_fails_the_run_at_its_checkpoint_and_the_same_request_resumes_there(SandboxFaultKind kind, string reason)
    {
        await using var setup = await ImportSetup.StartAsync(settings: [new("Hokify:Import:BatchSize", "10")]);
        // This fault counts only the calls that have an offset.
        var countsOffsets = kind == SandboxFaultKind.IgnoredOffset;
        setup.Sandbox.Faults.Add(new SandboxFault(kind) { After = countsOffsets ? 1 : 2, Times = null });
        var request = new HokifyImportRequested { ImportMode = ImportMode.Full, IdempotencyKey = "k" };

        var fault = await setup.FailureAsync(request);
        var failed = await setup.RunAsync("k");
        var written = await setup.QueryAsync(db => db.CandidateProfiles.CountAsync(Cancel));
        setup.Sandbox.Faults.Clear();
        await setup.PublishAsync(request);
        await ImportSetup.Until(() => setup.Completions.Of("k").Count == 1);

        Assert.Contains(reason, fault, StringComparison.Ordinal);
        Assert.Equal((RunState.Failed, fault), (failed.State, failed.Failure));
        Assert.StartsWith("offset:10:", failed.Checkpoint, StringComparison.Ordinal);
        Assert.Equal(10, written);
        var result = setup.Completions.Of("k")[0].Event.Result;
        Assert.Equal((40, 40, 0), (result.CreatedCounts["CandidateProfile"], result.StatsCounter["Fetched"], result.ErrorCount));
        Assert.Equal(kind == SandboxFaultKind.IgnoredOffset ? 2 : 1, setup.Sandbox.Requests.Count(r => r.Query.Contains("offset=0", StringComparison.Ordinal) && r.Status == 200));
    }

    [Theory]
    [InlineData(SandboxFaultKind.MissingId, "_id")]
    [InlineData(SandboxFaultKind.BrokenBirthday, "birthday")]
    [InlineData(SandboxFaultKind.OverlongText, "DisplayName")]
    [InlineData(SandboxFaultKind.NullUser, "user")]
    [InlineData(SandboxFaultKind.BrokenLastUpdate, "lastupdate")]
    public async Task A_broken_record_alone_is_rejected_and_named_in_the_result_and_the_ledger(SandboxFaultKind kind, string field)
    {
        await using var setup = await ImportSetup.StartAsync(sandbox: options => options.AllApplicationsShape = SandboxShape.ObjectPerItem);
        setup.Sandbox.Faults.Add(new SandboxFault(kind) { After = 13 });

        var result = (await setup.ImportFullAsync()).Result;

        Assert.Equal((39, 1, 1), (result.CreatedCounts["CandidateProfile"], result.ErrorCount, result.StatsCounter["Rejected"]));
        var exception = Assert.Single(result.Exceptions.Single().Value);
        Assert.StartsWith("AtsApi offset 8, item 4", exception.Message, StringComparison.Ordinal);
        Assert.Contains(field, exception.Message, StringComparison.OrdinalIgnoreCase);
        var entry = await setup.QueryAsync(db => db.ActivityLogs.SingleAsync(l => l.Status == ActivityStatus.Open, Cancel));
        Assert.Equal((exception.Message, exception.HResult, "HokifyImport", ActivityName.Rejected), (entry.ResultData, entry.ResultCode, entry.Command, entry.Name));
        Assert.NotEmpty(entry.Data!);
    }

    [Fact]
    public async Task An_id_that_another_persons_application_has_is_rejected_and_the_first_one_stays()
    {
        await using var setup = await ImportSetup.StartAsync();
        setup.Sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.DuplicateId) { After = 13 });

        var result = (await setup.ImportFullAsync()).Result;

        Assert.Equal((39, 1), (result.CreatedCounts["CandidateProfile"], result.ErrorCount));
        Assert.Contains("_id is a duplicate id", Assert.Single(result.Exceptions["CandidateProfile"]).Message, StringComparison.Ordinal);
        Assert.Equal(ActivityStatus.Parked, await setup.QueryAsync(db => db.ActivityLogs.Where(l => l.Data != null).Select(l => l.Status).SingleAsync(Cancel)));
        setup.Sandbox.Faults.Clear();
        Assert.Equal((1, 0), await setup.ImportFullAsync() is { Result: var again } ? (again.CreatedCounts["CandidateProfile"], again.ErrorCount) : default);
    }

    [Fact]
    public async Task A_rejected_record_is_tried_again_by_later_runs_and_parked_at_the_cap()
    {
        await using var setup = await ImportSetup.StartAsync(settings: [new("Hokify:Ledger:MaximumRetries", "2")]);
        setup.Sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.BrokenBirthday) { ApplicationId = setup.Sandbox.ApplicationIds().First(), Times = null });
        await setup.ImportFullAsync();

        var first = (await setup.ImportIncrementalAsync()).Result;
        var second = (await setup.ImportIncrementalAsync()).Result;
        var third = (await setup.ImportIncrementalAsync()).Result;

        Assert.Equal([(1, 1, 0), (1, 1, 1), (0, 0, 0)], new[] { first, second, third }.Select(r =>
            (r.StatsCounter["Retried"], r.ErrorCount, r.StatsCounter["Parked"])));
        var entry = await setup.QueryAsync(db => db.ActivityLogs.SingleAsync(l => l.Data != null, Cancel));
        Assert.Equal((ActivityStatus.Parked, 2), (entry.Status, entry.RetryCount));
    }

    [Fact]
    public async Task A_good_copy_of_a_rejected_record_closes_its_ledger_entry()
    {
        await using var setup = await ImportSetup.StartAsync();
        setup.Sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.BrokenBirthday) { After = 5 });
        await setup.ImportFullAsync();
        setup.Sandbox.Faults.Clear();

        var result = (await setup.ImportFullAsync()).Result;

        // The ledger comes first and fails once more, because it knows only the broken copy; the source brings the good one.
        Assert.Equal((1, 1), (result.StatsCounter["Retried"], result.CreatedCounts["CandidateProfile"]));
        var entry = await setup.QueryAsync(db => db.ActivityLogs.SingleAsync(l => l.Name == ActivityName.Rejected, Cancel));
        Assert.Equal((ActivityStatus.Closed, null, 0), (entry.Status, entry.Data, entry.ResultCode));
        Assert.NotNull(entry.ElementId);
    }

    [Fact]
    public async Task A_record_that_the_database_refuses_goes_to_the_ledger_and_is_written_when_it_may()
    {
        await using var setup = await ImportSetup.StartAsync();
        var ids = setup.Sandbox.ApplicationIds().ToList();
        var guilty = new[] { ids[3], ids[4], ids[27] };
        await setup.ExecuteAsync(
            $"CREATE TRIGGER refuse BEFORE INSERT ON CandidateProfile WHEN NEW.ReferenceId IN ('{string.Join("', '", guilty)}') BEGIN SELECT RAISE(ABORT, 'no'); END");

        var first = (await setup.ImportFullAsync()).Result;
        await setup.ExecuteAsync("DROP TRIGGER refuse");
        var second = (await setup.ImportIncrementalAsync()).Result;

        Assert.Equal((37, 3, 3), (first.CreatedCounts["CandidateProfile"], first.ErrorCount, first.StatsCounter["Failed"]));
        Assert.Equal(guilty.Order(), first.Exceptions["CandidateProfile"].Select(e => guilty.Single(id => e.Message!.Contains(id, StringComparison.Ordinal))).Order());
        Assert.All(first.Exceptions["CandidateProfile"], e => Assert.Contains("violates a trigger's condition (SQLite error 19", e.Message, StringComparison.Ordinal));
        Assert.Equal((3, 3, 3, 0), (second.StatsCounter["Retried"], second.StatsCounter["RetriesSucceeded"], second.CreatedCounts["CandidateProfile"], second.ErrorCount));
        Assert.Equal(40, await setup.QueryAsync(db => db.CandidateProfiles.CountAsync(Cancel)));
    }

    [Fact]
    public async Task At_most_a_hundred_exceptions_of_a_kind_travel_and_all_are_counted()
    {
        await using var setup = await ImportSetup.StartAsync(applications: 130);
        setup.Sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.BrokenBirthday) { Times = null });

        var result = (await setup.ImportFullAsync()).Result;

        Assert.Equal((100, 130), (result.Exceptions.Single().Value.Count, result.ErrorCount));
        Assert.Equal(130, await setup.QueryAsync(db => db.ActivityLogs.CountAsync(l => l.Status == ActivityStatus.Open, Cancel)));
    }

    [Fact]
    public async Task No_personal_data_reaches_the_event_or_the_fault()
    {
        await using var setup = await ImportSetup.StartAsync();
        foreach (var (kind, after) in new[] { (SandboxFaultKind.BrokenBirthday, 16), (SandboxFaultKind.OverlongText, 17), (SandboxFaultKind.NullUser, 19) })
        {
            setup.Sandbox.Faults.Add(new SandboxFault(kind) { After = after });
        }

        var import = await setup.ImportFullAsync();

        var json = System.Text.Json.JsonSerializer.Serialize(import);
        var people = await setup.QueryAsync(db => db.Candidates.AsNoTracking().ToListAsync(Cancel));
        Assert.Equal(3, import.Result.ErrorCount);
        Assert.All(people, person =>
        {
            Assert.DoesNotContain(person.Columns.Email!, json, StringComparison.Ordinal);
            Assert.DoesNotContain(person.Columns.DisplayName!, json, StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task No_personal_data_reaches_a_log_line_even_where_the_database_quotes_it()
    {
        using var log = new CollectedLog();
        await using var setup = await ImportSetup.StartAsync(services: services => services
            .AddSingleton<ILoggerProvider>(log)
            .Configure<LoggerFilterOptions>(filter => filter.MinLevel = LogLevel.Trace));
        setup.Sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.OverlongText) { After = 3 });
        var refused = setup.Sandbox.ApplicationIds().First();
        await setup.ExecuteAsync(
            $"CREATE TRIGGER refuse BEFORE INSERT ON CandidateProfile WHEN NEW.ReferenceId = '{refused}' BEGIN SELECT RAISE(ABORT, 'so says the person'); END");

        var import = await setup.ImportFullAsync();

        Assert.Equal(2, import.Result.ErrorCount);
        var lines = string.Join('\n', log.Lines);
        Assert.Contains($"application {refused}: violates a trigger's condition", lines, StringComparison.Ordinal);
        Assert.DoesNotContain("so says the person", lines, StringComparison.Ordinal);
        var people = await setup.QueryAsync(db => db.Candidates.AsNoTracking().ToListAsync(Cancel));
        Assert.All(people, person => Assert.All(
            new[] { person.Columns.Email!, person.Columns.DisplayName!, person.Columns.Phone ?? person.Columns.Email! },
            text => Assert.DoesNotContain(text, lines, StringComparison.Ordinal)));
    }

    /// <summary>Every line of every category, with its exception.</summary>
    private sealed class CollectedLog : ILoggerProvider, ILogger
    {
        private readonly ConcurrentQueue<string> _lines = new();

        public IReadOnlyCollection<string> Lines => _lines;

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            _lines.Enqueue($"{formatter(state, exception)} {exception}");

        public void Dispose()
        {
        }
    }
}
