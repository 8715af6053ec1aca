using HokifyMessaging.Privacy;
using HokifyMessaging.Runs;
using HokifyMessaging.Storage;
using HokifyMessaging.Tests.Writing;
using Microsoft.Extensions.DependencyInjection;
using Record = HokifyMessaging.Tests.Writing.Record;

namespace HokifyMessaging.Tests.Storage;

/// <summary>What the audit log and the list of erasures ask SQL Server, by its own grammar.</summary>
public sealed class SqlServerAuditTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_statement_keeps_the_rules()
    {
        var server = new RecordedSqlServer();
        await using var worker = new ImportWorker(new DatabaseOptions { Provider = DatabaseProvider.SqlServer, ConnectionString = "Server=recorded" }, interceptors: server);
        server.Rows["Audit"] = [AuditEntry.Of(Actor.Link, Record.Epoch, Deed.TakeBackup())];
        server.Rows["ErasureRequest"] =
        [
            new ErasureRequest
            {
                Id = Guid.CreateVersion7(), ScopeId = 1, Who = "crm", Machine = "recruiting-1", CreatedAt = Record.Epoch, State = ErasureState.Done, Asked = new byte[32], Candidates = "[]", Entries = "[]",
            },
        ];

        await worker.Services.GetRequiredService<AuditLog>().NoteAsync(Actor.OfKey("crm"), Deed.TakeFile(1, Guid.Empty, "csv", isMasked: true), Cancel);
        var audit = new AuditFilter { ScopeId = 1, ScopeIds = [1, 2], Action = AuditAction.TakeFile, From = Record.Epoch, To = Record.Epoch, After = 17, Limit = 10 };
        Assert.Single(await worker.Services.GetRequiredService<AuditQueries>().ListAsync(audit, Cancel));
        var erasures = new ErasureFilter { ScopeId = 1, ScopeIds = [1, 2], State = ErasureState.Done, After = Guid.CreateVersion7(), Limit = 10 };
        Assert.Single((await worker.Services.GetRequiredService<ErasureRequests>().ListAsync(erasures, Cancel))!);

        Assert.Equal(["INSERT Audit", "SELECT Audit", "SELECT ErasureRequest"], SqlServerRules.TouchedBy(server.Commands));
    }
}
