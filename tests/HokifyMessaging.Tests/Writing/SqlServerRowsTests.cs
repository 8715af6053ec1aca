using System.Text.Json;
using HokifyMessaging.Applications;
using HokifyMessaging.Runs;
using HokifyMessaging.Storage;
using HokifyMessaging.Tests.Storage;
using HokifyMessaging.Writing;
using Microsoft.Extensions.DependencyInjection;

namespace HokifyMessaging.Tests.Writing;

/// <summary>What the fast writer sends to a SQL Server, in which order and how often.</summary>
public sealed class SqlServerRowsTests : IAsyncLifetime
{
    private readonly RecordedSqlServer _server = new();
    private readonly ImportWorker _worker;
    private RunInProgress? _run;

    public SqlServerRowsTests() => _worker = new ImportWorker(
        new DatabaseOptions { Provider = DatabaseProvider.SqlServer, ConnectionString = "Server=recorded" },
        rows: (db, scopeId) => new SqlServerRows(db, scopeId, _server.BulkCopyAsync),
        interceptors: _server);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _run = await _server.OpenRunAsync(_worker);
        _server.Rows["RunBatch"] = [];
        _server.Commands.Clear();
    }

    public ValueTask DisposeAsync() => _worker.DisposeAsync();

    [Fact]
    public async Task Rows_are_staged_with_the_keys_by_which_others_know_them()
    {
        await WriteAsync(Record.Application("a1", "p1"), Record.Application("a2", "p1"), Record.Application("a3", "p2"));

        var (candidates, profiles, logs) = (Copied("[#Candidate]"), Copied("[#CandidateProfile]"), Copied("[ActivityLog]"));
        var people = candidates.ToDictionary(c => c["ReferenceId"], c => c["Id"]);
        Assert.Equal(["p1", "p2"], people.Keys);
        Assert.Equal([("a1", people["p1"]), ("a2", people["p1"]), ("a3", people["p2"])], profiles.Select(p => ((string)p["ReferenceId"], p["CandidateId"])));
        Assert.Equal(candidates.Concat(profiles).Select(row => (row["ReferenceId"], row["Id"])).ToHashSet(), logs.Select(l => (l["ReferenceId"], l["ElementId"])).ToHashSet());
        Assert.Equal(5, logs.Select(l => l["Id"]).Distinct().Count());
        Assert.Equal(["[#Candidate]", "[#CandidateProfile]", "[ActivityLog]"], _server.Copied.Select(c => c.Table).Distinct());
    }

    [Fact]
    public async Task All_keys_of_a_batch_are_one_call_to_the_server()
    {
        await WriteAsync([.. Enumerable.Range(0, 600).Select(i => Record.Application($"a{i}", $"p{i}"))]);

        var asked = Assert.Single(_server.Commands, c => c.Text.Contains("NEXT VALUE FOR", StringComparison.Ordinal)).Text;
        Assert.Equal(
            [("[CandidateIds]", 2), ("[CandidateProfileIds]", 2), ("[ActivityLogIds]", 3)],
            asked.Split('\n').GroupBy(line => line.Split(' ')[^1].TrimEnd(';')).Select(g => (g.Key, g.Count())));
        Assert.Equal(600, Copied("[#Candidate]").Select(c => c["Id"]).Distinct().Count());
    }

    [Fact]
    public async Task A_row_that_is_created_and_changed_in_one_batch_is_staged_once_as_it_is_in_the_end()
    {
        await WriteAsync(Record.Application("a1"), Record.Application("a1", version: 1).Named("Kellnerin"));

        var row = Assert.Single(Copied("[#CandidateProfile]"));
        Assert.Equal(("Kellnerin", Record.Epoch.AddMinutes(1)), (row["Name"], row["Version"]));
        Assert.Equal(["Created", "Updated"], Copied("[ActivityLog]").Where(l => l["ElementName"].Equals(ElementNames.CandidateProfile)).Select(l => l["Name"]));
    }

    [Fact]
    public async Task An_application_moves_to_a_person_who_comes_with_the_same_batch()
    {
        _server.Rows["Candidate"] = [Stored("p1", 1)];
        _server.Rows["CandidateProfile"] =
        [
            new CandidateProfile { Id = 5, ScopeId = 1, ReferenceId = "a1", CandidateId = 1, ContentHash = new byte[16], Version = Record.Epoch, Columns = new ProfileColumns() },
        ];

        await WriteAsync(Record.Application("a1", "p2", version: 1));

        var person = Assert.Single(Copied("[#Candidate]"))["Id"];
        var row = Assert.Single(Copied("[#CandidateProfile]"));
        Assert.Equal((5L, person, "Köchin"), (row["Id"], row["CandidateId"], row["Name"]));
        Assert.Single(_server.Commands, c => c.Text.StartsWith("UPDATE t SET", StringComparison.Ordinal) && c.Text.Contains("[#CandidateProfile]", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_key_that_somebody_else_has_written_meanwhile_is_that_records_fault_alone()
    {
        _server.WrittenByOthers.Add("a2");

        await WriteAsync([.. Enumerable.Range(1, 4).Select(i => Record.Application($"a{i}", $"p{i}"))]);

        Assert.Equal((3, 1), (_run!.Tally.Created[ElementNames.CandidateProfile], _run.Tally.Failed[ElementNames.CandidateProfile]));
        Assert.Contains("violates a unique index: another writer has the same key", Assert.Single(_run.Tally.Exceptions[ElementNames.CandidateProfile]).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_connection_that_is_lost_during_a_bulk_copy_lets_the_batch_be_written_again()
    {
        var faults = new Queue<Exception>([SqlServerErrors.Of(10054)]);
        _server.CopyFault = () => faults.TryDequeue(out var fault) ? fault : null;

        await WriteAsync(Record.Application("a1"));

        Assert.Equal(1, _run!.Tally.Created[ElementNames.CandidateProfile]);
        Assert.Single(Copied("[#CandidateProfile]"));
    }

    [Fact]
    public async Task A_server_that_can_take_nothing_more_fails_the_run_and_no_record()
    {
        _server.CopyFault = () => SqlServerErrors.Of(1105);

        var exception = await Assert.ThrowsAsync<StorageException>(() => WriteAsync(Record.Application("a1"), Record.Application("a2")));

        Assert.Equal("The database cannot take the batch of 2 records: the database's disk or log is full (SQL Server error 1105).", exception.Message);
    }

    [Theory]
    [InlineData("one", null)]
    [InlineData("another", "Id, Version, SourcePayload, PayloadAt, SourceDigest, PersonKey")]
    public async Task A_record_that_says_nothing_new_writes_no_row_and_at_most_confirms_it(string unmapped, string? staged)
    {
        var stored = Unread("one").Map(new ApplicationMapping(new MappingOptions())).Understood();
        var person = Stored("p1", 1);
        (person.ContentHash, person.VersionReferenceId) = (stored.CandidateHash.ToBytes(), "a1");
        _server.Rows["Candidate"] = [person];
        _server.Rows["CandidateProfile"] =
        [
            new CandidateProfile
            {
                Id = 5, ScopeId = 1, ReferenceId = "a1", CandidateId = 1, ContentHash = stored.ProfileHash.ToBytes(), Version = stored.Version, Columns = stored.Profile, SourceDigest = stored.Digest!.ToBytes(),
            },
        ];

        await _worker.Writer.WriteAsync(_run!, Record.Batch([Unread(unmapped)]), Cancel);

        Assert.Equal((1, 1), (_run!.Tally.Unchanged[ElementNames.Candidate], _run.Tally.Unchanged[ElementNames.CandidateProfile]));
        Assert.Equal(staged is null ? [] : new[] { staged }, _server.Copied.Select(copy => string.Join(", ", copy.Row.Keys)));
        Assert.All(_server.Commands, command => Assert.Empty(SqlServerRules.Check(command.Text).Violations));
        Assert.Equal(staged is null ? 0 : 1, _server.Commands.Count(command => command.Text.Contains("SET t.[Version] = s.[Version], t.[SourcePayload] = s.[SourcePayload], t.[PayloadAt] = s.[PayloadAt], t.[SourceDigest] = s.[SourceDigest]", StringComparison.Ordinal)));
    }

    /// <summary>Application a1 of p1 as a source delivers it.</summary>
    private static SourceRecord Unread(string unmapped) =>
        ApplicationPayload.ReadLater(JsonSerializer.SerializeToElement(new { _id = "a1", lastupdate = Record.Epoch, user = new { _id = "p1", displayName = "Mizzi Muster" }, unmapped }), "page 1, item 1");

    [Fact]
    public void Rows_are_loaded_in_bulk()
    {
        using var db = new SqlServerDesignTimeFactory().CreateDbContext([]);
        using var rows = BatchRows.Of(DatabaseProvider.SqlServer)(db, 1);

        Assert.IsType<SqlServerRows>(rows);
    }

    private Task WriteAsync(params MappedApplication[] applications) => _worker.Writer.WriteAsync(_run!, Record.Batch([.. applications.Select(Record.Ready)]), Cancel);

    private List<Dictionary<string, object>> Copied(string table) => [.. _server.Copied.Where(c => c.Table == table).Select(c => c.Row)];

    private static Candidate Stored(string reference, long id) => new()
    {
        Id = id,
        ScopeId = 1,
        ReferenceId = reference,
        ContentHash = new byte[16],
        Version = Record.Epoch,
        VersionReferenceId = "a0",
        Columns = new CandidateColumns(),
    };
}
