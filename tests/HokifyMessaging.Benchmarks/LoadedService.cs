using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using HokifyMessaging.Service.Http.Keys;

namespace HokifyMessaging.Benchmarks;

/// <summary>
/// The service as a process of its own: scope 1 has a run with a large CSV, scope 2 has imports that do not end, because their
/// hokify takes every call and answers none.
/// </summary>
internal sealed class LoadedService : IAsyncDisposable
{
    private readonly ServiceProcess _process;
    private readonly TcpListener _silent;

    private LoadedService(ServiceProcess process, TcpListener silent) => (_process, _silent) = (process, silent);

    public Uri Address => _process.Address;

    /// <summary>The keys that are configured: one for so many who follow imports.</summary>
    public IReadOnlyList<string> Keys { get; private init; } = [];

    /// <summary>The addresses of imports that do not end.</summary>
    public IReadOnlyList<string> Endless { get; private set; } = [];

    /// <summary>The path of the large CSV, for whoever has it.</summary>
    public string Link { get; private set; } = "";

    public long PeakBytes => _process.PeakBytes;

    public static async Task<LoadedService> StartAsync(Workplace work, int records, int keys)
    {
        await Inputs.WriteAsync("csv", records, work.Path("exported"));
        var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start(backlog: 512);
        var made = Enumerable.Range(0, keys).Select(_ => ApiKey.Create()).ToList();
        var process = await ServiceProcess.StartAsync(work.Folder, Settings(work, (IPEndPoint)silent.LocalEndpoint, made));
        var service = new LoadedService(process, silent) { Keys = made };
        await service.PrepareAsync();
        return service;
    }

    /// <summary>Asks it to end, as an operating system does, and waits until it has.</summary>
    public Task<TimeSpan> StopAsync() => _process.StopAsync();

    public ValueTask DisposeAsync()
    {
        _process.Dispose();
        _silent.Dispose();
        return ValueTask.CompletedTask;
    }

    private static IEnumerable<(string Name, string Value)> Settings(Workplace work, IPEndPoint silent, List<string> keys)
    {
        yield return ("Database:ConnectionString", $"Data Source={work.Path("hokify.db")}");
        yield return ("Hokify:Scopes:1:Name", "Large");
        yield return ("Hokify:Scopes:1:Source", "CsvFiles");
        yield return ("Hokify:Scopes:1:CsvFiles:Path", Inputs.Of(work.Path("exported"), 0));
        yield return ("Hokify:Scopes:2:Name", "Endless");
        yield return ("Hokify:Scopes:2:AtsApi:BaseAddress", $"http://{silent}/ats-api");
        yield return ("Hokify:Scopes:2:AtsApi:Mandator", "demo");
        yield return ("Hokify:Scopes:2:AtsApi:Token", "demo-token");
        yield return ("Hokify:Scopes:2:AtsApi:Http:AttemptTimeout", "00:10:00");
        yield return ("Hokify:Scopes:2:AtsApi:Http:TotalTimeout", "00:20:00");
        foreach (var (number, key) in keys.Index())
        {
            yield return ($"Http:Keys:key{number}:Hash", KeyHash.Of(key).ToString());
            yield return ($"Http:Keys:key{number}:Scopes", "all");
            yield return ($"Http:Keys:key{number}:Rights", "read,import");
        }
    }

    private async Task PrepareAsync()
    {
        using var http = new HttpClient { BaseAddress = Address, Timeout = TimeSpan.FromMinutes(10) };
        var endless = new List<string>();
        foreach (var key in Keys)
        {
            for (var number = 0; number < 5; number++)
            {
                endless.Add((await AskAsync(http, key, 2)).Headers.Location!.ToString());
            }
        }

        Endless = endless;
        var large = (await AskAsync(http, Keys[0], 1)).Headers.Location!.ToString();
        while (true)
        {
            var run = await http.GetFromJsonAsync<JsonElement>(large);
            if (run.GetProperty("summary").GetProperty("state").GetString() == "Completed")
            {
                Link = new Uri(run.GetProperty("result").GetProperty("DownloadUrl").GetString()!).AbsolutePath;
                return;
            }

            await Task.Delay(TimeSpan.FromSeconds(1));
        }
    }

    private static async Task<HttpResponseMessage> AskAsync(HttpClient http, string key, int scopeId)
    {
        http.DefaultRequestHeaders.Remove("X-Api-Key");
        http.DefaultRequestHeaders.Add("X-Api-Key", key);
        var response = await http.PostAsJsonAsync("/api/imports", new { scopeId });
        return response.EnsureSuccessStatusCode();
    }
}
