using System.Net.Sockets;
using System.Text;
using HokifyMessaging.Results;
using HokifyMessaging.Sandbox;
using HokifyMessaging.Service.Http.Downloads;
using HokifyMessaging.Tests.Importing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace HokifyMessaging.Tests.Service.Http;

/// <summary>Runs with a CSV of some size, and clients that ask for it and do not read.</summary>
internal static class LargeRuns
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <returns>The address of a completed run.</returns>
    public static async Task<string> ImportAsync(this HttpService service, params (string Name, string Value)[] headers)
    {
        using var created = await service.PostAsync("/api/imports", "{}", headers);
        var address = created.Headers.Location!.ToString();
        await service.UntilAsync(address, "Completed");
        return address;
    }

    /// <summary>Whoever asks hokify for applications waits for longer than any test.</summary>
    public static void HoldUp(this HokifySandbox sandbox) =>
        sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.Slow) { Times = null, Delay = TimeSpan.FromMinutes(10) });

    /// <summary>The same of the holder of a key, who may also look.</summary>
    public static async Task<string> ImportWithAsync(this HttpService service, string key)
    {
        using var created = await service.PostAsync("/api/imports", "{}", ("X-Api-Key", key));
        var address = created.Headers.Location!.ToString();
        await ImportSetup.Until(async () =>
        {
            using var answer = await service.GetAsync(address, ("X-Api-Key", key));
            return (await HttpService.JsonAsync(answer))["summary"]!["state"]!.GetValue<string>() == "Completed";
        });
        return address;
    }

    public static string CsvOf(string run) => $"{run}/records.csv";

    public static string LinkTo(this HttpService service, string run) =>
        service.Services.GetRequiredService<DownloadLinks>().LinkTo(IdOf(run), TimeProvider.System.GetUtcNow())!.AbsolutePath;

    /// <summary>Whether the run's CSV lies in a spool now.</summary>
    public static async Task<bool> IsSpooledAsync(this HttpService service, string run) => service.Services.GetRequiredService<Spools>()
        .LengthOf((await service.Services.GetRequiredService<SpooledFiles>().FindAsync(IdOf(run), RunFileFormat.Csv, FileReader.KeyWithRight, Cancel))!) is not null;

    public static Guid IdOf(string run) => Guid.Parse(run[^36..]);

    /// <summary>Many more activity logs of the same run, 300 bytes of CSV each, without the hours that so large an import takes.</summary>
    public static Task<int> GrowAsync(this HttpService service, string run, int logs)
    {
        var id = IdOf(run);
        return service.QueryAsync(db => db.Database.ExecuteSqlAsync(
            $"""
            WITH RECURSIVE Numbers(N) AS (SELECT 1 UNION ALL SELECT N + 1 FROM Numbers WHERE N < {logs})
            INSERT INTO ActivityLog (ScopeId, RunId, Name, Status, ReferenceId, ElementName, Command, Date, ResultCode, RetryCount, RetryInterval, ResultData)
            SELECT ScopeId, {id}, 'Rejected', 'Closed', printf('%024x', N), 'CandidateProfile', Command, Date, 0, 0, 0, printf('%.*c', 100, 'x')
            FROM Numbers, (SELECT * FROM ActivityLog LIMIT 1)
            """,
            Cancel));
    }

    /// <summary>Asks, waits for the first bytes of the answer and reads no more.</summary>
    public static async Task<TcpClient> AskAndStopReadingAsync(this HttpService service, string path)
    {
        var client = new TcpClient { ReceiveBufferSize = 4096 };
        await client.ConnectAsync(service.Address.Host, service.Address.Port, Cancel);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: {service.Address.Authority}\r\nX-Api-Key: {service.Token}\r\n\r\n"), Cancel);
        var first = new byte[12];
        await client.GetStream().ReadExactlyAsync(first, Cancel);
        Assert.Equal("HTTP/1.1 200", Encoding.ASCII.GetString(first));
        return client;
    }
}
