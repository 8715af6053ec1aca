using System.Globalization;
using HokifyMessaging.Applications;
using HokifyMessaging.Reading;
using HokifyMessaging.Reading.Http;
using HokifyMessaging.Storage;
using HokifyMessaging.Writing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace HokifyMessaging.Benchmarks;

/// <summary>One input and one database, wired as a host wires them; the environment may set anything, as it may there.</summary>
internal sealed class Setup : IAsyncDisposable
{
    public const int ScopeId = 1;

    private readonly ServiceProvider _services;

    /// <summary><c>csv</c> or <c>json</c>.</summary>
    public string Source { get; }

    /// <summary>What is read: a folder.</summary>
    public string Input { get; }

    public Setup(string source, string input, string database, HttpMessageHandler? hokify = null, Uri? api = null, BatchRowsOf? rows = null,
        IEnumerable<KeyValuePair<string, string?>>? settings = null)
    {
        (Source, Input) = (source, input);
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton(Configuration(source, input, database, api, settings));
        if (rows is not null)
        {
            services.AddSingleton(rows);
        }

        services.AddHokifyMessaging();
        services.AddHttpClient(HokifyHttp.ClientName).ConfigurePrimaryHttpMessageHandler(() => hokify ?? new RecordedPages(input));
        _services = services.BuildServiceProvider();
    }

    public static IConfiguration Configuration(string source, string input, string database, Uri? api = null, IEnumerable<KeyValuePair<string, string?>>? settings = null) =>
        new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Database:ConnectionString"] = $"Data Source={database}",
            ["Hokify:Privacy:ErasureKey"] = Convert.ToBase64String(new byte[32]),
            ["Hokify:Scopes:1:Name"] = "Benchmark",
            ["Hokify:Scopes:1:Source"] = source == "csv" ? nameof(SourceKind.CsvFiles) : nameof(SourceKind.AtsApi),
            ["Hokify:Scopes:1:CsvFiles:Path"] = input,
            ["Hokify:Scopes:1:AtsApi:BaseAddress"] = (api ?? new Uri("https://recorded.example/ats-api")).ToString(),
            ["Hokify:Scopes:1:AtsApi:Mandator"] = "demo",
            ["Hokify:Scopes:1:AtsApi:Token"] = "demo-token",
            ["Hokify:Scopes:1:AtsApi:PageSize"] = "500",
        }).AddInMemoryCollection(settings ?? []).AddEnvironmentVariables().Build();

    /// <summary>One more scope, with a hokify of its own.</summary>
    public static IEnumerable<(string Name, string Value)> ScopeOf(int scope, Uri api, string mandator)
    {
        var prefix = string.Create(CultureInfo.InvariantCulture, $"Hokify:Scopes:{scope}:");
        yield return ($"{prefix}Name", string.Create(CultureInfo.InvariantCulture, $"scope {scope}"));
        yield return ($"{prefix}Source", nameof(SourceKind.AtsApi));
        yield return ($"{prefix}AtsApi:BaseAddress", api.ToString());
        yield return ($"{prefix}AtsApi:Mandator", mandator);
        yield return ($"{prefix}AtsApi:Token", "token");
    }

    public TimeProvider Clock => Get<TimeProvider>();

    public T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    public Task MigrateAsync() => Get<DatabaseSchema>().MigrateAsync(CancellationToken.None);

    public HokifyDbContext Open() => Get<IDbContextFactory<HokifyDbContext>>().CreateDbContext();

    /// <summary>The source as the import reads it, page by page.</summary>
    public IAsyncEnumerable<SourcePage> ReadAsync() =>
        Get<ApplicationSources>().For(ScopeId).ReadAsync(new ReadWindow(null, Clock.GetUtcNow()), null, CancellationToken.None);

    /// <summary>What the source holds, in the shape of the database: the same reading and mapping for every contestant.</summary>
    public async IAsyncEnumerable<MappedApplication> MapAsync()
    {
        var mapping = Get<ApplicationMapping>();
        await foreach (var page in ReadAsync())
        {
            foreach (var record in page.Records)
            {
                yield return record.Map(mapping).Value is { } application
                    ? application
                    : throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"{page.Position} holds a record that is refused; the inputs have none."));
            }
        }
    }

    public ValueTask DisposeAsync() => _services.DisposeAsync();
}
