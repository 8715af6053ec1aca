using Microsoft.Extensions.Options;

namespace HokifyMessaging.Service;

/// <summary>Says in the log what this process works with, so that nobody has to guess from its configuration.</summary>
internal sealed partial class StartUpReport(
    IOptions<HokifyOptions> hokify, IOptions<DatabaseOptions> database, IOptions<TransportOptions> transport, ILogger<StartUpReport> logger)
{
    public void Write()
    {
        if (transport.Value.Kind == TransportKind.InMemory)
        {
            LogInMemory(logger);
        }
        else
        {
            LogBroker(logger, transport.Value.Kind, transport.Value.RabbitMq.Address());
        }

        LogDatabase(logger, database.Value.Provider, DatabasePlace.Of(database.Value));
        foreach (var (scopeId, scope) in hokify.Value.Scopes.OrderBy(s => s.Key))
        {
            LogScope(logger, scopeId, scope.Name, scope.Source, PlaceOf(scope));
        }

        if (hokify.Value.Scopes.Count == 0)
        {
            LogNoScope(logger);
        }
    }

    private static string PlaceOf(ScopeOptions scope) => scope.Source switch
    {
        SourceKind.AtsApi => WithoutCredentials(scope.AtsApi.BaseAddress),
        SourceKind.ExternApi => WithoutCredentials(scope.ExternApi.BaseAddress),
        _ => scope.CsvFiles.Path,
    };

    private static string WithoutCredentials(Uri address) => address.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);

    [LoggerMessage(LogLevel.Information, "Transport: InMemory, a bus inside this process that no other program reaches; set Transport:Kind to RabbitMq for a broker")]
    private static partial void LogInMemory(ILogger logger);

    [LoggerMessage(LogLevel.Information, "Transport: {Kind} at {Address}")]
    private static partial void LogBroker(ILogger logger, TransportKind kind, string address);

    [LoggerMessage(LogLevel.Information, "Database: {Provider}, {Place}")]
    private static partial void LogDatabase(ILogger logger, DatabaseProvider provider, string place);

    [LoggerMessage(LogLevel.Information, "Scope {ScopeId}: {Name}, read from {Source} at {Place}")]
    private static partial void LogScope(ILogger logger, int scopeId, string name, SourceKind source, string place);

    [LoggerMessage(LogLevel.Warning, "No scope is configured under Hokify:Scopes, so every request is refused; README.md shows how to configure one")]
    private static partial void LogNoScope(ILogger logger);
}
