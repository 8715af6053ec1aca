using System.Reflection;
using HokifyMessaging.Applications;
using HokifyMessaging.Contracts;
using HokifyMessaging.Planning;
using HokifyMessaging.Reading;
using HokifyMessaging.Runs;
using HokifyMessaging.Service.Commands;
using HokifyMessaging.Storage;
using HokifyMessaging.Tests.Writing;
using HokifyMessaging.Writing;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Record = HokifyMessaging.Tests.Writing.Record;

namespace HokifyMessaging.Tests.Telemetry;

/// <summary>Lines of the log are read by people: rendered with what really comes into them, they are sentences.</summary>
public sealed class LogSentenceTests
{
    private static readonly int[] SqliteErrors = [1, 5, 6, 8, 10, 11, 13, 14, 18, 19, 20, 25, 26, 99];
    private static readonly int[] SqlServerNumbers = [-2, -1, 207, 208, 515, 547, 1105, 1205, 1222, 2601, 2628, 3906, 8114, 10054, 50001, 99];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Each template of both assemblies; what its placeholders stand for is said by their names.</summary>
    public static TheoryData<string> Templates =>
    [
        .. new[] { typeof(HokifyOptions).Assembly, typeof(CommandErrors).Assembly }
            .SelectMany(assembly => assembly.GetTypes())
            .SelectMany(type => type.GetMethods(BindingFlags.Static | BindingFlags.NonPublic))
            .Select(method => method.GetCustomAttribute<LoggerMessageAttribute>()?.Message)
            .OfType<string>().Distinct().Order(StringComparer.Ordinal),
    ];

    [Theory]
    [MemberData(nameof(Templates))]
    public void A_template_is_a_sentence_without_a_full_stop_that_counts_nothing_in_plurals(string template)
    {
        Assert.Matches("^([A-Z{])", template);
        Assert.DoesNotMatch(@"[.:;,]$", template);
        Assert.DoesNotMatch(@"  |\.\.|: *:|\(\)", template);

        // "1 errors": a number that may be one stands behind its noun.
        Assert.DoesNotMatch(@"\{(Fetched|OkCount|ErrorCount)\} \w+s\b", template);

        // "it the database file is locked": a reason is a clause of its own.
        Assert.DoesNotMatch(@"\b(it|is|because|that) \{(Reason|Fault|Sentence)\}", template);
    }

    /// <summary>By each level at which anybody reads the log who has not written the program.</summary>
    [Fact]
    public void Words_that_only_the_authors_use_are_for_them_alone() => Assert.All(
        new[] { typeof(HokifyOptions).Assembly, typeof(CommandErrors).Assembly }
            .SelectMany(assembly => assembly.GetTypes())
            .SelectMany(type => type.GetMethods(BindingFlags.Static | BindingFlags.NonPublic))
            .Select(method => method.GetCustomAttribute<LoggerMessageAttribute>())
            .OfType<LoggerMessageAttribute>().Where(message => message.Level >= LogLevel.Information),
        message => Assert.DoesNotMatch(@"(?i)\b(nudg\w*|fence\w*|slic\w*|ledger|seed's)\b", message.Message));

    [Fact]
    public async Task The_first_records_that_could_not_be_stored_are_said_and_the_others_counted()
    {
        await using var database = new SqliteTestDatabase();
        await database.MigrateAsync();
        await using var worker = new ImportWorker(database.Options);
        var log = new Lines<ApplicationWriter>();
        var run = await worker.OpenAsync();

        foreach (var half in Enumerable.Range(0, 30).Chunk(15))
        {
            var before = run.Progress;
            await worker.Writer.WriteAsync(run, Record.Batch([.. half.Select(number => Record.Rejected($"a{number}", $$"""{"number":{{number}}}"""))]), Cancel);
            NotStored.Tell(log, run.RunId, before, run.Progress);
        }

        var last = run.Progress;
        NotStored.Tell(log, run.RunId, last, last with { Position = new RunPosition(RunPhase.Concluding, null) });

        Assert.Equal(NotStored.Named + 1, log.Written.Count);
        Assert.All(log.Written, line => Assert.StartsWith($"Run {run.RunId}: ", line, StringComparison.Ordinal));
        Assert.Equal($"Run {run.RunId}: errors that are not in the log: 10; 'hokify runs show' lists what waits to be tried again", log.Written[^1]);
    }

    [Fact]
    public void A_refused_deletion_is_said_however_much_was_said_before()
    {
        var log = new Lines<ApplicationWriter>();
        var before = new ImportTally();
        for (var number = 0; number < 50; number++)
        {
            before.Fail(ElementNames.CandidateProfile, new ImportException { Message = "A sentence." });
        }

        var refusal = new ImportTally();
        refusal.Fail(ElementNames.CandidateProfile, new ImportException { Message = "Nothing was deleted.", Source = nameof(DeletionGuard) });
        var progress = new ImportProgress(new RunPosition(RunPhase.Deleting, null), new ReadWindow(null, default), before);

        NotStored.Tell(log, Guid.Empty, progress, progress with { Tally = before.Plus(refusal) });

        Assert.Equal([$"Run {Guid.Empty}: Nothing was deleted."], log.Written);
    }

    [Fact]
    public void What_is_wrong_with_a_database_is_a_clause_with_a_subject()
    {
        var faults = SqliteErrors.Select(code => DatabaseFault.Of(new SqliteException("", code))!)
            .Concat(SqlServerNumbers.Select(number => DatabaseFault.Of(SqlServerErrors.Of(number))!))
            .Append(DatabaseFault.Of(new TimeoutException())!);

        Assert.All(faults, fault => Assert.Matches("^(the (database|statement|connection|disk)|a record (violates|has|was))", fault.Clause));
    }

    [Theory]
    [InlineData(5, "the database file is locked by another process (SQLite error 5, extended 5)")]
    [InlineData(6, "the database file is locked by another process (SQLite error 6, extended 6)")]
    public async Task A_transaction_that_is_tried_again_says_why(int code, string reason)
    {
        var log = new Lines<TransientRetries>();
        var retries = new TransientRetries(Options.Create(new HokifyOptions()), TimeProvider.System, log, ImportWorker.NoPauses);
        var attempts = 0;

        await retries.ExecuteAsync(_ => ++attempts < 3 ? throw new SqliteException("", code) : Task.CompletedTask, Cancel);

        Assert.Equal(
            [$"A transaction failed and is tried again (retry 1): {reason}", $"A transaction failed and is tried again (retry 2): {reason}"],
            log.Written);
        Assert.False(retries.IsWaiting);
    }

    [Theory]
    [InlineData(1205, "the statement was chosen as a deadlock victim (SQL Server error 1205)")]
    [InlineData(-2, "the statement took longer than Database:CommandTimeout (SQL Server error -2)")]
    [InlineData(10054, "the connection to the server was lost (SQL Server error 10054)")]
    public async Task So_it_does_on_SQL_Server(int number, string reason)
    {
        var log = new Lines<TransientRetries>();
        var retries = new TransientRetries(Options.Create(new HokifyOptions()), TimeProvider.System, log, ImportWorker.NoPauses);
        var attempts = 0;

        await retries.ExecuteAsync(_ => ++attempts < 2 ? throw SqlServerErrors.Of(number) : Task.CompletedTask, Cancel);

        Assert.Equal([$"A transaction failed and is tried again (retry 1): {reason}"], log.Written);
    }

    [Fact]
    public async Task Whoever_waits_for_an_answer_is_not_kept_by_retries()
    {
        var retries = new TransientRetries(Options.Create(new HokifyOptions()), TimeProvider.System, new Lines<TransientRetries>());
        using var patience = DatabasePatience.Begin(TimeSpan.Zero, TimeProvider.System);
        var attempts = 0;

        await Assert.ThrowsAsync<SqliteException>(() => retries.ExecuteAsync(_ => ++attempts > 0 ? throw new SqliteException("", 5) : Task.CompletedTask, Cancel));

        Assert.Equal(1, attempts);
    }

    internal sealed class Lines<T> : ILogger<T>
    {
        public List<string> Written { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Written.Add(formatter(state, exception));
    }
}
