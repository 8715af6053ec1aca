using System.Data.Common;
using HokifyMessaging.Contracts;
using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace HokifyMessaging.Tests.Importing;

/// <summary>A database that can take no more in the middle of an import: SQLite says so as it does when the disk is full.</summary>
public sealed class FullDiskTests
{
    [Fact]
    public async Task A_disk_that_gets_full_fails_the_run_at_its_checkpoint_and_it_goes_on_from_there()
    {
        var disk = new Disk();
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 10, 1, 9, 0, 0, TimeSpan.Zero));
        await using var undisturbed = await ImportSetup.StartAsync(applications: 300, sandbox: options => options.Clock = clock);
        await using var setup = await ImportSetup.StartAsync(
            applications: 300, sandbox: options => options.Clock = clock, services: services => services.AddSingleton<IInterceptor>(disk));
        var request = new HokifyImportRequested { ImportMode = ImportMode.Full, IdempotencyKey = "full disk" };
        disk.PagesLeft = 150;

        var sentence = await setup.FailureAsync(request);
        var failed = await setup.RunAsync("full disk");
        var written = await setup.QueryAsync(db => Task.FromResult(db.CandidateProfiles.Count()));
        disk.PagesLeft = null;
        await setup.PublishAsync(request);
        await ImportSetup.Until(() => setup.Completions.Of("full disk").Count > 0);
        var result = setup.Completions.Of("full disk").Single().Event.Result;

        Assert.Matches("^The database cannot take the batch of [0-9]+ records: the disk that holds the database is full \\(SQLite error 13, extended 13\\)\\.$", sentence);
        Assert.Equal((RunState.Failed, sentence), (failed.State, failed.Failure));
        Assert.NotNull(failed.Checkpoint);
        Assert.InRange(written, 1, 299);
        var expected = (await undisturbed.ImportFullAsync()).Result;
        Assert.Equal((expected.OkCount, 0), (result.OkCount, result.ErrorCount));
        Assert.Equal(await undisturbed.RowsAsync(), await setup.RowsAsync());
    }

    /// <summary>How much room each connection finds, in SQLite's pages beyond those that the file has when the limit is set.</summary>
    private sealed class Disk : DbConnectionInterceptor
    {
        private long? _most;

        public int? PagesLeft { get; set; }

        public override async Task ConnectionOpenedAsync(DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
        {
            if (PagesLeft is null)
            {
                return;
            }

            await using var command = connection.CreateCommand();
            if (_most is null)
            {
                command.CommandText = "PRAGMA page_count;";
                _most = (long)(await command.ExecuteScalarAsync(cancellationToken))! + PagesLeft;
            }

            command.CommandText = FormattableString.Invariant($"PRAGMA max_page_count = {_most};");
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }
}
