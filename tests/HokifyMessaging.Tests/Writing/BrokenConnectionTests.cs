using System.Data.Common;
using System.Text.Json;
using HokifyMessaging.Contracts;
using HokifyMessaging.Importing;
using HokifyMessaging.Runs;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;

namespace HokifyMessaging.Tests.Writing;

/// <summary>
/// A connection that breaks at any call of an import, as SQL Server's client on Linux tells it: before the database has heard of the
/// call, or after it has carried it out. Whichever it was, the import ends as if nothing had happened.
/// </summary>
public sealed class BrokenConnectionTests : IAsyncLifetime
{
    private readonly SqliteTestDatabase _database = new();
    private readonly BreakingConnection _connection = new();
    private byte[] _before = [];
    private ImportWorker? _worker;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private ImportWorker Worker => _worker!;

    private string Export => Path.ChangeExtension(_database.File, ".csv");

    /// <summary>What an import meets: a record to be changed, one that stays, one that is gone, and two that failed, of which one can be stored by now.</summary>
    public async ValueTask InitializeAsync()
    {
        await _database.MigrateAsync();
        _worker = new ImportWorker(
            _database.Options,
            settings: [new("Hokify:Scopes:1:CsvFiles:Path", Export), new("Hokify:Ledger:FirstInterval", "00:00:00")],
            rows: (db, scopeId) => new EfCoreRows(db, scopeId),
            interceptors: _connection);
        await WriteAsync("changed;Ada;ada@one.example;2026-03-01", "same;Ben;ben@one.example;2026-03-01", "gone;Cyd;cyd@one.example;2026-03-01", "heals;Dan;dan@one.example;2026-03-01", "fails;Eva;eva@one.example;2026-03-01");
        await _database.RefuseAsync(Worker, "heals", "fails");
        await ImportAsync("first");
        await _database.AcceptAsync(Worker);
        await _database.RefuseAsync(Worker, "fails");
        Worker.Clock.Advance(TimeSpan.FromDays(1));
        await WriteAsync("changed;Ada;other@one.example;2026-03-02", "same;Ben;ben@one.example;2026-03-01", "new;Fay;fay@one.example;2026-03-02", "heals;Dan;dan@one.example;2026-03-01");
        _before = await File.ReadAllBytesAsync(_database.File, Cancel);
    }

    public async ValueTask DisposeAsync()
    {
        await Worker.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task An_import_ends_as_if_nothing_had_happened_at_whichever_of_its_calls_the_connection_breaks()
    {
        var expected = await EndOfSecondAsync();
        Assert.Contains("heals", expected, StringComparison.Ordinal);
        var calls = _connection.Calls.ToList();
        Assert.InRange(calls.Count, 100, 2_000);
        Assert.Superset(
            new HashSet<string> { "opens", "begins", "commits", "has committed", "SELECT ActivityLog", "has done SELECT ActivityLog", "SELECT CandidateProfile", "has done UPDATE Scope" },
            calls.Select(call => call.Name).ToHashSet());

        var failures = new List<string>();
        foreach (var (index, call) in calls.Index().Where(IsTried(calls)))
        {
            await File.WriteAllBytesAsync(_database.File, _before, Cancel);
            _connection.BreaksAt = index;
            try
            {
                Assert.Equal(expected, await EndOfSecondAsync());
            }
            catch (Exception exception) when (!Cancel.IsCancellationRequested)
            {
                failures.Add($"call {index}, {call.Name}: {exception.Message}");
            }
        }

        Assert.Empty(failures);
    }

    /// <summary>As a rule each statement once, and all that ends a transaction; all calls where more examples are asked for.</summary>
    private static Func<(int Index, (string Name, string Text) Item), bool> IsTried(List<(string Name, string Text)> calls) => Examples.Of(1) > 1
        ? _ => true
        : call => call.Item.Name is "commits" or "has committed"
            || (!call.Item.Name.StartsWith("has done", StringComparison.Ordinal) && calls.IndexOf(call.Item) == call.Index);

    private async Task<string> EndOfSecondAsync()
    {
        _connection.Calls.Clear();
        await ImportAsync("second");
        _connection.BreaksAt = null;
        return await Worker.QueryAsync(async db =>
        {
            var run = await db.ImportRuns.SingleAsync(r => r.IdempotencyKey == "second", Cancel);
            var scope = await db.Scopes.SingleAsync(Cancel);
            return JsonSerializer.Serialize(new
            {
                People = await db.Candidates.OrderBy(c => c.Id).Select(c => new { c.Id, c.ReferenceId, c.ContentHash, c.Version, c.IsDeleted, c.History }).ToListAsync(Cancel),
                Applications = await db.CandidateProfiles.OrderBy(p => p.ReferenceId).Select(p => new { p.ReferenceId, p.CandidateId, p.ContentHash, p.Version, p.IsDeleted }).ToListAsync(Cancel),
                Logs = await db.ActivityLogs.OrderBy(l => l.Id).Select(l => new { l.Name, l.Status, l.ReferenceId, l.ElementName, l.ElementId, l.RetryCount, IsOfRun = l.RunId == run.Id }).ToListAsync(Cancel),
                RunRecords = await db.RunBatches.CountAsync(Cancel),
                run.State,
                run.Failures,
                IsAnnounced = run.AnnouncedAt is not null,
                JsonSerializer.Deserialize<HokifyImportCompleted>(run.CompletedEvent!)!.Result,
                Scope = new { scope.Watermark, scope.LeaseOwner, scope.NudgedAt, scope.Revision },
            }).Replace(run.Id.ToString(), "the run", StringComparison.Ordinal);
        });
    }

    private async Task ImportAsync(string key)
    {
        var importer = Worker.Services.GetRequiredService<HokifyImporter>();
        var slice = new ImportSlice(DateTimeOffset.MaxValue, CancellationToken.None);
        var completed = Assert.IsType<ImportOutcome.Completed>(await importer.ImportAsync(Worker.Request(key), slice, Cancel)).Event;
        await Worker.Runs.AnnouncedAsync([completed.RunId], Cancel);
    }

    private Task WriteAsync(params string[] rows) => File.WriteAllLinesAsync(Export, rows.Prepend("matchId;name;email;applicationDate"), Cancel);

    /// <summary>Counts what an import asks of the database, and breaks at one of the calls.</summary>
    private sealed class BreakingConnection : DbCommandInterceptor, IDbTransactionInterceptor, IDbConnectionInterceptor
    {
        public List<(string Name, string Text)> Calls { get; } = [];

        public int? BreaksAt { get; set; }

        public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
            DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default) =>
            Pass(Name(command), result, command.CommandText);

        public override async ValueTask<DbDataReader> ReaderExecutedAsync(
            DbCommand command, CommandExecutedEventData eventData, DbDataReader result, CancellationToken cancellationToken = default)
        {
            try
            {
                return await Pass($"has done {Name(command)}", result, command.CommandText);
            }
            catch
            {
                await result.DisposeAsync();
                throw;
            }
        }

        public override ValueTask<InterceptionResult<int>> NonQueryExecutingAsync(
            DbCommand command, CommandEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default) =>
            Pass(Name(command), result, command.CommandText);

        public override ValueTask<int> NonQueryExecutedAsync(DbCommand command, CommandExecutedEventData eventData, int result, CancellationToken cancellationToken = default) =>
            Pass($"has done {Name(command)}", result, command.CommandText);

        public ValueTask<InterceptionResult> ConnectionOpeningAsync(
            DbConnection connection, ConnectionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default) =>
            Pass("opens", result);

        public ValueTask<InterceptionResult<DbTransaction>> TransactionStartingAsync(
            DbConnection connection, TransactionStartingEventData eventData, InterceptionResult<DbTransaction> result, CancellationToken cancellationToken = default) =>
            Pass("begins", result);

        public ValueTask<InterceptionResult> TransactionCommittingAsync(
            DbTransaction transaction, TransactionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default) =>
            Pass("commits", result);

        public async Task TransactionCommittedAsync(DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default) =>
            await Pass("has committed", 0);

        private static string Name(DbCommand command)
        {
            var words = command.CommandText.Split([' ', '\n', '\r', '"', '(', ')'], StringSplitOptions.RemoveEmptyEntries);
            return $"{words[0]} {words.FirstOrDefault(word => word is "ActivityLog" or "Candidate" or "CandidateProfile" or "ErasedKey" or "ImportRun" or "RunBatch" or "Scope")}";
        }

        private ValueTask<T> Pass<T>(string call, T result, string text = "")
        {
            Calls.Add((call, text));
            return Calls.Count - 1 == BreaksAt ? throw SqlServerErrors.Of(0, severity: 20) : ValueTask.FromResult(result);
        }
    }
}
