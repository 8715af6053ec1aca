using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
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

    public sealed record Valid(Guid RunId) : LinkReading;

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

    // The purpose keeps these tokens apart from whatever else the same keys may protect one day.
    private readonly IDataProtector _protector = protection.CreateProtector("hokify.download.v1");

    /// <summary>Null while the service listens nowhere that others could reach it at.</summary>
    public Uri? LinkTo(Guid runId, DateTimeOffset completedAt)
    {
        if (BaseAddress() is not { } address)
        {
            return null;
        }

        var payload = new byte[PayloadLength];
        runId.TryWriteBytes(payload, bigEndian: true, out _);
        BinaryPrimitives.WriteInt64BigEndian(payload.AsSpan(16), (completedAt + options.Value.DownloadLifetime).ToUnixTimeSeconds());
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
        return clock.GetUtcNow() < expires ? new LinkReading.Valid(new Guid(payload.AsSpan(0, 16), bigEndian: true)) : new LinkReading.Expired();
    }

    private Uri? BaseAddress() =>
        options.Value.PublicBaseAddress
        ?? server.Features.Get<IServerAddressesFeature>()?.Addresses
            .Select(address => Uri.TryCreate(address, UriKind.Absolute, out var uri) ? uri : null)
            .FirstOrDefault(uri => uri is { IsLoopback: true });
}
