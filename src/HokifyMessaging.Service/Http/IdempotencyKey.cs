using HokifyMessaging.Runs;

namespace HokifyMessaging.Service.Http;

/// <summary>The header <c>Idempotency-Key</c>, as the IETF's draft of that name has it: a text, with or without quotes.</summary>
internal static class IdempotencyKey
{
    public const string Header = "Idempotency-Key";
    public const string ReplayedHeader = "Idempotent-Replayed";

    /// <summary>The caller's key; null when it sent none.</summary>
    /// <exception cref="ParameterException">It is blank, given twice, or no key by its form.</exception>
    public static string? Of(HttpRequest request)
    {
        var values = request.Headers[Header];
        if (values.Count == 0)
        {
            return null;
        }

        var key = values.Count == 1 ? values[0]!.Trim(' ', '\t') : throw new ParameterException(Header, $"{Header} is given {values.Count} times; once is right.");
        if (key.Length >= 2 && key[0] == '"' && key[^1] == '"')
        {
            key = key[1..^1];
        }

        if (string.IsNullOrWhiteSpace(key))
        {
            throw new ParameterException(Header, $"{Header} is blank; name the import by it, or leave it out.");
        }

        return ImportRequestCheck.KeyProblem(key) is { } problem ? throw new ParameterException(Header, $"{Header} {problem}.") : key;
    }

    /// <summary>The request under its key: the header's, else its own, else none.</summary>
    /// <exception cref="ParameterException">Both name a key, and not the same.</exception>
    public static HokifyImportRequested UnderItsKey(this HokifyImportRequested request, HttpRequest http)
    {
        var header = Of(http);
        var own = string.IsNullOrWhiteSpace(request.IdempotencyKey) ? null : request.IdempotencyKey;
        return header is null || own is null || header == own
            ? request with { IdempotencyKey = own ?? header }
            : throw new ParameterException(Header, $"{Header} differs from idempotencyKey; give one of them, or the same in both.");
    }
}
