using HokifyMessaging.Applications;
using HokifyMessaging.Contracts;
using HokifyMessaging.Planning;
using HokifyMessaging.Runs;
using HokifyMessaging.Runs.Queries;
using HokifyMessaging.Storage;
using HokifyMessaging.Tests.Writing;
using HokifyMessaging.Writing;
using Microsoft.Extensions.DependencyInjection;
using Record = HokifyMessaging.Tests.Writing.Record;

namespace HokifyMessaging.Tests.Storage;

/// <summary>What is sent to SQL Server when a plan is made, compared, applied and shown.</summary>
public sealed class SqlServerPlanTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_statement_of_a_plan_and_of_its_application_keeps_the_rules()
    {
        var server = new RecordedSqlServer();
        await using var worker = new ImportWorker(
            new DatabaseOptions { Provider = DatabaseProvider.SqlServer, ConnectionString = "Server=recorded" },
            rows: (db, scopeId) => new SqlServerRows(db, scopeId, server.BulkCopyAsync),
            interceptors: server);
        var opened = await server.OpenRunAsync(worker);
        var run = Of(opened, RunPhase.Reading);
        server.Rows["PlanEntry"] = [Entry(run, 1, PlannedChange.Updated, "CandidateProfile", "a1")];
        server.Rows["Candidate"] = [];
        server.Rows["CandidateProfile"] = [];
        server.Rows["ActivityLog"] = [];
        server.Rows["ErasedKey"] = [];

        await worker.Writer.WriteAsync(run, Record.Batch(Record.Ready(Record.Application("new", "somebody")), Record.Rejected("bad", "is refused")), Cancel);
        await worker.Writer.WriteAsync(run, ImportStep.To(RunPhase.Concluding) with { Missing = [1, 2], Left = [3] }, Cancel);
        var plans = worker.Services.GetRequiredService<StoredPlans>();
        Assert.NotNull(await plans.DigestAsync(run, Cancel));
        await plans.WholeAsync(run, Cancel);
        var differences = await plans.CompareAsync(run, Guid.NewGuid(), Cancel);
        await worker.Writer.WriteAsync(run, ImportStep.To(RunPhase.Comparing) with { Differences = [new PlanEntryDifference(new PlanEntryKey(Guid.NewGuid(), 1, PlannedChange.Created, "Candidate", "p9"), PlanDifference.Gone, []), new PlanEntryDifference(new PlanEntryKey(run.RunId, 1, PlannedChange.Created, "Candidate", "p8"), PlanDifference.Added, [])] }, Cancel);
        var applying = Of(opened, RunPhase.Applying);
        foreach (var entries in new[]
        {
            new[] { Entry(run, 3, PlannedChange.Created, "Candidate", "p3"), Entry(run, 4, PlannedChange.Created, "CandidateProfile", "a3", owner: -3, person: "p3") },
            [Entry(run, 5, PlannedChange.Deleted, "CandidateProfile", "a4")],
            [Entry(run, 6, PlannedChange.Refused, "ActivityLog", "a5")],
        })
        {
            await worker.Writer.WriteAsync(applying, ImportStep.To(RunPhase.Applying) with { Planned = entries }, Cancel);
        }

        var queries = worker.Services.GetRequiredService<PlanQueries>();
        await queries.EntriesAsync(run.RunId, new PlanFilter { OnlyDifferences = true, Change = PlannedChange.Created }, Cancel);

        Assert.NotNull(differences);
        var touched = SqlServerRules.TouchedBy(server.Commands);
        Assert.Superset(new HashSet<string> { "INSERT PlanEntry", "SELECT PlanEntry", "UPDATE PlanEntry", "INSERT ActivityLog" }, touched.ToHashSet());
    }

    private static RunInProgress Of(RunInProgress opened, RunPhase phase) => new()
    {
        Request = opened.Request with { PlanDigest = new string('0', 64), ImportMode = ImportMode.Full },
        RunId = opened.RunId,
        Lease = opened.Lease,
        StartedAt = opened.StartedAt,
        MayKnowByAddress = true,
        MayHaveOthers = false,
        Progress = opened.Progress with { Position = new RunPosition(phase, null), MayHaveWaiting = true },
    };

    private static PlanEntry Entry(RunInProgress run, long number, PlannedChange kind, string element, string reference, long owner = 1, string? person = null)
    {
        var failure = new PlannedFailure(ActivityName.Rejected, "CandidateProfile", "p5", null, "System.FormatException", 1, "page 1", Park: false, FailureCause.Misfit, Field: null);
        return new PlanEntry
        {
            RunId = run.RunId,
            Number = number,
            ScopeId = 1,
            Kind = kind,
            ElementName = element,
            ReferenceId = reference,
            PersonReferenceId = person,
            RowId = kind is PlannedChange.Created or PlannedChange.Refused ? null : number,
            Fields = PlannedFields.ToJson([PlannedFields.Of("Name", null, "Koch")]),
            Sentence = kind == PlannedChange.Refused ? "is refused" : null,
            Hash = new byte[32],
            Before = new byte[32],
            State = kind == PlannedChange.Refused ? failure.ToJson() : new PlannedState(new byte[16], Record.Epoch, reference, Owner: owner).ToJson(),
            Payload = "{}",
        };
    }
}
