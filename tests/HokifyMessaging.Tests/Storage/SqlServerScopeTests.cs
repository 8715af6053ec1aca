using HokifyMessaging.Runs;
using HokifyMessaging.Runs.Coverage;
using HokifyMessaging.Runs.Queries;
using HokifyMessaging.Schedules;
using HokifyMessaging.Storage;
using HokifyMessaging.Tests.Writing;
using Microsoft.Extensions.DependencyInjection;
using Record = HokifyMessaging.Tests.Writing.Record;

namespace HokifyMessaging.Tests.Storage;

/// <summary>What pages about scopes, schedules and records ask SQL Server, by its own grammar.</summary>
public sealed class SqlServerScopeTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_statement_about_stored_schedules_keeps_the_rules()
    {
        var server = new RecordedSqlServer();
        await using var worker = new ImportWorker(new DatabaseOptions { Provider = DatabaseProvider.SqlServer, ConnectionString = "Server=recorded" }, interceptors: server);
        var (stored, often) = (worker.Services.GetRequiredService<StoredSchedules>(), new ScheduleOptions { Cron = "*/15 * * * *" });
        server.Rows["Scope"] = [new ScopeState { ScopeId = 1 }];

        await stored.AddAsync(1, "often", often, setting => setting, Actor.OfUser(), Cancel);
        var row = new ScheduleState { ScopeId = 1, Name = "often", FirstSeenAt = Record.Epoch, LastInstant = Record.Epoch };
        row.Say(often, Record.Epoch, "crm");
        server.Rows["Schedule"] = [row];
        Assert.Single(await worker.Services.GetRequiredService<ScheduleQueries>().ListAsync(1, Cancel));
        await worker.Services.GetRequiredService<ScheduleBook>().DecideAsync(Assert.Single(await worker.Services.GetRequiredService<KnownSchedules>().ListAsync(Cancel)), Cancel);
        await stored.ChangeAsync(1, "often", new ScheduleOptions { Cron = "0 * * * *" }, setting => setting, Actor.OfUser(), Cancel);
        await stored.RemoveAsync(1, "often", Actor.OfUser(), Cancel);

        Assert.Equal(
            ["DELETE Schedule", "INSERT Audit", "INSERT Schedule", "SELECT Audit", "SELECT ImportRun", "SELECT Schedule", "SELECT Scope", "UPDATE Schedule", "UPDATE Scope"],
            SqlServerRules.TouchedBy(server.Commands));
    }

    [Fact]
    public async Task Every_statement_about_what_was_read_and_what_became_of_a_record_keeps_the_rules()
    {
        var server = new RecordedSqlServer();
        await using var worker = new ImportWorker(new DatabaseOptions { Provider = DatabaseProvider.SqlServer, ConnectionString = "Server=recorded" }, interceptors: server);
        server.Rows["Scope"] = [new ScopeState { ScopeId = 1, Watermark = Record.Epoch }];
        var explanations = worker.Services.GetRequiredService<Explanations>();

        Assert.NotEmpty((await worker.Services.GetRequiredService<CoverageQueries>().OfAsync(1, Cancel)).Spans);
        Assert.Single(await worker.Services.GetRequiredService<ScopeQueries>().ListAsync(Cancel, [1]));
        await worker.Services.GetRequiredService<ScopeControl>().SetWatermarkAsync(1, Record.Epoch.AddDays(1), isSure: true, Cancel);
        Assert.Empty((await explanations.OfAsync("somebody@example.at", [1], Actor.OfUser(), Cancel)).Found);
        Assert.Empty((await explanations.OfAsync("a1", [1], Actor.OfUser(), Cancel)).Found);

        Assert.Equal(
            ["INSERT Audit", "SELECT ActivityLog", "SELECT Audit", "SELECT Candidate", "SELECT CandidateProfile", "SELECT ErasedKey", "SELECT ImportRun", "SELECT Scope", "UPDATE Scope"],
            SqlServerRules.TouchedBy(server.Commands));
    }
}
