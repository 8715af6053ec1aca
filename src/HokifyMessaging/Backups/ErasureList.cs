using System.Security.Cryptography;
using System.Text.Json.Serialization;
using HokifyMessaging.Storage;
using HokifyMessaging.Writing;

namespace HokifyMessaging.Backups;

/// <summary>Who was erased, as a file: keyed hashes, from which nobody reads an id, and which key they were made with.</summary>
/// <param name="Place">Where it was read, for sentences.</param>
/// <param name="ErasureKey">The key's fingerprint; null where the database knew no key and nobody was erased.</param>
/// <param name="Erasures">The hashes.</param>
internal sealed record ErasureList(string Place, string? ErasureKey, IReadOnlyList<RememberedErasure> Erasures)
{
    private const string KnownFormat = "hokify-erasures/1";
    private const string Expected = "expected is a list that 'hokify erasures export' has written";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    /// <summary>Writes a list, a line for each hash.</summary>
    public async Task WriteAsync(Stream output, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var text = new StreamWriter(output, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true) { NewLine = "\n" };
        await text.WriteLineAsync($$"""{"format": "{{KnownFormat}}", "erasureKey": {{JsonSerializer.Serialize(ErasureKey, Json)}}, "exportedAt": {{JsonSerializer.Serialize(now, Json)}}, "erasures": [""");
        foreach (var (number, erasure) in Erasures.Index())
        {
            cancellationToken.ThrowIfCancellationRequested();
            var line = JsonSerializer.Serialize(new Entry(erasure.ScopeId, Convert.ToHexStringLower(erasure.Hash), erasure.ErasedAt), Json);
            await text.WriteLineAsync(number == Erasures.Count - 1 ? line : $"{line},");
        }

        await text.WriteLineAsync("]}");
    }

    /// <summary>Reads a list.</summary>
    /// <param name="input">Where from.</param>
    /// <param name="place">What that is called in sentences.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="BackupException">It is none, or was cut.</exception>
    public static async Task<ErasureList> ReadAsync(Stream input, string place, CancellationToken cancellationToken)
    {
        Content content;
        try
        {
            content = await JsonSerializer.DeserializeAsync<Content>(input, Json, cancellationToken) ?? throw new JsonException();
        }
        catch (JsonException exception)
        {
            throw new BackupException(
                $"{place} cannot be read{(exception.LineNumber is { } line ? string.Create(CultureInfo.InvariantCulture, $" from line {line + 1} on") : "")}: it was cut or changed, or is something else; {Expected}.", exception);
        }

        if (content.Format != KnownFormat)
        {
            throw new BackupException($"{place} is of the form '{content.Format}', which this version does not know; {Expected}.");
        }

        if (content.Erasures.Count > 0 && content.ErasureKey is null)
        {
            throw new BackupException($"{place} does not say which erasure key its hashes were made with; {Expected}.");
        }

        return new ErasureList(place, content.ErasureKey, [.. content.Erasures.Select((entry, index) => Read(entry, index, place))]);
    }

    private static RememberedErasure Read(Entry entry, int index, string place)
    {
        var number = string.Create(CultureInfo.InvariantCulture, $"{place}, hash {index + 1}");
        if (entry.ScopeId == ErasedKey.OfNobody)
        {
            throw new BackupException($"{number}: scopeId {entry.ScopeId} is no scope's; {Expected}.");
        }

        return entry.Hash.Length == 2 * SHA256.HashSizeInBytes && entry.Hash.All(char.IsAsciiHexDigit)
            ? new RememberedErasure(entry.ScopeId, Convert.FromHexString(entry.Hash), entry.ErasedAt)
            : throw new BackupException($"{number} is not {2 * SHA256.HashSizeInBytes} hexadecimal digits; {Expected}.");
    }

    private sealed record Content(string Format, string? ErasureKey, DateTimeOffset ExportedAt, IReadOnlyList<Entry> Erasures);

    private sealed record Entry(int ScopeId, string Hash, DateTimeOffset ErasedAt);
}
