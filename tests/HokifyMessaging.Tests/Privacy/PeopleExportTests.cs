using System.Text.Json;
using System.Text.RegularExpressions;
using HokifyMessaging.Applications;
using HokifyMessaging.Privacy;
using HokifyMessaging.Runs;
using HokifyMessaging.Storage;
using HokifyMessaging.Tests.Storage;
using HokifyMessaging.Tests.Writing;
using HokifyMessaging.Writing;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Record = HokifyMessaging.Tests.Writing.Record;

namespace HokifyMessaging.Tests.Privacy;

/// <summary>What is handed out about a person is all that the database has about them, and nothing about anybody else.</summary>
public sealed partial class PeopleExportTests : IAsyncLifetime
{
    private readonly SqliteTestDatabase _database = new();
    private ImportWorker? _worker;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private PeopleSetup Setup => new(_worker!);

    public async ValueTask InitializeAsync()
    {
        await _database.MigrateAsync();
        _worker = new ImportWorker(_database.Options);
    }

    public async ValueTask DisposeAsync()
    {
        await _worker!.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task The_export_has_whatever_a_walk_over_all_tables_finds_of_the_person_and_nothing_of_anybody_else()
    {
        await Setup.StoreAsync("mark");
        await Setup.StoreAsync("other");

        var json = await Setup.JsonAsync("mark");
        var (german, english) = (await Setup.PageAsync("mark", "de"), await Setup.PageAsync("mark", "en"));

        var found = await WalkAsync("mark");
        Assert.Subset(found.Select(cell => cell.Place).ToHashSet(), PlacesOfApplicants());
        Assert.All(found, cell => Assert.Contains(cell.Mark, At(json.RootElement, cell.Place), StringComparison.Ordinal));
        Assert.All(found, cell => Assert.Contains(cell.Mark, german, StringComparison.Ordinal));
        Assert.All(found, cell => Assert.Contains(cell.Mark, english, StringComparison.Ordinal));
        Assert.DoesNotContain("other-", json.RootElement.GetRawText() + german + english, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_handed_out_stands_in_the_audit_log_without_saying_whose_it_was()
    {
        await Setup.StoreAsync("mark");

        await Setup.JsonAsync("mark");

        var entry = await _worker!.QueryAsync(db => db.Audit.SingleAsync(Cancel));
        Assert.Equal((AuditAction.ExportPeople, 1, "People whose data was exported: 1; their applications: 1; as json."), (entry.Action, entry.ScopeId, entry.Detail));
        Assert.Equal(Environment.UserName, entry.Who);
    }

    [Fact]
    public async Task Hashes_that_are_made_of_the_persons_ids_are_part_of_it()
    {
        await Setup.StoreAsync("mark");
        var run = await _worker!.OpenAsync();
        var seen = RecordKeys.Of("mark-application");
        await _worker.QueryAsync(async db =>
        {
            db.RunBatches.Add(new RunBatch { RunId = run.RunId, Number = 7, Phase = RunPhase.Reading, RecordKeys = RecordKeys.ToBytes([RecordKeys.Of("somebody-else"), seen]) });
            db.ErasedKeys.Add(new ErasedKey { ScopeId = 1, Hash = new ErasureHashes(new ErasureSecret(ErasureKeyChain.Parse(Convert.ToBase64String(new byte[32]))!)).Application(1, "mark-application"), ErasedAt = Record.Epoch });
            db.ErasedKeys.Add(new ErasedKey { ScopeId = 1, Hash = [1, 2, 3], ErasedAt = Record.Epoch });
            return await db.SaveChangesAsync(Cancel);
        });

        var mentions = (await Setup.JsonAsync("mark")).RootElement.GetProperty("people")[0].GetProperty("mentions").EnumerateArray().ToList();

        var batch = Assert.Single(mentions, mention => mention.GetProperty("table").GetString() == "RunBatch");
        Assert.Equal(($"{run.RunId}/7", Convert.ToHexStringLower(RecordKeys.ToBytes([seen]))), (batch.GetProperty("row").GetString(), batch.GetProperty("text").GetString()));
        var erased = Assert.Single(mentions, mention => mention.GetProperty("table").GetString() == "ErasedKey");
        Assert.Equal(Record.Epoch, erased.GetProperty("at").GetDateTimeOffset());
    }

    [Fact]
    public async Task The_same_ids_in_another_scope_are_somebody_elses()
    {
        await Setup.StoreAsync("mark");
        await using var other = new ImportWorker(_database.Options, scopeId: 2, _worker!.Clock);
        await new PeopleSetup(other).StoreAsync("mark", told: "elsewhere");

        var json = await Setup.JsonAsync("mark");

        Assert.DoesNotContain("elsewhere", json.RootElement.GetRawText(), StringComparison.Ordinal);
        Assert.Contains("elsewhere", (await new PeopleSetup(other).JsonAsync("mark")).RootElement.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_ledger_holds_under_the_persons_application_and_gives_to_somebody_else_is_not_told()
    {
        await Setup.StoreAsync("mark");
        await _worker!.QueryAsync(async db =>
        {
            var run = (await db.ImportRuns.FirstAsync(Cancel)).Id;
            foreach (var status in new[] { ActivityStatus.Parked, ActivityStatus.Closed })
            {
                var entry = ActivityLog.OfDone(1, run, ActivityName.Rejected, ElementNames.CandidateProfile, "mark-application", Record.Epoch);
                (entry.Status, entry.LastRunId, entry.PersonReferenceId, entry.Data) = (status, run, "other-person", """{"name":"other-name"}""");
                db.ActivityLogs.Add(entry);
            }

            return await db.SaveChangesAsync(Cancel);
        });

        var json = (await Setup.JsonAsync("mark")).RootElement.GetRawText();

        Assert.Contains("mark-waitingName", json, StringComparison.Ordinal);
        Assert.DoesNotContain("other-", json, StringComparison.Ordinal);
    }

    /// <summary>The texts of a column that the export has, of the person's own rows and of others.</summary>
    private static string At(JsonElement export, (string Table, string Column) place)
    {
        var person = export.GetProperty("people")[0];
        var own = person.GetProperty("rows").TryGetProperty(place.Table, out var rows) ? rows.EnumerateArray().Select(row => row.GetProperty(place.Column).GetRawText()) : [];
        return string.Join('\n', own.Concat(person.GetProperty("mentions").EnumerateArray()
            .Where(mention => (mention.GetProperty("table").GetString(), mention.GetProperty("column").GetString()) == place).Select(mention => mention.GetProperty("text").GetString())));
    }

    /// <summary>Every column that the data map says is of applicants and a text may stand in: each has to have been filled, or the walk proves nothing.</summary>
    private static HashSet<(string, string)> PlacesOfApplicants() => DataMap.Tables
        .SelectMany(table => table.Columns.Where(column => column.Subject == DataSubject.Applicant && IsText(table.Row, column.Name)).Select(column => (table.Name, column.Name)))
        .ToHashSet();

    private static bool IsText(Type row, string column) =>
        (row.GetProperty(column) ?? row.GetProperty("Columns")!.PropertyType.GetProperty(column))!.PropertyType == typeof(string);

    /// <summary>Each mark in each cell of each table, whatever the program knows of them.</summary>
    private async Task<List<((string Table, string Column) Place, string Mark)>> WalkAsync(string mark)
    {
        var found = new List<((string, string), string)>();
        await using var connection = new SqliteConnection(_database.Options.ConnectionString);
        await connection.OpenAsync(Cancel);
        foreach (var table in await SqliteText.RowsAsync(_database.File, "SELECT name FROM sqlite_master WHERE type = 'table'"))
        {
            await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The names of the database's own tables.
            command.CommandText = $"SELECT * FROM \"{table}\"";
#pragma warning restore CA2100
            await using var reader = await command.ExecuteReaderAsync(Cancel);
            while (await reader.ReadAsync(Cancel))
            {
                for (var column = 0; column < reader.FieldCount; column++)
                {
                    var text = reader.GetValue(column) is string cell ? cell : "";
                    found.AddRange(Marks().Matches(text).Where(match => match.Value.StartsWith(mark, StringComparison.Ordinal)).Select(match => ((table, reader.GetName(column)), match.Value)));
                }
            }
        }

        return found;
    }

    [GeneratedRegex(@"\b(mark|other)-\w+")]
    private static partial Regex Marks();
}
