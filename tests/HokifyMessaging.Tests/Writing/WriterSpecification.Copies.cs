using HokifyMessaging.Applications;
using HokifyMessaging.Contracts;
using HokifyMessaging.Runs;
using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Tests.Writing;

/// <summary>What becomes of copies that contradict each other within one read of a source that does not say which is the newer one.</summary>
public abstract partial class WriterSpecification
{
    /// <summary>Sources that name one person, or one application, in two ways.</summary>
    private static Dictionary<string, SourceRecord[]> Contradictions => new()
    {
        ["one person with two phones"] = [Flat("a1", "Anna Huber", "anna@example.at", "1"), Flat("a2", "Anna Huber", "anna@example.at", "2")],
        ["one person with two phones, the older one behind"] =
            [Flat("a1", "Anna Huber", "anna@example.at", "1", "2026-02-02"), Flat("a2", "Anna Huber", "anna@example.at", "2", "2026-01-01")],
        ["one person with two spellings"] = [Flat("a1", "Anna Huber", "anna@example.at"), Flat("a2", "HUBER Anna", "anna@example.at")],
        ["one application with two phones"] = [Flat("a1", "Anna Huber", "anna@example.at", "1"), Flat("a1", "Anna Huber", "anna@example.at", "2")],
        ["one application with three jobs"] =
            [Flat("a1", "Anna Huber", "anna@example.at", job: "j1"), Flat("a1", "Anna Huber", "anna@example.at", job: "j2"), Flat("a1", "Anna Huber", "anna@example.at", job: "j3")],
        ["one application of two dates"] =
            [Flat("a1", "Anna Huber", "anna@example.at", "1", "2026-02-02"), Flat("a1", "Anna Huber", "anna@example.at", "2", "2026-01-01")],
        ["one application with two addresses"] = [Flat("a1", "Anna Huber", "anna@example.at"), Flat("a1", "Anna Huber", "anna@old.example")],
        ["one application with two names"] = [Flat("a1", "Anna Huber", "anna@example.at"), Flat("a1", "Anna Gruber", "anna@example.at")],
        ["one application twice, and another of the same person"] =
            [Flat("a1", "Anna Huber", "anna@example.at", "1"), Flat("a2", "Anna Huber", "anna@example.at", "2"), Flat("a1", "Anna Huber", "anna@example.at", "3")],
    };

    /// <summary>One id for several people.</summary>
    private static Dictionary<string, SourceRecord[]> SharedIds => new()
    {
        ["two people"] = [Flat("a1", "Anna Huber", "anna@example.at"), Flat("a1", "Ben Gruber", "ben@example.at")],
        ["two people of two dates"] = [Flat("a1", "Anna Huber", "anna@example.at", date: "2026-01-01"), Flat("a1", "Ben Gruber", "ben@example.at", date: "2026-02-02")],
        ["two people without addresses"] = [Flat("a1", "Anna Huber", null), Flat("a1", "Ben Gruber", null)],
        ["two people with ids"] = [Ready("a1", "u1", "Anna Huber", "anna@example.at"), Ready("a1", "u2", "Anna Huber", "anna@example.at")],
    };

    public static TheoryData<string, int, bool> ReadTwice =>
        [.. from name in Contradictions.Keys from batch in new[] { 1, 100 } from turned in new[] { false, true } select (name, batch, turned)];

    public static TheoryData<string, int, bool> ReadTwiceShared =>
        [.. from name in SharedIds.Keys from batch in new[] { 1, 100 } from turned in new[] { false, true } select (name, batch, turned)];

    [Theory]
    [MemberData(nameof(ReadTwice))]
    public async Task A_source_that_contradicts_itself_has_changed_nothing_when_it_is_read_again(string source, int batchSize, bool turned)
    {
        var records = Contradictions[source];
        await InBatchesAsync(records, batchSize);
        var before = await AllAsync();
        Worker.Clock.Advance(TimeSpan.FromHours(1));

        foreach (var again in new[] { turned ? [.. records.Reverse()] : records, records })
        {
            var tally = await InBatchesAsync(again, batchSize);

            Assert.DoesNotContain("updated", Counts(tally), StringComparison.Ordinal);
            Assert.DoesNotContain("created", Counts(tally), StringComparison.Ordinal);
            Assert.Equal(before, await AllAsync());
        }
    }

    [Theory]
    [MemberData(nameof(ReadTwice))]
    public async Task Which_of_contradicting_copies_wins_does_not_depend_on_which_is_read_first(string source, int batchSize, bool turned)
    {
        await InBatchesAsync(Contradictions[source], batchSize);
        await using var other = NewWorker(scopeId: Worker.ScopeId + 1);
        var run = await OpenAsync(other);
        foreach (var batch in (turned ? Contradictions[source].Reverse() : Contradictions[source].Skip(1).Append(Contradictions[source][0])).Chunk(batchSize))
        {
            await other.Writer.WriteAsync(run, Record.Batch(batch), Cancel);
        }

        await other.ConcludeAsync(run);

        Assert.Equal(await WithoutIdsAsync(Worker.ScopeId), await WithoutIdsAsync(other.ScopeId));

        // What stands in for a person's id is made from the copy that was read first.
        Task<List<string>> WithoutIdsAsync(int scope) => Worker.QueryAsync(async db => await db.CandidateProfiles.Where(p => p.ScopeId == scope).OrderBy(p => p.ReferenceId)
            .Select(p => $"{p.ReferenceId} {p.Columns.Comment} {p.Columns.DatePublish} {p.Candidate!.Columns.DisplayName} {p.Candidate.Columns.Email} {p.Candidate.Columns.Phone}").ToListAsync(Cancel));
    }

    [Theory]
    [MemberData(nameof(ReadTwiceShared))]
    public async Task An_id_that_two_people_share_is_reported_and_they_are_never_merged(string source, int batchSize, bool turned)
    {
        var records = SharedIds[source];
        var first = await InBatchesAsync(records, batchSize);
        Assert.Equal("Candidate created 1, CandidateProfile created 1, CandidateProfile failed 1", Counts(first));
        Assert.Contains("_id is a duplicate id", Assert.Single(first.Exceptions[ElementNames.CandidateProfile]).Message, StringComparison.Ordinal);
        Assert.Equal(ActivityStatus.Parked, Assert.Single(await LogsAsync(), l => l.Status != ActivityStatus.Done).Status);
        var before = await AllAsync();
        Worker.Clock.Advance(TimeSpan.FromHours(1));

        foreach (var again in new[] { turned ? [.. records.Reverse()] : records, records })
        {
            Assert.Equal("Candidate unchanged 1, CandidateProfile failed 1, CandidateProfile unchanged 1", Sorted(Counts(await InBatchesAsync(again, batchSize))));
            Assert.Equal(before, await AllAsync());
        }

        static string Sorted(string counts) => string.Join(", ", counts.Split(", ").Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_row_with_a_known_id_and_somebody_else_does_not_take_the_application_over(bool isFirst)
    {
        var (mine, theirs) = (Flat("a1", "Anna Huber", "anna@example.at"), Flat("a1", "Ben Gruber", "ben@example.at"));
        await ImportAsync(mine);
        var before = await RowsAsync();

        var tally = await ImportAsync(isFirst ? [theirs, mine] : [mine, theirs]);

        Assert.Equal("Candidate unchanged 1, CandidateProfile unchanged 1, CandidateProfile failed 1", Counts(tally));
        Assert.Equal(before, await RowsAsync());
    }

    [Fact]
    public async Task A_copy_that_lost_and_is_the_only_one_now_is_news()
    {
        var records = Contradictions["one application with two phones"];
        await ImportAsync(records);
        var winner = (await ProfileAsync("a1")).Candidate!.Columns.Phone;
        var lost = Assert.Single(records, record => record.Map(Mapping).Understood().Candidate.Phone != winner);

        Assert.Equal("Candidate updated 1, CandidateProfile unchanged 1", Counts(await ImportAsync(lost)));

        Assert.NotEqual(winner, (await ProfileAsync("a1")).Candidate!.Columns.Phone);
        Assert.Equal("Candidate unchanged 1, CandidateProfile unchanged 1", Counts(await ImportAsync(lost)));
    }

    [Fact]
    public async Task A_dry_run_over_contradicting_copies_counts_each_record_once()
    {
        await ImportAsync(Contradictions["one application with two phones"]);
        var run = await OpenAsync(ImportMode.Full, dryRun: true);

        await Worker.Writer.WriteAsync(run, Record.Batch(Contradictions["one application with two phones"].Reverse().ToList()), Cancel);
        await Worker.Writer.WriteAsync(run, Record.Batch(SharedIds["two people"]), Cancel);
        await Worker.ConcludeAsync(run);
    }

    [Fact]
    public async Task A_row_that_several_batches_of_a_run_change_is_counted_as_updated_once()
    {
        await ImportAsync(Record.Application("a1"));
        var run = await OpenAsync();

        await WriteAsync(run, Record.Application("a1", version: 1).Named("one"));
        await WriteAsync(run, Record.Application("a1", version: 2).Named("two"));
        await Worker.ConcludeAsync(run);

        Assert.Equal("two", (await ProfileAsync("a1")).Columns.Name);
        Assert.Equal((1, 0, 1), (run.Tally.Updated[ElementNames.CandidateProfile], run.Tally.Unchanged[ElementNames.CandidateProfile], run.Tally.Stats[Stat.Duplicates]));
    }

    [Fact]
    public async Task What_failed_is_told_in_the_order_of_the_records_whatever_it_failed_for()
    {
        var run = await OpenAsync();

        await Worker.Writer.WriteAsync(
            run,
            Record.Batch(Record.Ready(Record.Application("a1", "p1")), Record.Ready(Record.Application("a1", "p2")), Record.Rejected("a2")),
            Cancel);
        await Worker.ConcludeAsync(run);

        Assert.Equal(["page 1, application a1", "page 1, item 1"], run.Tally.Exceptions[ElementNames.CandidateProfile].Select(e => e.Source));
    }

    private async Task<ImportTally> InBatchesAsync(IEnumerable<SourceRecord> records, int batchSize)
    {
        var run = await OpenAsync();
        foreach (var batch in records.Chunk(batchSize))
        {
            await Worker.Writer.WriteAsync(run, Record.Batch(batch), Cancel);
        }

        await Worker.ConcludeAsync(run);
        return run.Tally;
    }

    /// <summary>All that an import may leave alone: rows, their history and when they changed, and how many changes there were.</summary>
    private Task<string> AllAsync() => Worker.QueryAsync(async db => string.Join(
        '\n',
        (await db.CandidateProfiles.AsNoTracking().Include(p => p.Candidate).Where(p => p.ScopeId == Worker.ScopeId).OrderBy(p => p.ReferenceId).ToListAsync(Cancel))
            .Select(p => $"{p.ReferenceId} {p.ChangedAt:O} {p.History} {p.Version:O} {p.Columns} {p.CandidateId} {p.Candidate!.ChangedAt:O} {p.Candidate.History} {p.Candidate.Version:O} {p.Candidate.VersionReferenceId} {p.Candidate.Columns} {p.IsDeleted} {p.Candidate.IsDeleted}")
            .Append($"{await db.Candidates.CountAsync(c => c.ScopeId == Worker.ScopeId, Cancel)} {await db.ActivityLogs.CountAsync(l => l.ScopeId == Worker.ScopeId, Cancel)}")));
}
