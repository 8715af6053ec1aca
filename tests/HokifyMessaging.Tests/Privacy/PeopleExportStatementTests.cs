using HokifyMessaging.Applications;
using HokifyMessaging.Privacy;
using HokifyMessaging.Storage;
using HokifyMessaging.Tests.Storage;
using HokifyMessaging.Tests.Writing;
using Microsoft.Extensions.DependencyInjection;
using Record = HokifyMessaging.Tests.Writing.Record;

namespace HokifyMessaging.Tests.Privacy;

/// <summary>What an export asks SQL Server, by its own grammar.</summary>
public sealed class PeopleExportStatementTests
{
    [Fact]
    public async Task Every_statement_keeps_the_rules_and_changes_nothing_but_the_audit_log()
    {
        var server = new RecordedSqlServer();
        await using var worker = new ImportWorker(new DatabaseOptions { Provider = DatabaseProvider.SqlServer, ConnectionString = "Server=recorded" }, interceptors: server);
        server.Rows["Candidate"] = [new Candidate { Id = 1, ScopeId = 1, ReferenceId = "p1", ContentHash = new byte[16], Columns = new CandidateColumns { Email = "mizzi@example.at" } }];
        server.Rows["CandidateProfile"] = [new CandidateProfile { Id = 1, ScopeId = 1, ReferenceId = "a1", CandidateId = 1, ContentHash = new byte[16], Columns = new ProfileColumns() }];
        server.Rows["ErasedKey"] = [new ErasedKey { ScopeId = 1, Hash = new byte[32], ErasedAt = Record.Epoch }];
        var person = new FoundPerson { Rows = [new FoundRow(1, "p1", null, [])], Applications = [], Waiting = [new FoundEntry(1, "a2", "p1", Record.Epoch, ActivityStatus.Open)], Shared = [] };
        var found = new FoundPeople { ScopeId = 1, Asked = new NamedPerson(NamedBy.Person, "p1"), People = [person], ErasedAt = null };

        var document = await worker.Services.GetRequiredService<PeopleExport>().MakeAsync(found, new PeopleFormat(PeopleFormat.Json, "de"), Actor.OfUser(), TestContext.Current.CancellationToken);

        Assert.Equal("a1", Assert.Single(Assert.Single(document.People).Profiles).ReferenceId);
        var touched = SqlServerRules.TouchedBy(server.Commands);

        Assert.Equal(
            ["INSERT Audit", "SELECT ActivityLog", "SELECT Audit", "SELECT Candidate", "SELECT CandidateProfile", "SELECT ErasedKey", "SELECT ImportRun", "SELECT LegalHold", "SELECT PendingEvent", "SELECT PlanEntry", "SELECT RunBatch", "SELECT Scope"],
            touched);
    }
}
