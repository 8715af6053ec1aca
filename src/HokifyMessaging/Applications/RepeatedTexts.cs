using System.IO.Hashing;
using System.Text.Unicode;

namespace HokifyMessaging.Applications;

/// <summary>
/// Texts that come again with record after record, such as questions, labels and their ids, so that each is made once. A text is kept
/// when it comes for the second time, and goes when others come in its place.
/// </summary>
internal sealed class RepeatedTexts
{
    private const int Places = 2048;

    /// <summary>Longer ones are somebody's own words.</summary>
    private const int Longest = 128;

    private const int MostUses = 8;

    /// <summary>One for each thread: nobody waits for another.</summary>
    [ThreadStatic]
    private static RepeatedTexts? _own;

    private readonly Place[] _places = new Place[Places];

    public static RepeatedTexts Own => _own ??= new RepeatedTexts();

    /// <returns>Null where it is no valid Unicode.</returns>
    public string? Of(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length > Longest)
        {
            return Made(utf8);
        }

        var hash = XxHash3.HashToUInt64(utf8);
        ref var place = ref _places[hash % Places];
        if (place.Hash != hash)
        {
            // What has come often outlives a few that come once.
            place = place.Uses > 0 ? place with { Uses = place.Uses - 1 } : new Place(hash, null, null, 0);
            return Made(utf8);
        }

        if (place.Utf8 is null && Made(utf8) is { } text)
        {
            place = new Place(hash, utf8.ToArray(), text, MostUses);
            return text;
        }

        if (!utf8.SequenceEqual(place.Utf8))
        {
            return Made(utf8);
        }

        place = place with { Uses = MostUses };
        return place.Text;
    }

    private static string? Made(ReadOnlySpan<byte> utf8) => Utf8.IsValid(utf8) ? Encoding.UTF8.GetString(utf8) : null;

    private readonly record struct Place(ulong Hash, byte[]? Utf8, string? Text, int Uses);
}
