using System.Collections.Concurrent;
using HokifyMessaging.Reading.AtsApi;
using HokifyMessaging.Reading.CsvFiles;
using HokifyMessaging.Reading.ExternApi;
using HokifyMessaging.Reading.Http;

namespace HokifyMessaging.Reading;

/// <summary>The source of each scope. A source lives as long as its scope's settings, and its token with it.</summary>
internal sealed class ApplicationSources(
    IOptionsMonitor<HokifyOptions> options, IHttpClientFactory clients, TimeProvider clock, ILogger<PageAttempts> logger)
{
    private readonly ConcurrentDictionary<int, Configured> _sources = new();

    /// <summary>Whatever a source says of too many calls, it says to everybody with the same credentials.</summary>
    private readonly ConcurrentDictionary<(Uri BaseAddress, string Mandator), SourceGate> _gates = new();

    /// <exception cref="SourceException">No scope of this id is configured.</exception>
    public IApplicationSource For(int scopeId)
    {
        var current = options.CurrentValue;
        if (!current.Scopes.TryGetValue(scopeId, out var scope))
        {
            throw new SourceException($"Scope {scopeId} has no source; expected is a section {HokifyOptions.Section}:Scopes:{scopeId}.");
        }

        return _sources.AddOrUpdate(
            scopeId,
            (_, asked) => new Configured(asked, SourceOf(scopeId, asked, current.Reading)),
            (_, known, asked) => ReferenceEquals(known.Scope, asked) ? known : new Configured(asked, SourceOf(scopeId, asked, current.Reading)),
            scope).Source;
    }

    private IApplicationSource SourceOf(int scopeId, ScopeOptions scope, ReadingOptions reading) => scope.Source switch
    {
        SourceKind.AtsApi => SourceOf(scopeId, scope.AtsApi, reading),
        SourceKind.ExternApi => SourceOf(scopeId, scope.ExternApi, reading),
        SourceKind.CsvFiles => new CsvFilesSource(scope.CsvFiles, clock, reading),
        var unknown => throw new SourceException($"Scope '{scope.Name}' has the source {unknown}, which does not exist; expected is one of {string.Join(", ", Enum.GetNames<SourceKind>())}."),
    };

    private IApplicationSource SourceOf(int scopeId, AtsApiOptions api, ReadingOptions reading)
    {
        var sourceClock = new SourceClock(clock);
        var client = new AtsApiClient(api, new HokifyHttp(scopeId, clients, api.BaseAddress, clock, sourceClock), new TokenCache(clock), reading);
        var attempts = new PageAttempts(scopeId, api.Http, clock, logger);
        return api.Version == AtsApiVersion.V1
            ? new AtsApiV1Source(api, client, attempts, sourceClock, reading)
            : new AtsApiSource(scopeId, api, client, attempts, _gates.GetOrAdd((api.BaseAddress, api.Mandator), _ => new SourceGate(clock)), sourceClock, reading);
    }

    private ExternApiSource SourceOf(int scopeId, ExternApiOptions api, ReadingOptions reading)
    {
        var sourceClock = new SourceClock(clock);
        var client = new ExternApiClient(api, new HokifyHttp(scopeId, clients, api.BaseAddress, clock, sourceClock), new TokenCache(clock), reading);
        return new ExternApiSource(api, client, new PageAttempts(scopeId, api.Http, clock, logger), sourceClock, reading);
    }

    private sealed record Configured(ScopeOptions Scope, IApplicationSource Source);
}
