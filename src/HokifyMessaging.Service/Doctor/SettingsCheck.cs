using System.Runtime.CompilerServices;
using HokifyMessaging.CheckUp;
using HokifyMessaging.Service.Commands;
using HokifyMessaging.Service.Http;

namespace HokifyMessaging.Service.Doctor;

/// <summary>Whether each setting is known and has a value that it can have, and whether they go together.</summary>
internal sealed class SettingsCheck(IConfiguration configuration, IServiceProvider services, TimeProvider clock) : ICheck
{
    public string Subject => "settings";

    /// <summary>A sentence for each setting that is wrong.</summary>
    public IReadOnlyList<string> Faults => field ??=
    [
        .. SettingFiles.Unknown(configuration)
            .Concat(FaultsOf(() => DatabasePlace.RequireLasting(services.GetRequiredService<IOptions<DatabaseOptions>>().Value)))
            .Concat(FaultsOf(() => services.GetRequiredService<IOptions<HokifyOptions>>().Value))
            .Concat(FaultsOf(() => services.GetRequiredService<IOptions<TransportOptions>>().Value))
            .Concat(FaultsOf(() => services.GetRequiredService<IOptions<HttpOptions>>().Value))
            .Distinct(StringComparer.Ordinal),
    ];

    public async IAsyncEnumerable<Finding> LookAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        foreach (var fault in Faults)
        {
            yield return new Finding(Subject, Verdict.Wrong, fault);
        }

        if (Faults.Count > 0)
        {
            yield break;
        }

        var notes = Notes().ToList();
        foreach (var note in notes)
        {
            yield return new Finding(Subject, Verdict.Note, note);
        }

        if (notes.Count == 0)
        {
            yield return new Finding(Subject, Verdict.Ok, $"Read from {SettingFiles.Places(configuration)}; all of them are known, and in their ranges.");
        }
    }

    private IEnumerable<string> Notes()
    {
        if (services.GetRequiredService<IOptions<HokifyOptions>>().Value.Scopes.Count == 0)
        {
            yield return $"No scope is configured under {HokifyOptions.Section}:{nameof(HokifyOptions.Scopes)}, so nothing but 'hokify import --file' imports anything; {SettingFiles.WereRead(configuration)}.";
        }

        var broker = configuration.GetSection($"{TransportOptions.Section}:{nameof(TransportOptions.RabbitMq)}");
        if (services.GetRequiredService<IOptions<TransportOptions>>().Value.Kind == TransportKind.InMemory && broker.GetChildren().Any())
        {
            yield return $"{broker.Path} is configured and not used, because {TransportOptions.Section}:{nameof(TransportOptions.Kind)} is InMemory; set it to RabbitMq.";
        }

        var http = services.GetRequiredService<IOptions<HttpOptions>>().Value;
        foreach (var (name, key) in http.Keys.Where(key => key.Value.ExpiresAt <= clock.GetUtcNow()).OrderBy(key => key.Key, StringComparer.Ordinal))
        {
            yield return string.Create(
                CultureInfo.InvariantCulture, $"API key {name} expired at {key.ExpiresAt:yyyy-MM-dd HH:mm:ss zzz} and is refused; 'hokify keys new' makes another, and {HttpOptions.Section}:{nameof(HttpOptions.Keys)}:{name} can go.");
        }
    }

    private static IReadOnlyList<string> FaultsOf(Action read)
    {
        try
        {
            read();
            return [];
        }
        catch (Exception exception) when (exception is OptionsValidationException or InvalidOperationException or VerbException)
        {
            return CommandErrors.Sentences(exception);
        }
    }

    private static IReadOnlyList<string> FaultsOf(Func<object> read) => FaultsOf(() => { _ = read(); });
}
