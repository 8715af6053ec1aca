using HokifyMessaging.Applications;
using HokifyMessaging.Runs;
using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Tests.Writing;

/// <summary>What becomes of failures: of single records, of the database, of the connection.</summary>
public abstract partial class WriterSpecification
{
    private static readonly string[] FiveIds = ["a0", "a1", "a2", "a3", "a4"];

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(0, 4)]
    [InlineData(1, 2)]
    [InlineData(0, 1, 2, 3, 4)]
    public async Task Guilty_records_are_found_wherever_they_stand_and_all_others_are_written(params int[] guilty)
    {
        var (bad, good) = (guilty.Select(i => FiveIds[i]).ToList(), FiveIds.Where((_, i) => !guilty.Contains(i)).ToList());
        await Database.RefuseAsync(Worker, bad);
        var run = await OpenAsync();

        await WriteAsync(run, FiveIds.Select(id => Record.Application(id, $"person of {id}")));

        Assert.Equal(good, (await Worker.QueryAsync(db => db.CandidateProfiles.Where(p => p.ScopeId == Worker.ScopeId).Select(p => p.ReferenceId).ToListAsync(Cancel))).Order());
        Assert.Equal(good.Count, await Worker.QueryAsync(db => db.Candidates.CountAsync(c => c.ScopeId == Worker.ScopeId, Cancel)));
        var entries = (await LogsAsync()).Where(l => l.Status == ActivityStatus.Open).ToList();
        Assert.Equal(bad, entries.Select(e => e.ReferenceId).Order());
        Assert.All(entries, entry =>
        {
            Assert.Equal((ActivityName.Failed, ElementNames.CandidateProfile, $"person of {entry.ReferenceId}"), (entry.Name, entry.ElementName, entry.PersonReferenceId));
            Assert.Equal((Record.Epoch, $$"""{"_id":"{{entry.ReferenceId}}","copy":"0"}"""), (entry.Version, entry.Data));
            Assert.StartsWith($"page 1, application {entry.ReferenceId}, application {entry.ReferenceId}: ", entry.ResultData, StringComparison.Ordinal);
            Assert.NotEqual(0, entry.ResultCode);
        });
        Assert.Equal(bad, run.Tally.Exceptions.GetValueOrDefault(ElementNames.CandidateProfile, []).Select(e => e.Source!.Split(' ')[^1]).Order());
        Assert.Equal((5, bad.Count, 0), (run.Tally.Stats[Stat.Fetched], run.Tally.Stats[Stat.Failed], run.Tally.Stats[Stat.Rejected]));
        Assert.Equal(run.Tally.ToJson(), ImportTally.FromJson((await RunRowAsync(run.RunId)).Tally).ToJson());
    }

    [Fact]
    public async Task A_batch_with_guilty_records_counts_as_if_each_record_had_been_written_alone()
    {
        await ImportAsync(Record.Application("a1", "p1"), Record.Application("a3", "p2"));
        await using var other = NewWorker(scopeId: Worker.ScopeId + 1);
        await AloneAsync(other, [[Record.Ready(Record.Application("a1", "p1")), Record.Ready(Record.Application("a3", "p2"))]]);
        var records = new[]
        {
            Record.Ready(Record.Application("a1", "p1", version: 1).Named("changed")),
            Record.Ready(Record.Application("a2", "p1", version: 1)),
            Record.Rejected("r1"),
            Record.Ready(Record.Application("bad", "p3", version: 1)),
            Record.Ready(Record.Application("a3", "p2", version: 1)),
            Record.Ready(Record.Application("a2", "p1", version: 2).Named("changed again")),
            Record.Ready(Record.Application("a4", "p3", version: 1)),
        };
        await Database.RefuseAsync(Worker, "bad");
        var run = await OpenAsync();
        await Worker.Writer.WriteAsync(run, Record.Batch(records), Cancel);
        await Database.AcceptAsync(Worker);

        var alone = await AloneAsync(other, [.. records.Select(record => new[] { record })], refuse: "bad");

        Assert.Equal(Counts(alone), Counts(run.Tally));
        Assert.Contains("CandidateProfile failed 2", Counts(run.Tally), StringComparison.Ordinal);
        Assert.Equal(Figures(alone), Figures(run.Tally));
        Assert.Equal(await RowsAsync(other.ScopeId), await RowsAsync());

        static string Figures(ImportTally tally) => string.Join(", ", tally.Stats.Where(s => s.Key != Stat.Batches));
    }

    private async Task<ImportTally> AloneAsync(ImportWorker worker, SourceRecord[][] batches, string? refuse = null)
    {
        var run = await OpenAsync(worker);
        if (refuse is not null)
        {
            await using var database = Database is SqlServerTestDatabase sqlServer ? sqlServer.ForScope(worker.ScopeId) : null;
            await (database ?? Database).RefuseAsync(worker, refuse);
            await WriteAllAsync();
            await (database ?? Database).AcceptAsync(worker);
        }
        else
        {
            await WriteAllAsync();
        }

        await worker.ConcludeAsync(run);
        return run.Tally;

        async Task WriteAllAsync()
        {
            foreach (var batch in batches)
            {
                await worker.Writer.WriteAsync(run, Record.Batch(batch), Cancel);
            }
        }
    }

    [Fact]
    public async Task A_copy_that_arrives_after_one_that_failed_in_the_same_run_counts_as_if_it_were_the_first()
    {
        await ImportAsync(Record.Application("a1"), Record.Application("a2"), Record.Application("a3"));
        var run = await OpenAsync();
        await Database.RefuseAsync(Worker, "a1");
        await WriteAsync(run, Record.Application("a1", version: 1).Named("refused"));
        await Database.AcceptAsync(Worker);
        await Worker.Writer.WriteAsync(run, Record.Batch(Record.Rejected("a2"), Record.Rejected("a3")), Cancel);
        Assert.Equal("CandidateProfile failed 3", Counts(run.Tally));

        await WriteAsync(run, Record.Application("a1", version: 2).Named("accepted"), Record.Application("a2", version: 2), Record.Application("a3", version: 2));
        await WriteAsync(run, Record.Application("a1", version: 2).Named("accepted"), Record.Application("a2", version: 2));

        Assert.Equal("Candidate unchanged 3, CandidateProfile updated 1, CandidateProfile unchanged 2, CandidateProfile failed 3", Counts(run.Tally));
    }

    [Fact]
    public async Task A_storage_fault_leaves_nothing_of_the_batch_behind()
    {
        await ImportAsync(Record.Application("a1"));
        var run = await OpenAsync();
        var before = (await RowsAsync(), (await LogsAsync()).Count, run.Tally.ToJson(), run.Progress.Steps, (await RunRowAsync(run.RunId)).Checkpoint);
        var fault = await Database.StorageFaultAsync(Worker);
        Faults.AtCommand("RunBatch", () => fault);

        var exception = await Assert.ThrowsAsync<StorageException>(
            () => WriteAsync(run, Record.Application("a1", version: 1).Named("other"), Record.Application("a2")));

        Assert.StartsWith("The database cannot take the batch of 2 records: ", exception.Message, StringComparison.Ordinal);
        Assert.Equal(before, (await RowsAsync(), (await LogsAsync()).Count, run.Tally.ToJson(), run.Progress.Steps, (await RunRowAsync(run.RunId)).Checkpoint));
        await WriteAsync(run, Record.Application("a1", version: 1).Named("other"), Record.Application("a2"));
        Assert.Equal("Candidate unchanged 2, CandidateProfile created 1, CandidateProfile updated 1", Counts(run.Tally));
    }

    [Fact]
    public async Task A_storage_fault_while_guilty_records_are_searched_is_one_too()
    {
        await Database.RefuseAsync(Worker, "a1");
        var run = await OpenAsync();
        var fault = await Database.StorageFaultAsync(Worker);
        Faults.BeforeCommand = command => command.CommandText.Contains("RunBatch", StringComparison.Ordinal) ? fault : null;

        var exception = await Assert.ThrowsAsync<StorageException>(() => WriteAsync(run, FiveIds.Select(id => Record.Application(id))));

        Assert.StartsWith("The database cannot take the batch of 5 records: ", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_transient_failure_is_tried_again_and_counts_once()
    {
        var run = await OpenAsync();
        Faults.AtCommand("RunBatch", () => new TimeoutException());
        Faults.AtCommand("INSERT", () => new TimeoutException());

        await WriteAsync(run, Record.Application("a1"));

        Assert.Equal("Candidate created 1, CandidateProfile created 1", Counts(run.Tally));
        Assert.Equal((1, 1), (run.Tally.Stats[Stat.Batches], run.Tally.Stats[Stat.Fetched]));
        Assert.Equal(2, (await LogsAsync()).Count);
    }

    [Fact]
    public async Task A_transient_failure_that_stays_ends_in_one_clear_sentence()
    {
        var run = await OpenAsync();
        var tries = 0;
        Faults.BeforeCommand = command =>
        {
            if (!command.CommandText.Contains("RunBatch", StringComparison.Ordinal))
            {
                return null;
            }

            tries++;
            Worker.Clock.Advance(TimeSpan.FromSeconds(10));
            return new TimeoutException();
        };

        var exception = await Assert.ThrowsAsync<StorageException>(() => WriteAsync(run, Record.Application("a1")));

        Assert.Equal("The database cannot take the batch of 1 record: the database did not answer (TimeoutException).", exception.Message);
        Faults.BeforeCommand = null;
        Assert.InRange(tries, 2, 10);
        Assert.Equal("", await RowsAsync());
    }

    [Fact]
    public async Task A_commit_that_landed_although_its_client_saw_an_error_is_not_written_twice()
    {
        var run = await OpenAsync();
        var steps = run.Progress.Steps;
        Faults.AfterCommit(new TimeoutException());

        await WriteAsync(run, Record.Application("a1"));
        await WriteAsync(run, Record.Application("a1"), Record.Application("a2"));

        Assert.Equal("Candidate created 1, Candidate unchanged 1, CandidateProfile created 2", Counts(run.Tally));
        Assert.Equal((3, 2, 1), (run.Tally.Stats[Stat.Fetched], run.Tally.Stats[Stat.Batches], run.Tally.Stats[Stat.Duplicates]));
        Assert.Equal((steps + 2, "behind 2"), (run.Progress.Steps, run.Progress.Position.Checkpoint));
        Assert.Equal(run.Tally.ToJson(), ImportTally.FromJson((await RunRowAsync(run.RunId)).Tally).ToJson());
    }

    [Fact]
    public async Task A_cancelled_statement_is_a_cancellation_whatever_the_provider_calls_it()
    {
        var run = await OpenAsync();
        using var stopping = new CancellationTokenSource();
        var fault = await Database.StorageFaultAsync(Worker);
        Faults.AtCommand("RunBatch", () =>
        {
            stopping.Cancel();
            return fault;
        });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => Worker.Writer.WriteAsync(run, Record.Batch(Record.Ready(Record.Application("a1"))), stopping.Token));
    }
}
