namespace HokifyMessaging.Reading;

/// <summary>Encodings by the names under which answers and settings know them.</summary>
internal static class TextEncodings
{
    private static readonly string[] CodePagePrefixes = ["windows", "cp", "xcp", "ibm", "dos", "ansi"];

    /// <summary>In which spreadsheets save CSV in this part of the world.</summary>
    public static Encoding Windows1252 { get; } = CodePagesEncodingProvider.Instance.GetEncoding(1252)!;

    /// <summary>Null for a name that nobody knows.</summary>
    public static Encoding? Find(string name)
    {
        var plain = Plain(name);
        return plain switch
        {
            "" => null,
            "utf8" => Encoding.UTF8,
            // Whoever says so sends Windows-1252: the 32 characters in which they differ are control characters that nobody means.
            "latin1" or "l1" or "iso88591" or "ascii" or "usascii" or "ansi" => Windows1252,
            "latin9" or "l9" => Registered("iso-8859-15"),
            "utf16" or "ucs2" or "unicode" => Encoding.Unicode,
            _ => Registered(name.Trim().Trim('"', '\'').Trim()) ?? OfCodePage(plain) ?? OfIso(plain),
        };
    }

    private static Encoding? OfCodePage(string plain)
    {
        var prefix = CodePagePrefixes.FirstOrDefault(prefix => plain.StartsWith(prefix, StringComparison.Ordinal));
        return prefix is not null && int.TryParse(plain.AsSpan(prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var page)
            ? Known(() => CodePagesEncodingProvider.Instance.GetEncoding(page) ?? Encoding.GetEncoding(page))
            : null;
    }

    private static Encoding? OfIso(string plain) =>
        plain.StartsWith("iso8859", StringComparison.Ordinal) ? Registered($"iso-8859-{plain["iso8859".Length..]}") : null;

    private static Encoding? Registered(string name) => Known(() => CodePagesEncodingProvider.Instance.GetEncoding(name) ?? Encoding.GetEncoding(name));

    private static Encoding? Known(Func<Encoding> find)
    {
        try
        {
            return find();
        }
        catch (Exception unknown) when (unknown is ArgumentException or NotSupportedException)
        {
            // .NET has no question for it, and refuses UTF-7 with the other exception.
            return null;
        }
    }

    private static string Plain(string name) => string.Concat(name.Where(char.IsAsciiLetterOrDigit)).ToLowerInvariant();
}
