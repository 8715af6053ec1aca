using System.Reflection;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;

namespace HokifyMessaging.Service.WebConsole.Assets;

/// <summary>The style sheet and the script of the console. They lie in the program itself, and their addresses change with them, so that browsers may keep them.</summary>
internal static class ConsoleAssets
{
    public static readonly ConsoleAsset Style = ConsoleAsset.Read("console.css", "text/css; charset=utf-8");

    public static readonly ConsoleAsset Script = ConsoleAsset.Read("console.js", "text/javascript; charset=utf-8");

    public static readonly ConsoleAsset Icon = ConsoleAsset.Read("icon.svg", "image/svg+xml");

    public static void MapAssets(this IEndpointRouteBuilder endpoints)
    {
        foreach (var asset in new[] { Style, Script, Icon })
        {
            endpoints.MapGet($"{WebConsolePath.Root}/{asset.Name}", (HttpContext context) => Answer(context, asset)).AllowAnonymous().ExcludeFromDescription();
        }
    }

    private static FileContentHttpResult Answer(HttpContext context, ConsoleAsset asset)
    {
        context.Response.Headers.CacheControl = "public, max-age=31536000, immutable";
        return TypedResults.Bytes(asset.Bytes, asset.MediaType, entityTag: new EntityTagHeaderValue($"\"{asset.Version}\""));
    }
}

/// <summary>A file in the program.</summary>
/// <param name="Name">Its name.</param>
/// <param name="MediaType">What it is.</param>
/// <param name="Bytes">What is in it.</param>
internal sealed record ConsoleAsset(string Name, string MediaType, byte[] Bytes)
{
    public string Version { get; } = Convert.ToHexStringLower(SHA256.HashData(Bytes))[..12];

    public string Address => $"{WebConsolePath.Root}/{Name}?v={Version}";

    public static ConsoleAsset Read(string name, string mediaType)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"WebConsole/{name}")!;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return new ConsoleAsset(name, mediaType, bytes);
    }
}
