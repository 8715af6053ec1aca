using System.Text;
using System.Text.Json;
using HokifyMessaging.Applications;
using HokifyMessaging.Planning;
using HokifyMessaging.Runs;
using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Tests.Writing;

/// <summary>What becomes of rows.</summary>
public abstract partial class WriterSpecification
{
    [Fact]
    public async Task A_new_application_creates_its_row_and_its_persons()
    {
        var tally = await ImportAsync(Record.Application("a1", "p1"), Record.Application("a2", "p1"), Record.Application("a3", "p2"));

        Assert.Equal("Candidate created 2, Candidate unchanged 1, CandidateProfile created 3", Counts(tally));
        var row = await ProfileAsync("a1");
        Assert.Equal(("p1", "Köchin", false), (row.Candidate!.ReferenceId, row.Columns.Name, row.IsDeleted));
        Assert.Equal((Record.Epoch, """{"_id":"a1","copy":"0"}"""), (row.Version, row.SourcePayload));
        Assert.Equal((Worker.Clock.GetUtcNow(), Worker.Clock.GetUtcNow()), (row.CreatedAt, row.ChangedAt));
        Assert.Null(row.History);
    }

    [Fact]
    public async Task What_was_done_is_written_down_with_the_integer_id_of_the_row()
    {
        await ImportAsync(Record.Application("a1"));
        await ImportAsync(Record.Application("a1", version: 1).Named("Kellnerin"));

        var row = await ProfileAsync("a1");
        var logs = await LogsAsync();
        Assert.Equal(["Candidate Created p1", "CandidateProfile Created a1", "CandidateProfile Updated a1"], logs.Select(l => $"{l.ElementName} {l.Name} {l.ReferenceId}").Order());
        Assert.All(logs, log =>
        {
            Assert.Equal((ActivityStatus.Done, "HokifyImport", 0), (log.Status, log.Command, log.ResultCode));
            Assert.Equal(log.ElementName == ElementNames.Candidate ? row.CandidateId : row.Id, log.ElementId);
            Assert.Null(log.Data);
        });
        Assert.Equal([null, "Köchin", "Kellnerin"], logs.OrderBy(l => l.ElementName).ThenBy(l => l.Name).Select(l => l.ElementDisplayName));
    }

    [Fact]
    public async Task An_equal_copy_changes_nothing_and_a_newer_one_only_the_version()
    {
        await ImportAsync(Record.Application("a1", version: 0));
        var (before, logs) = (await ProfileAsync("a1"), (await LogsAsync()).Count);
        Worker.Clock.Advance(TimeSpan.FromHours(1));

        Assert.Equal("Candidate unchanged 1, CandidateProfile unchanged 1", Counts(await ImportAsync(Record.Application("a1", version: 0))));
        Assert.Equal("Candidate unchanged 1, CandidateProfile unchanged 1", Counts(await ImportAsync(Record.Application("a1", version: 5))));

        var after = await ProfileAsync("a1");
        Assert.Equal((before.ChangedAt, before.History, Record.Epoch.AddMinutes(5)), (after.ChangedAt, after.History, after.Version));
        Assert.Equal(Record.Epoch.AddMinutes(5), after.Candidate!.Version);
        Assert.Equal(logs, (await LogsAsync()).Count);
    }

    [Fact]
    public async Task An_older_copy_never_overwrites_a_newer_one()
    {
        await ImportAsync(Record.Application("a1", version: 5).Named("new"));
        var rows = await RowsAsync();

        var tally = await ImportAsync(Record.Application("a1", version: 4).Named("old"));

        Assert.Equal("", Counts(tally));
        Assert.Equal(1, tally.Stats[Stat.Stale]);
        Assert.Equal(rows, await RowsAsync());
    }

    [Fact]
    public async Task A_changed_application_is_updated_and_tells_its_last_twenty_changes()
    {
        await ImportAsync(Record.Application("a1").Named("name 0"));
        Worker.Clock.Advance(TimeSpan.FromMinutes(1));
        for (var copy = 1; copy <= 23; copy++)
        {
            Assert.Equal("Candidate unchanged 1, CandidateProfile updated 1", Counts(await ImportAsync(Record.Application("a1", version: copy).Named($"name {copy}"))));
        }

        var row = await ProfileAsync("a1");
        Assert.Equal("name 23", row.Columns.Name);
        Assert.Equal(Record.Application("a1", version: 23).Named("name 23").Payload, row.SourcePayload);
        Assert.Equal(Worker.Clock.GetUtcNow(), row.ChangedAt);
        var history = JsonDocument.Parse(row.History!).RootElement.EnumerateArray().ToList();
        Assert.Equal(FieldHistory.Length, history.Count);
        Assert.Equal(("Name", "name 22", "name 23"), (history[^1].GetProperty("field").GetString(), history[^1].GetProperty("old").GetString(), history[^1].GetProperty("new").GetString()));
        Assert.Equal("name 3", history[0].GetProperty("old").GetString());
        Assert.Equal(Worker.Clock.GetUtcNow(), history[^1].GetProperty("time").GetDateTimeOffset());
    }

    [Fact]
    public async Task Of_people_who_are_named_beside_an_application_that_an_erasure_takes_along_the_rest_of_the_batch_is_written()
    {
        await ImportAsync(Record.Application("a1", "p0"), Record.Application("a2", "p0"));

        var tally = await ImportAsync(
            Record.Application("a1", "p1", erased: true), Record.Application("a2", "p4"), Record.Application("a7", "p4", version: 1));

        Assert.Equal("Candidate created 1, Candidate deleted 1, CandidateProfile created 1, CandidateProfile deleted 2", Counts(tally));
        Assert.Equal(1, tally.Stats[Stat.ErasedWithheld]);
        var there = await Worker.QueryAsync(db => db.CandidateProfiles.Where(p => p.ScopeId == Worker.ScopeId && !p.IsDeleted).Select(p => p.ReferenceId).ToListAsync(Cancel));
        Assert.Equal(["a7"], there);
    }

    [Fact]
    public async Task An_erased_application_does_not_come_back_with_another_person()
    {
        var tally = await ImportAsync(Record.Application("a1", "p1", erased: true), Record.Application("a1", "p2"));
        var later = await ImportAsync(Record.Application("a1", "p3"));

        Assert.Equal((1, 1), (tally.Stats[Stat.Erased], tally.Stats[Stat.ErasedWithheld]));
        Assert.Equal(1, later.Stats[Stat.ErasedWithheld]);
        Assert.Equal(0, await Worker.QueryAsync(db => db.Candidates.CountAsync(c => c.ScopeId == Worker.ScopeId, Cancel)));
    }

    [Fact]
    public async Task Of_a_person_who_was_erased_before_each_further_application_is_remembered_once()
    {
        await ImportAsync(Record.Application("a1", "p1", erased: true));

        var second = await ImportAsync(Record.Application("a1", "p1", erased: true), Record.Application("a2", "p1", erased: true));
        var third = await ImportAsync(Record.Application("a1", "p1", erased: true), Record.Application("a2", "p1", erased: true), Record.Application("a2", "p5"));

        Assert.Equal((0, 2), (second.Stats.GetValueOrDefault(Stat.Erased), second.Stats[Stat.ErasedWithheld]));
        Assert.Equal((0, 3), (third.Stats.GetValueOrDefault(Stat.Erased), third.Stats[Stat.ErasedWithheld]));
        Assert.Equal(3, await Worker.QueryAsync(db => db.ErasedKeys.CountAsync(e => e.ScopeId == Worker.ScopeId, Cancel)));
    }

    [Fact]
    public async Task Whoever_an_erased_application_belonged_to_before_is_erased_with_all_that_the_same_batch_brings_of_them()
    {
        await ImportAsync(Record.Application("a1", "p0"), Record.Application("a2", "p0"));

        var tally = await ImportAsync(
            Record.Application("a1", "p1", erased: true), Record.Application("a2", "p0", version: 1).Named("Kellnerin"), Record.Application("a3", "p0", version: 1));

        Assert.Equal("Candidate deleted 1, CandidateProfile deleted 2", Counts(tally));
        Assert.Equal(2, tally.Stats[Stat.ErasedWithheld]);
        var rows = await Worker.QueryAsync(db => db.CandidateProfiles.AsNoTracking().Where(p => p.ScopeId == Worker.ScopeId).ToListAsync(Cancel));
        Assert.Equal(2, rows.Count);
        Assert.All(rows, row => Assert.Equal((true, null, null, null), (row.IsDeleted, row.Columns.Name, row.SourcePayload, row.Version)));
    }

    [Fact]
    public async Task An_application_whose_copies_name_several_people_belongs_to_the_one_of_the_last_copy()
    {
        // In one batch a person who is new, and one whose row stands there unchanged.
        await ImportAsync(Record.Application("a1", person: "p1"), Record.Application("a2", person: "p2"));
        await ImportAsync(Record.Application("a1", person: "p3", version: 1).Named("moved"));
        await ImportAsync(Record.Application("a1", person: "p2", version: 2).Named("moved again"));

        Assert.Equal("p2", (await ProfileAsync("a1")).Candidate!.ReferenceId);
    }

    [Fact]
    public async Task A_deleted_row_that_comes_back_is_updated()
    {
        await ImportAsync(Record.Application("a1"));
        await Worker.QueryAsync(db => db.CandidateProfiles.Where(p => p.ScopeId == Worker.ScopeId).ExecuteUpdateAsync(set => set.SetProperty(p => p.IsDeleted, true), Cancel));
        await Worker.QueryAsync(db => db.Candidates.Where(p => p.ScopeId == Worker.ScopeId).ExecuteUpdateAsync(set => set.SetProperty(p => p.IsDeleted, true), Cancel));

        Assert.Equal("Candidate updated 1, CandidateProfile updated 1", Counts(await ImportAsync(Record.Application("a1"))));

        var row = await ProfileAsync("a1");
        Assert.False(row.IsDeleted || row.Candidate!.IsDeleted);
        Assert.Contains("IsDeleted", row.History, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ids_that_differ_only_in_case_are_different_applications_of_different_people()
    {
        var tally = await ImportAsync(Record.Application("abc", "person"), Record.Application("ABC", "PERSON"));

        Assert.Equal("Candidate created 2, CandidateProfile created 2", Counts(tally));
        Assert.Equal("Candidate unchanged 2, CandidateProfile unchanged 2", Counts(await ImportAsync(Record.Application("ABC", "PERSON"), Record.Application("abc", "person"))));
    }

    [Fact]
    public async Task One_batch_may_hold_an_application_and_its_newer_copy()
    {
        var run = await OpenAsync();
        await WriteAsync(run, Record.Application("a1", version: 1).Named("old"), Record.Application("a1", version: 2).Named("new"));

        Assert.Equal("Candidate created 1, CandidateProfile created 1", Counts(run.Tally));
        Assert.Equal(1, run.Tally.Stats[Stat.Duplicates]);
        Assert.Equal("new", (await ProfileAsync("a1")).Columns.Name);
    }

    [Fact]
    public async Task Two_scopes_may_hold_the_same_ids()
    {
        await ImportAsync(Record.Application("a1").Named("mine"));
        await using var other = NewWorker(scopeId: Worker.ScopeId + 1);
        var run = await OpenAsync(other);
        await other.Writer.WriteAsync(run, Record.Batch(Record.Ready(Record.Application("a1").Named("theirs"))), Cancel);
        await other.ConcludeAsync(run);

        Assert.Equal("Candidate created 1, CandidateProfile created 1", Counts(run.Tally));
        Assert.Contains("'mine'", await RowsAsync(), StringComparison.Ordinal);
        Assert.Contains("'theirs'", await RowsAsync(other.ScopeId), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dry_run_counts_and_writes_nothing()
    {
        await ImportAsync(Record.Application("a1"));
        var (rows, logs) = (await RowsAsync(), (await LogsAsync()).Count);
        var run = await OpenAsync(dryRun: true);

        await Worker.Writer.WriteAsync(
            run,
            Record.Batch(Record.Ready(Record.Application("a1", version: 1).Named("changed")), Record.Ready(Record.Application("a2", "p2")), Record.Rejected("a3")),
            Cancel);

        Assert.Equal("Candidate created 1, Candidate unchanged 1, CandidateProfile created 1, CandidateProfile updated 1, CandidateProfile failed 1", Counts(run.Tally));
        Assert.Equal((rows, logs), (await RowsAsync(), (await LogsAsync()).Count));
    }

    [Fact]
    public async Task Counters_add_up_over_batches_and_are_stored_with_them()
    {
        var run = await OpenAsync();
        await WriteAsync(run, Record.Application("a1"), Record.Application("a2"));
        await WriteAsync(run, Record.Application("a2"), Record.Application("a3"));

        Assert.Equal("Candidate created 1, Candidate unchanged 2, CandidateProfile created 3", Counts(run.Tally));
        Assert.Equal((4, 2, 1), (run.Tally.Stats[Stat.Fetched], run.Tally.Stats[Stat.Batches], run.Tally.Stats[Stat.Duplicates]));
        var row = await RunRowAsync(run.RunId);
        Assert.Equal(run.Tally.ToJson(), ImportTally.FromJson(row.Tally).ToJson());
        Assert.Equal((RunPhase.Reading, "behind 2"), (row.Phase, row.Checkpoint));
    }

    [Fact]
    public async Task A_batch_larger_than_a_statement_may_have_parameters_is_written_and_found_again()
    {
        var applications = Enumerable.Range(0, 2500).Select(i => Record.Application($"a{i}", $"p{i}")).ToList();

        Assert.Equal("Candidate created 2500, CandidateProfile created 2500", Counts(await ImportAsync(applications)));
        Assert.Equal("Candidate unchanged 2500, CandidateProfile unchanged 2500", Counts(await ImportAsync(applications)));
    }

    [Theory]
    [InlineData("nothing")]
    [InlineData("lowest")]
    [InlineData("highest")]
    [InlineData("unicode")]
    public async Task Every_column_keeps_its_value(string kind)
    {
        var application = Record.Application("a1", candidate: Filled(CandidateColumns.All, kind), profile: Filled(ProfileColumns.All, kind));

        await ImportAsync(Record.Application("a1", version: -1));
        await ImportAsync(application);
        await ImportAsync(application with { Id = new("a2") });

        foreach (var row in new[] { await ProfileAsync("a1"), await ProfileAsync("a2") })
        {
            Assert.All(CandidateColumns.All, column => Assert.Equal(column.Value(application.Candidate), column.Value(row.Candidate!.Columns)));
            Assert.All(ProfileColumns.All, column => Assert.Equal(column.Value(application.Profile), column.Value(row.Columns)));
            Assert.Equal((ContentHash.Of(row.Columns), ContentHash.Of(row.Candidate!.Columns)), (ContentHash.Of(row.ContentHash), ContentHash.Of(row.Candidate.ContentHash)));
        }

        Assert.Equal("Candidate unchanged 1, CandidateProfile unchanged 1", Counts(await ImportAsync(application)));
    }

    private static TRow Filled<TRow>(IReadOnlyList<Column<TRow>> columns, string kind)
        where TRow : new()
    {
        var row = new TRow();
        foreach (var column in columns)
        {
            var property = typeof(TRow).GetProperty(column.Name)!;
            property.SetValue(row, Value(Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType, column.MaxLength, kind));
        }

        return row;
    }

    /// <summary>A value of a column that holds no more than so much: <c>nothing</c>, <c>lowest</c>, <c>highest</c> or <c>unicode</c>.</summary>
    internal static object? Value(Type type, int? maxLength, string kind) => (type.Name, kind) switch
    {
        (nameof(Boolean), _) => kind is "highest" or "unicode",
        (nameof(Int32), "nothing") => type.IsValueType ? 0 : null,
        (_, "nothing") => null,
        (nameof(Int32), "lowest") => int.MinValue,
        (nameof(Int32), "highest") => int.MaxValue,
        (nameof(Int32), _) => -7,
        (nameof(DateTime), "lowest") => DateTime.MinValue,
        (nameof(DateTime), "highest") => DateTime.MaxValue,
        (nameof(DateTime), _) => new DateTime(2026, 3, 29, 2, 30, 0, 123).AddTicks(4567),
        (nameof(DateTimeOffset), "lowest") => DateTimeOffset.MinValue,
        (nameof(DateTimeOffset), "highest") => DateTimeOffset.MaxValue,
        (nameof(DateTimeOffset), _) => new DateTimeOffset(2026, 3, 29, 2, 30, 0, TimeSpan.FromHours(14)).AddTicks(1),
        (nameof(DateOnly), "lowest") => DateOnly.MinValue,
        (nameof(DateOnly), "highest") => DateOnly.MaxValue,
        (nameof(DateOnly), _) => new DateOnly(2000, 2, 29),
        (nameof(Int64), "lowest") => long.MinValue,
        (nameof(Int64), "highest") => long.MaxValue,
        (nameof(Int64), _) => -7L,
        (nameof(Guid), "lowest") => Guid.Empty,
        (nameof(Guid), _) => new Guid("01234567-89ab-cdef-0123-456789abcdef"),
        ("Byte[]", "lowest") => Array.Empty<byte>(),
        ("Byte[]", _) => Enumerable.Range(0, maxLength ?? 1000).Select(i => (byte)(255 - i)).ToArray(),
        (nameof(String), "lowest") => "",
        (nameof(String), "highest") => Longest(maxLength ?? 100_000),
        (nameof(String), _) => "e\u0301ß👩‍🍳\u05D0",
        _ when type.IsEnum => Enum.GetValues(type).Cast<object>().ElementAt(kind == "lowest" ? 0 : ^1),
        _ => throw new InvalidOperationException($"No test values for {type.Name}."),
    };

    /// <summary>As many UTF-16 characters as the column holds, two for each sign where that is possible.</summary>
    private static string Longest(int length) => new StringBuilder().Insert(0, "😀", length / 2).Append('ß', length % 2).ToString();
}
