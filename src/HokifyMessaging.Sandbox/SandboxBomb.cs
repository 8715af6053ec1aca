using System.Text.Json.Serialization;

namespace HokifyMessaging.Sandbox;

/// <summary>Answers that no reader can hold: what goes on, or is repeated, for <see cref="SandboxFault.BombBytes"/>.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<SandboxBomb>))]
public enum SandboxBomb
{
    /// <summary>A text in the list's first item.</summary>
    Text,

    /// <summary>The same, and a usual item behind it.</summary>
    TextBeforeAnother,

    /// <summary>The name of a member.</summary>
    Name,

    /// <summary>The digits of a number.</summary>
    Number,

    /// <summary>Small members of one item.</summary>
    Members,

    /// <summary>Small values in a list of one item.</summary>
    Values,

    /// <summary>Lists within lists, none of them closed.</summary>
    Nesting,

    /// <summary>Items that are numbers.</summary>
    Items,

    /// <summary>Applications of one group, each without a member.</summary>
    Group,

    /// <summary>Applications of one group, each with one member, beside a text that is as long as half of all.</summary>
    GroupWithText,

    /// <summary>White space before the document.</summary>
    SpaceBefore,

    /// <summary>White space between two items.</summary>
    SpaceBetween,

    /// <summary>White space inside of an item.</summary>
    SpaceInside,

    /// <summary>Large applications, each with a text of 10 MB.</summary>
    LargeItems,

    /// <summary>Bytes that are zero.</summary>
    Nuls,

    /// <summary>A header line of CSV.</summary>
    CsvHeader,

    /// <summary>A row of CSV that is one field.</summary>
    CsvField,

    /// <summary>A row of CSV that is fields of one letter.</summary>
    CsvFields,

    /// <summary>A quoted field of CSV, with line breaks, that is never closed.</summary>
    CsvQuoted,

    /// <summary>The same, with bytes on each line that are no UTF-8.</summary>
    CsvOdd,

    /// <summary>Empty lines before the header of CSV.</summary>
    CsvBlank,

    /// <summary><c>Link</c> headers, together that long; at most 1 MB.</summary>
    Headers,

    /// <summary>One blank after the other, each in a chunk of its own and after <see cref="SandboxFault.Delay"/>, until the reader leaves.</summary>
    Drip,
}
