namespace HokifyMessaging.Service.Http;

/// <summary>The header <c>Idempotency-Key</c>, as the IETF's draft of that name has it: a text, with or without quotes.</summary>
internal static class IdempotencyKey
{
    public const string Header = "Idempotency-Key";
    public const string ReplayedHeader = "Idempotent-Replayed";

    private const int MaxLength = 200;

    /// <summary>The caller's key; null when it sent none.</summary>
    /// <exception cref="ParameterException">It is blank, too long or given twice.</exception>
    public static string? Of(HttpRequest request)
    {
        var values = request.Headers[Header];
        if (values.Count == 0)
        {
            return null;
        }

        var key = values.Count == 1 ? values[0]!.Trim() : throw new ParameterException(Header, $"{Header} is given {values.Count} times; once is right.");
        if (key.Length >= 2 && key[0] == '"' && key[^1] == '"')
        {
            key = key[1..^1];
        }

        return key.Length is > 0 and <= MaxLength && !string.IsNullOrWhiteSpace(key)
            ? key
            : throw new ParameterException(Header, $"{Header} has {key.Length} characters; it must have 1 to {MaxLength}, not only blanks.");
    }

    /// <summary>The key of a request that brought none: each such request is one of its own.</summary>
    public static string Fresh() => $"http:{Guid.NewGuid()}";
}
