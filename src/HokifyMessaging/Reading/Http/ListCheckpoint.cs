using System.Globalization;
using HokifyMessaging.Applications;

namespace HokifyMessaging.Reading.Http;

/// <summary>
/// How far a list that has no offset was read: <c>item:500:5c8f…</c>, the number of records and the id of the last one. The id
/// finds the place again in a list that has grown or shrunk since; without one (<c>item:500</c>) the number has to do.
/// </summary>
internal sealed record ListCheckpoint(long Items, string? LastId)
{
    private const string Prefix = "item:";

    public static ListCheckpoint Start { get; } = new(0, null);

    public static ListCheckpoint Behind(long items, ApplicationRecord last)
    {
        var id = last.Id?.Value;
        return new ListCheckpoint(items, id is { Length: > 0 and <= ApplicationId.MaxLength } ? id : null);
    }

    /// <exception cref="SourceException">The text is not a checkpoint of a list.</exception>
    public static ListCheckpoint Parse(string source, string? checkpoint)
    {
        if (checkpoint is null)
            return Start;
        if (checkpoint.StartsWith(Prefix, StringComparison.Ordinal))
        {
            var parts = checkpoint[Prefix.Length..].Split(':', 2);
            if (long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var items))
                return new ListCheckpoint(items, parts.Length == 2 && parts[1].Length > 0 ? parts[1] : null);
        }

        throw new SourceException($"{source}: the run's checkpoint is not one of this source; expected is '{Prefix}' and a number. Was the scope's source changed in mid-run?");
    }

    /// <summary>Whether this record, the <paramref name="items"/>th of the list, is the one that was delivered last.</summary>
    public bool IsAt(long items, ApplicationRecord record) => LastId is null ? items == Items : record.Id?.Value == LastId;

    public override string ToString() =>
        LastId is null ? string.Create(CultureInfo.InvariantCulture, $"{Prefix}{Items}") : string.Create(CultureInfo.InvariantCulture, $"{Prefix}{Items}:{LastId}");
}
