using System.Text.Encodings.Web;
using System.Text.Json.Serialization;

namespace HokifyMessaging.Service.Commands;

/// <summary>What the verbs have in common that do one thing and end.</summary>
internal static class CommandHost
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter() },
    };

    /// <summary>A host with the service's configuration, and without logs: such a verb says what there is to say itself.</summary>
    /// <exception cref="OptionsValidationException">A setting is not known.</exception>
    public static HostApplicationBuilder CreateBuilder()
    {
        var builder = CreateUncheckedBuilder();
        builder.Configuration.RequireKnown();
        return builder;
    }

    /// <summary>The same for a verb that says of each setting what is wrong with it.</summary>
    public static HostApplicationBuilder CreateUncheckedBuilder()
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.AddOwnFiles(builder.Environment.EnvironmentName);
        builder.Logging.ClearProviders();
        return builder;
    }

    /// <summary>A host for verbs that only need the database; whether scopes and transport are well configured is not their concern.</summary>
    /// <param name="configure">What the verb needs beside it.</param>
    public static IHost BuildWithDatabase(Action<HostApplicationBuilder>? configure = null)
    {
        var builder = CreateBuilder();
        configure?.Invoke(builder);
        builder.Services.AddHokifyMessaging();
        var host = builder.Build();

        // Reads what is configured, so that a mistake in it is told before anything is opened.
        _ = DatabasePlace.Of(host.Services.GetRequiredService<IOptions<DatabaseOptions>>().Value);
        return host;
    }

    /// <summary>Prints what scripts read; nothing else goes to the output then.</summary>
    public static void WriteJson<T>(T value) => Terminal.Out.WriteLine(JsonSerializer.Serialize(value, Json));
}
