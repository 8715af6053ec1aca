using System.Collections.Concurrent;
using System.Net;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using HokifyMessaging.Service.Http;
using HokifyMessaging.Service.Http.Keys;
using HokifyMessaging.Service.Http.Protection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace HokifyMessaging.Tests.Service.Http;

/// <summary>Endpoints of a test behind the protection that the service has, on real sockets.</summary>
internal sealed class GuardedService : IAsyncDisposable
{
    private static readonly X509Certificate2 Certificate = SelfSigned();

    private readonly WebApplication _application;

    private readonly OwnFolder _folder;

    private GuardedService(WebApplication application, LogLines logs, OwnFolder folder) => (_application, Logs, _folder) = (application, logs, folder);

    public LogLines Logs { get; }

    /// <summary>What a service without API keys asks for.</summary>
    public string Token => File.ReadAllText(TokenFile);

    public string TokenFile => _application.Services.GetRequiredService<LocalToken>().Path;

    public Uri Address => new(_application.Urls.First());

    public Uri SecureAddress => new(_application.Urls.Single(url => url.StartsWith("https:", StringComparison.Ordinal)));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <param name="settings">The configuration; nothing of the machine's own reaches it. It listens on a free port of 127.0.0.1 unless that says otherwise.</param>
    /// <param name="configure">What else this test needs.</param>
    /// <param name="environment">The name of the environment.</param>
    public static async Task<GuardedService> StartAsync(
        IEnumerable<KeyValuePair<string, string?>> settings, Action<WebApplicationBuilder>? configure = null, string environment = "Production")
    {
        var folder = new OwnFolder();
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = environment });
        builder.Configuration.Sources.Clear();
        builder.Configuration.AddInMemoryCollection(
            [new("urls", "http://127.0.0.1:0"), new("Database:ConnectionString", $"Data Source={Path.Combine(folder.Path, "hokify.db")}")]).AddInMemoryCollection(settings);
        var logs = new LogLines();
        builder.Logging.ClearProviders().SetMinimumLevel(LogLevel.Trace).AddProvider(logs);
        builder.Services.AddProblemDetails();
        builder.Services.AddHealthChecks();
        builder.Services.AddOptions<DatabaseOptions>().BindConfiguration(DatabaseOptions.Section);
        builder.Services.AddKeys();
        builder.Services.AddProtection();
        builder.WebHost.ConfigureKestrel(server => server.ConfigureHttpsDefaults(https => https.ServerCertificate = Certificate));
        configure?.Invoke(builder);

        var application = builder.Build();
        application.UseExceptionHandler();
        application.UseStatusCodePages();
        application.UseProtection();
        Map(application);
        try
        {
            application.Services.GetRequiredService<ApiKeys>().Read();
            await application.StartAsync(Cancel);
        }
        catch
        {
            await application.DisposeAsync();
            folder.Dispose();
            throw;
        }

        return new GuardedService(application, logs, folder);
    }

    /// <summary>The settings of one key.</summary>
    public static Dictionary<string, string?> Key(string name, string key, string scopes = "all", string rights = "read,import,operate,personal") => new()
    {
        [$"Http:Keys:{name}:Hash"] = KeyHash.Of(key).ToString(),
        [$"Http:Keys:{name}:Scopes"] = scopes,
        [$"Http:Keys:{name}:Rights"] = rights,
    };

    /// <summary>Sends one request; headers may be any text, and the answer is not followed anywhere.</summary>
    public async Task<Answer> SendAsync(string path, string? key = null, string method = "GET", HttpContent? content = null, Uri? address = null, params (string Name, string Value)[] headers)
    {
        using var http = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            SslOptions = { RemoteCertificateValidationCallback = (_, presented, _, _) => Certificate.Equals(presented) },
        });
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(address ?? Address, path)) { Content = content };
        if (key is not null)
        {
            request.Headers.TryAddWithoutValidation("X-Api-Key", key);
        }

        foreach (var (name, value) in headers)
        {
            Assert.True(request.Headers.TryAddWithoutValidation(name, value), name);
        }

        using var response = await http.SendAsync(request, Cancel);
        return await Answer.OfAsync(response, Cancel);
    }

    public async ValueTask DisposeAsync()
    {
        await _application.DisposeAsync();
        _folder.Dispose();
    }

    private static X509Certificate2 SelfSigned()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2100, 1, 1, 0, 0, 0, TimeSpan.Zero));
    }

    private static void Map(WebApplication application)
    {
        application.MapHealth();
        application.MapGet("/read", (ClaimsPrincipal caller) => new Seen(caller.Identity!.Name!, caller.VisibleScopes()?.Order().ToList(), caller.MaySee(1), caller.MaySee(2)))
            .RequireAuthorization(Rights.Read);
        application.MapMethods("/import", ["GET", "POST"], () => "imported").RequireAuthorization(Rights.Import);
        application.MapDelete("/operate", () => "cancelled").RequireAuthorization(Rights.Operate);
        application.MapGet("/forgotten", () => "open");
        application.MapGet("/vague", () => "open").RequireAuthorization();
        application.MapGet("/address", (HttpContext context) => $"{context.Connection.RemoteIpAddress} {context.Request.Scheme}").AllowAnonymous();
        application.MapPost("/upload", async (HttpRequest request) =>
        {
            using var reader = new StreamReader(request.Body);
            return (await reader.ReadToEndAsync(Cancel)).Length;
        }).AllowAnonymous();
        application.MapGet("/page", () => TypedResults.Content("<p>", "text/html")).AllowAnonymous().WithContentPolicy("default-src 'none'; script-src 'self'");
        application.MapGet("/fault", string () => throw new InvalidOperationException("inner workings")).AllowAnonymous();
    }
}

/// <summary>What the endpoint <c>/read</c> knows of its caller.</summary>
internal sealed record Seen(string Name, IReadOnlyList<int>? Scopes, bool One, bool Two);

/// <summary>An answer, read to its end.</summary>
internal sealed record Answer(HttpStatusCode Status, IReadOnlyDictionary<string, string> Headers, string Body)
{
    public JsonElement Problem
    {
        get
        {
            Assert.Equal("application/problem+json", Headers["Content-Type"]);
            var problem = JsonDocument.Parse(Body).RootElement;
            Assert.Equal((int)Status, problem.GetProperty("status").GetInt32());
            return problem;
        }
    }

    public string Detail => Problem.GetProperty("detail").GetString()!;

    public T Read<T>() => JsonSerializer.Deserialize<T>(Body, JsonSerializerOptions.Web)!;

    public static async Task<Answer> OfAsync(HttpResponseMessage response, CancellationToken cancellationToken) => new(
        response.StatusCode,
        response.Headers.NonValidated.Concat(response.Content.Headers.NonValidated).ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase),
        await response.Content.ReadAsStringAsync(cancellationToken));
}

/// <summary>Every line that anybody logs, at any level.</summary>
internal sealed class LogLines : ILoggerProvider, ILogger
{
    private readonly ConcurrentQueue<string> _lines = new();

    public string Text => string.Join('\n', _lines);

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull
    {
        _lines.Enqueue(state.ToString()!);
        return null;
    }

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _lines.Enqueue($"{logLevel}: {formatter(state, exception)} {exception}");

    public void Dispose()
    {
    }
}
