using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Claims;
using System.Security.Cryptography;
using HokifyMessaging.Results;
using HokifyMessaging.Service.Http.Keys;
using HokifyMessaging.Storage;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace HokifyMessaging.Service.Http.Downloads;

/// <summary>What a download link is good for.</summary>
internal abstract record LinkReading
{
    private LinkReading()
    {
    }

    /// <param name="RunId">The run.</param>
    /// <param name="Reader">As whose link it was made.</param>
    public sealed record Valid(Guid RunId, FileReader Reader) : LinkReading;

    public sealed record Expired : LinkReading;

    /// <summary>Not one of ours, or changed.</summary>
    public sealed record Forged : LinkReading;
}

/// <summary>
/// Links to a run's CSV that carry their own permission: whoever gets the event may follow it, without an API key, until it
/// expires.
/// </summary>
internal sealed class DownloadLinks(IDataProtectionProvider protection, IServer server, IOptions<HttpOptions> options, TimeProvider clock)
{
    public const string Path = "api/downloads";

    private const int PayloadLength = 16 + sizeof(long);

    /// <summary>Stands behind the payload of a link that shows no values of people.</summary>
    private const byte Masked = 1;

    // The purpose keeps these tokens apart from whatever else the same keys may protect one day.
    private readonly IDataProtector _protector = protection.CreateProtector("hokify.download.v1");

    /// <summary>The link that events bear. Null while the service listens nowhere that others could reach it at.</summary>
    public Uri? LinkTo(Guid runId, DateTimeOffset completedAt) => LinkTo(runId, completedAt, isMasked: false);

    /// <summary>The result as a caller may have it: its link opens no more than the caller's key does.</summary>
    public ExportImportResult ShownTo(ClaimsPrincipal caller, ExportImportResult result, Guid runId, DateTimeOffset? completedAt) =>
        result.DownloadUrl is null || caller.AsFileReader() == FileReader.KeyWithRight
            ? result
            : result with { DownloadUrl = completedAt is { } at ? LinkTo(runId, at, isMasked: true)?.AbsoluteUri : null };

    private Uri? LinkTo(Guid runId, DateTimeOffset completedAt, bool isMasked)
    {
        if (BaseAddress() is not { } address)
        {
            return null;
        }

        var payload = new byte[isMasked ? PayloadLength + 1 : PayloadLength];
        runId.TryWriteBytes(payload, bigEndian: true, out _);
        BinaryPrimitives.WriteInt64BigEndian(payload.AsSpan(16), (completedAt + options.Value.DownloadLifetime).ToUnixTimeSeconds());
        if (isMasked)
        {
            payload[PayloadLength] = Masked;
        }

        return new Uri($"{address.AbsoluteUri.TrimEnd('/')}/{Path}/{Base64Url.EncodeToString(_protector.Protect(payload))}");
    }

    public LinkReading Read(string token)
    {
        byte[] payload;
        try
        {
            payload = _protector.Unprotect(Base64Url.DecodeFromChars(token));
        }
        catch (Exception exception) when (exception is CryptographicException or FormatException && DatabaseErrors.Describe(exception) is null)
        {
            return new LinkReading.Forged();
        }

        var expires = DateTimeOffset.FromUnixTimeSeconds(BinaryPrimitives.ReadInt64BigEndian(payload.AsSpan(16)));
        var reader = payload.Length == PayloadLength ? FileReader.Link : FileReader.LinkOfKey;
        return clock.GetUtcNow() < expires ? new LinkReading.Valid(new Guid(payload.AsSpan(0, 16), bigEndian: true), reader) : new LinkReading.Expired();
    }

    private Uri? BaseAddress() =>
        options.Value.PublicBaseAddress
        ?? server.Features.Get<IServerAddressesFeature>()?.Addresses
            .Select(address => Uri.TryCreate(address, UriKind.Absolute, out var uri) ? uri : null)
            .FirstOrDefault(uri => uri is { IsLoopback: true });
}
