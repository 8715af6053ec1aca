using HokifyMessaging.Service.Http;
using HokifyMessaging.Service.Http.Keys;
using HokifyMessaging.Service.Http.Protection;
using HokifyMessaging.Service.Monitoring;
using HokifyMessaging.Service.WebConsole.SignIn;
using HokifyMessaging.Storage;

namespace HokifyMessaging.Service;

/// <summary>Says in the log what this process works with, so that nobody has to guess from its configuration.</summary>
internal sealed partial class StartUpReport(
    IOptions<HokifyOptions> hokify,
    IOptions<DatabaseOptions> database,
    IOptions<TransportOptions> transport,
    IOptions<HttpOptions> http,
    LocalToken local,
    LocalLink link,
    OpenDoors doors,
    Collector collector,
    IConfiguration configuration,
    TimeProvider clock,
    ILogger<StartUpReport> logger)
{
    public void Write()
    {
        LogVersion(logger, ProductVersion.Text);
        LogFiles(logger, SettingFiles.Places(configuration));
        if (transport.Value.Kind == TransportKind.InMemory)
        {
            LogInMemory(logger);
        }
        else
        {
            LogBroker(logger, transport.Value.Kind, transport.Value.RabbitMq.Address());
        }

        LogDatabase(logger, database.Value.Provider, DatabasePlace.Of(database.Value));
        WriteNewFile();
        foreach (var (scopeId, scope) in hokify.Value.Scopes.OrderBy(s => s.Key))
        {
            LogScope(logger, scopeId, scope.Name, scope.Source, PlaceOf(scope));
        }

        if (hokify.Value.Scopes.Count == 0)
        {
            LogNoScope(logger);
        }

        WriteCallers();
        foreach (var sentence in doors.Files().Concat(doors.Addresses()))
        {
            LogOpen(logger, sentence);
        }

        WriteWatchers();
    }

    /// <summary>Says how to ask, once it is known where the service listens.</summary>
    public void WriteExample(IEnumerable<string> addresses)
    {
        if (http.Value.Keys.Count == 0 && addresses.FirstOrDefault() is { } address)
        {
            LogTry(logger, local.Example(address));
        }

        if (addresses.Select(link.At).FirstOrDefault(one => one is not null) is { } console)
        {
            LogConsole(logger, console);
        }
    }

    /// <summary>Whoever expects their applicants there has named another file, or is in another folder.</summary>
    private void WriteNewFile()
    {
        if (database.Value is { Provider: DatabaseProvider.Sqlite, MigrateAtStartUp: not false } && SqliteFile.NewAt(database.Value.ConnectionString) is { } file)
        {
            LogNewFile(logger, VisibleText.Of(file));
        }
    }

    private void WriteCallers()
    {
        if (http.Value.Keys.Count == 0)
        {
            LogNoKey(logger, VisibleText.Of(local.Path));
            return;
        }

        foreach (var (name, key) in http.Value.Keys.OrderBy(key => key.Key, StringComparer.Ordinal))
        {
            if (key.ExpiresAt <= clock.GetUtcNow())
            {
                LogExpired(logger, name, key.ExpiresAt.Value);
            }
            else
            {
                LogKey(logger, name, key.Rights, key.Scopes);
            }
        }
    }

    /// <summary>Where anything of the service goes without being asked for with a key.</summary>
    private void WriteWatchers()
    {
        if (http.Value.MetricsAddress is { Length: > 0 } address)
        {
            LogMetrics(logger, address.TrimEnd('/'));
        }

        foreach (var signal in new[] { Collector.Traces, Collector.Metrics }.Where(collector.Takes))
        {
            LogCollector(logger, signal == Collector.Traces ? "Traces" : "Metrics", collector.PlaceOf(signal));
        }
    }

    private static string PlaceOf(ScopeOptions scope) => scope.Source switch
    {
        SourceKind.AtsApi => WithoutCredentials(scope.AtsApi.BaseAddress),
        SourceKind.ExternApi => WithoutCredentials(scope.ExternApi.BaseAddress),
        _ => scope.CsvFiles.Path,
    };

    private static string WithoutCredentials(Uri address) => address.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);

    [LoggerMessage(LogLevel.Information, "Version: hokify {Version}")]
    private static partial void LogVersion(ILogger logger, string version);

    [LoggerMessage(LogLevel.Information, "Settings: read from {Places}")]
    private static partial void LogFiles(ILogger logger, string places);

    [LoggerMessage(LogLevel.Information, "Transport: InMemory, a bus inside this process that no other program reaches; set Transport:Kind to RabbitMq for a broker")]
    private static partial void LogInMemory(ILogger logger);

    [LoggerMessage(LogLevel.Information, "Transport: {Kind} at {Address}")]
    private static partial void LogBroker(ILogger logger, TransportKind kind, string address);

    [LoggerMessage(LogLevel.Information, "Database: {Provider}, {Place}")]
    private static partial void LogDatabase(ILogger logger, DatabaseProvider provider, string place);

    [LoggerMessage(LogLevel.Information, "The database file {File} does not exist yet and is made now")]
    private static partial void LogNewFile(ILogger logger, string file);

    [LoggerMessage(LogLevel.Warning, "{Sentence}")]
    private static partial void LogOpen(ILogger logger, string sentence);

    [LoggerMessage(LogLevel.Information, "Scope {ScopeId}: {Name}, read from {Source} at {Place}")]
    private static partial void LogScope(ILogger logger, int scopeId, string name, SourceKind source, string place);

    [LoggerMessage(LogLevel.Warning, "No scope is configured under Hokify:Scopes, so every request is refused; README.md shows how to configure one")]
    private static partial void LogNoScope(ILogger logger);

    [LoggerMessage(LogLevel.Information, "HTTP: no API key is configured, so only this machine is answered, and only who sends what the file {File} holds; 'hokify keys new' makes a key")]
    private static partial void LogNoKey(ILogger logger, string file);

    [LoggerMessage(LogLevel.Information, "Try it: {Command}")]
    private static partial void LogTry(ILogger logger, string command);

    [LoggerMessage(LogLevel.Information, "Console: {Address} opens it, once")]
    private static partial void LogConsole(ILogger logger, string address);

    [LoggerMessage(LogLevel.Information, "Metrics: {Address}/metrics answers whoever reaches it, without a key")]
    private static partial void LogMetrics(ILogger logger, string address);

    [LoggerMessage(LogLevel.Information, "{Signal}: sent to the collector at {Place}")]
    private static partial void LogCollector(ILogger logger, string signal, string place);

    [LoggerMessage(LogLevel.Information, "API key {Name}: may {Rights} in scopes {Scopes}")]
    private static partial void LogKey(ILogger logger, string name, string rights, string scopes);

    [LoggerMessage(LogLevel.Warning, "API key {Name} expired at {ExpiresAt:yyyy-MM-dd HH:mm:ss zzz} and is refused")]
    private static partial void LogExpired(ILogger logger, string name, DateTimeOffset expiresAt);

}
