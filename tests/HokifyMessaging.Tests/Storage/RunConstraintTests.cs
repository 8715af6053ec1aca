using HokifyMessaging.Runs;
using HokifyMessaging.Tests.Writing;
using Microsoft.Data.Sqlite;

namespace HokifyMessaging.Tests.Storage;

/// <summary>What the database itself holds of a run's life, beside <see cref="RunTransitions"/>.</summary>
public sealed class RunConstraintTests : IAsyncLifetime
{
    private readonly SqliteTestDatabase _database = new();
    private ImportWorker? _worker;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private ImportWorker Worker => _worker!;

    public async ValueTask InitializeAsync()
    {
        _worker = new ImportWorker(_database.Options);
        await Worker.Schema.MigrateAsync(Cancel);
        await Worker.ExecuteAsync("INSERT INTO Scope (ScopeId, Fence, Revision) VALUES (1, 0, 0)");
    }

    public async ValueTask DisposeAsync()
    {
        await Worker.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Theory]
    [InlineData("Queued", "'2026-01-01'", "NULL", "NULL")]
    [InlineData("Cancelled", "'2026-01-01'", "NULL", "NULL")]
    [InlineData("Completed", "'2026-01-01'", "'2026-01-01'", "'{{}}'")]
    [InlineData("Completed", "NULL", "NULL", "'{{}}'")]
    [InlineData("Completed", "NULL", "'2026-01-01'", "NULL")]
    [InlineData("Running", "NULL", "'2026-01-01'", "NULL")]
    [InlineData("Failed", "NULL", "NULL", "'{{}}'")]
    public async Task A_row_that_contradicts_itself_is_refused(string state, string resumeAt, string completedAt, string completedEvent)
    {
        var exception = await Assert.ThrowsAsync<SqliteException>(() => Worker.ExecuteAsync(Run("k", state, resumeAt, completedAt, completedEvent)));

        Assert.Contains("CHECK constraint failed: CK_ImportRun_", exception.Message, StringComparison.Ordinal);
    }

    private static string Run(string key, string state, string resumeAt, string completedAt, string completedEvent) =>
        "INSERT INTO ImportRun (Id, IdempotencyKey, ScopeId, ImportMode, DryRun, State, Phase, CreatedAt, Fence, Tally, Failures, ResumeAt, CompletedAt, CompletedEvent, IsKeyless) "
        + $"VALUES ('{Guid.NewGuid()}', '{key}', 1, 'Full', 0, '{state}', 'Deleting', '2026-01-01T00:00:00.0000000Z', 0, '', 0, {resumeAt}, {completedAt}, {completedEvent}, 0)";
}
