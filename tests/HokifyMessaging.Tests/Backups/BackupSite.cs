using HokifyMessaging.Applications;
using HokifyMessaging.Backups;
using HokifyMessaging.Tests.Storage;
using HokifyMessaging.Tests.Writing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Record = HokifyMessaging.Tests.Writing.Record;

namespace HokifyMessaging.Tests.Backups;

/// <summary>A SQLite database with a service that works on it, and a folder for its backups.</summary>
internal sealed class BackupSite : IAsyncDisposable
{
    private readonly SqliteTestDatabase _database = new();
    private readonly OwnFolder _backups = new();

    private BackupSite() => Worker = new ImportWorker(_database.Options);

    public ImportWorker Worker { get; private set; }

    public DatabaseOptions Options => _database.Options;

    public string File => _database.File;

    public string BackupFolder => _backups.Path;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task<BackupSite> CreateAsync()
    {
        var site = new BackupSite();
        await site._database.MigrateAsync();
        await site.Worker.Services.PrepareDatabaseAsync(Cancel);
        return site;
    }

    /// <summary>A service that is configured otherwise, from now on.</summary>
    public async Task ConfigureAsync(params KeyValuePair<string, string?>[] settings)
    {
        await Worker.DisposeAsync();
        Worker = new ImportWorker(_database.Options, clock: Worker.Clock, settings: settings);
    }

    /// <summary>One run that reads these applications.</summary>
    public async Task ImportAsync(params IEnumerable<MappedApplication> applications)
    {
        var run = await Worker.OpenAsync();
        await Worker.Writer.WriteAsync(run, Record.Batch([.. applications.Select(Record.Ready)]), Cancel);
        await Worker.ConcludeAsync(run);
    }

    public async Task<string> BackUpAsync(string name = "backup.zip")
    {
        var file = Path.Combine(_backups.Path, name);
        await using var output = new FileStream(file, FileMode.CreateNew);
        await Worker.Services.GetRequiredService<DatabaseBackup>().WriteAsync(output, $"{file}.aside", Cancel);
        return file;
    }

    public Task<RestoredDatabase> RestoreAsync(string backup, bool isSure = true, params IReadOnlyList<ErasureList> lists) =>
        Worker.Services.GetRequiredService<DatabaseRestore>().RestoreAsync(backup, lists, isSure, Cancel);

    public async Task<string> RefusalAsync(string backup, params IReadOnlyList<ErasureList> lists) =>
        (await Assert.ThrowsAsync<BackupException>(() => RestoreAsync(backup, isSure: true, lists))).Message;

    public Task<ErasureList> ListAsync() => Worker.Services.GetRequiredService<ErasureLists>().ExportAsync(Cancel);

    /// <summary>Every row of every table.</summary>
    public Task<string> DumpAsync() => SqliteText.DumpAsync(File);

    public Task<List<string>> PeopleAsync() => Worker.QueryAsync(db => db.CandidateProfiles.OrderBy(p => p.Id).Select(p => p.ReferenceId + " of " + p.Candidate!.ReferenceId).ToListAsync(Cancel));

    public async Task<string> FirstAsync(string sql) => (await SqliteText.RowsAsync(File, sql)).First();

    public async ValueTask DisposeAsync()
    {
        await Worker.DisposeAsync();
        await _database.DisposeAsync();
        _backups.Dispose();
    }
}
