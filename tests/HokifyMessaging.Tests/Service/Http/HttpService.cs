using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using HokifyMessaging.Sandbox;
using HokifyMessaging.Service.Commands;
using HokifyMessaging.Service.Http.Keys;
using HokifyMessaging.Storage;
using HokifyMessaging.Tests.Importing;
using HokifyMessaging.Tests.Storage;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace HokifyMessaging.Tests.Service.Http;

/// <summary>The service as <c>hokify serve</c> builds it, at a real socket of its own, before a hokify over real HTTP.</summary>
internal sealed class HttpService : IAsyncDisposable
{
    public const string Endpoint = "/api/ExportImport/HokifyImport";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hokify-http-");
    private WebApplication? _application;

    private HttpService(HokifySandbox sandbox) => Sandbox = sandbox;

    public HokifySandbox Sandbox { get; }

    public Dictionary<string, string?> Settings { get; } = [];

    public HttpClient Client { get; private set; } = new();

    public IServiceProvider Services => _application!.Services;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task<HttpService> StartAsync(
        int applications = 20, IEnumerable<KeyValuePair<string, string?>>? settings = null, Action<WebApplicationBuilder>? configure = null)
    {
        var service = new HttpService(await HokifySandbox.StartAsync(new SandboxOptions { Applications = applications }, Cancel));
        service.Settings["Urls"] = "http://127.0.0.1:0";
        var database = Path.Combine(service._folder.FullName, "hokify.db");
        await MigratedFile.PlaceAsync(database);
        service.Settings["Database:ConnectionString"] = $"Data Source={database};Pooling=False";
        service.Settings["Hokify:Import:BatchSize"] = "10";
        service.Settings["Hokify:Import:SweepInterval"] = "01:00:00";
        service.Settings["Hokify:Import:FailedRunDelay"] = "01:00:00";
        foreach (var scope in new[] { 1, 2 })
        {
            service.Settings[$"Hokify:Scopes:{scope}:Name"] = $"Gasthaus {scope}";
            service.Settings[$"Hokify:Scopes:{scope}:AtsApi:BaseAddress"] = service.Sandbox.AtsApi.ToString();
            service.Settings[$"Hokify:Scopes:{scope}:AtsApi:Mandator"] = "demo";
            service.Settings[$"Hokify:Scopes:{scope}:AtsApi:Token"] = "demo-token";
            service.Settings[$"Hokify:Scopes:{scope}:AtsApi:PageSize"] = "10";
            service.Settings[$"Hokify:Scopes:{scope}:AtsApi:Http:Retries"] = "1";
            service.Settings[$"Hokify:Scopes:{scope}:AtsApi:Http:Delay"] = "00:00:00.010";
        }

        foreach (var (key, value) in settings ?? [])
        {
            service.Settings[key] = value;
        }

        await service.StartApplicationAsync(configure);
        return service;
    }

    public async Task StartApplicationAsync(Action<WebApplicationBuilder>? configure = null)
    {
        // MassTransit keeps the first host's loggers for the next one in the same process; these are never disposed of.
        LogContext.ConfigureCurrentLogContext(NullLoggerFactory.Instance);
        var application = ServeCommand.Build(builder =>
        {
            builder.Configuration.AddInMemoryCollection(Settings);
            builder.Logging.ClearProviders();
            configure?.Invoke(builder);
        });
        await ServeCommand.PrepareAsync(application, Cancel);
        await application.StartAsync(Cancel);
        _application = application;
        Client.Dispose();
        Client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, RequestHeaderEncodingSelector = (_, _) => Encoding.UTF8 }) { BaseAddress = Address };
        if (!Settings.Keys.Any(setting => setting.StartsWith("Http:Keys:", StringComparison.OrdinalIgnoreCase)))
        {
            Token = await File.ReadAllTextAsync(Services.GetRequiredService<LocalToken>().Path, Cancel);
            Client.DefaultRequestHeaders.Add(ApiKeyHandler.Header, Token);
        }
    }

    /// <summary>What the service asks this machine for; null where it has API keys. <see cref="Client"/> sends it.</summary>
    public string? Token { get; private set; }

    public Uri Address => new(Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    public async Task StopApplicationAsync()
    {
        await _application!.StopAsync(Cancel);
        await _application.DisposeAsync();
        _application = null;
    }

    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string address, HttpContent? content = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, address) { Content = content };
        foreach (var (name, value) in headers)
        {
            Assert.True(request.Headers.TryAddWithoutValidation(name, value));
        }

        return await Client.SendAsync(request, Cancel);
    }

    public Task<HttpResponseMessage> GetAsync(string address, params (string Name, string Value)[] headers) => SendAsync(HttpMethod.Get, address, null, headers);

    public Task<HttpResponseMessage> PostAsync(string address, string json = "{}", params (string Name, string Value)[] headers) =>
        SendAsync(HttpMethod.Post, address, new StringContent(json, Encoding.UTF8, "application/json"), headers);

    public async Task<T> QueryAsync<T>(Func<HokifyDbContext, Task<T>> query)
    {
        await using var db = await Services.GetRequiredService<IDbContextFactory<HokifyDbContext>>().CreateDbContextAsync(Cancel);
        return await query(db);
    }

    /// <summary>Waits until a run is in a state, and returns what the service says of it.</summary>
    public async Task<JsonNode> UntilAsync(string run, string state)
    {
        JsonNode? found = null;
        await ImportSetup.Until(async () => (found = await JsonAsync(await GetAsync(run)))["summary"]!["state"]!.GetValue<string>() == state);
        return found!;
    }

    public static async Task<JsonNode> JsonAsync(HttpResponseMessage response) => JsonNode.Parse(await response.Content.ReadAsStringAsync(Cancel))!;

    /// <summary>An error as every caller gets it: problem details with one sentence.</summary>
    public static async Task<string> ProblemAsync(HttpResponseMessage response, HttpStatusCode status, string? parameter = null)
    {
        var text = await response.Content.ReadAsStringAsync(Cancel);
        Assert.Equal((status, "application/problem+json"), (response.StatusCode, response.Content.Headers.ContentType?.MediaType));
        var problem = JsonNode.Parse(text)!;
        Assert.Equal((int)status, problem["status"]!.GetValue<int>());
        if (parameter is not null)
        {
            Assert.Equal(parameter, problem["parameter"]!.GetValue<string>());
        }

        return problem["detail"]!.GetValue<string>();
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (_application is not null)
        {
            await _application.StopAsync(CancellationToken.None);
            await _application.DisposeAsync();
        }

        await Sandbox.DisposeAsync();
        await Accounting.ClosesInAsync(Path.Combine(_folder.FullName, "hokify.db"));
        _folder.Delete(recursive: true);
    }
}
