using System.Buffers;
using System.Text.RegularExpressions;

namespace HokifyMessaging.Results;

/// <summary>A text as a cell of a workbook can hold it.</summary>
internal static partial class CellText
{
    /// <summary>The most characters that Excel lets a cell have.</summary>
    public const int MaxLength = 32_767;

    /// <summary>Stands for what XML has no way to write.</summary>
    private const char Replacement = '\uFFFD';

    /// <summary>Whatever may need more than to be written as it is.</summary>
    private static readonly SearchValues<char> Special = SearchValues.Create(
        [.. Enumerable.Range(0, char.MaxValue + 1).Select(code => (char)code).Where(c => c is '_' or '\r' || char.IsSurrogate(c) || !IsXml(c))]);

    /// <summary>
    /// Cuts what is too long, and says so in the cell. Line ends become the one that a cell has; what XML forbids becomes a sign that can be
    /// seen; and what a spreadsheet program would take for its own way to write a character (<c>_x0041_</c>) is kept from being one.
    /// </summary>
    public static string Of(string text)
    {
        if (text.Length <= MaxLength && !text.AsSpan().ContainsAny(Special))
        {
            return text;
        }

        return WrittenCharacter().Replace(Valid(Cut(text.ReplaceLineEndings("\n"))), "_x005F_");
    }

    private static string Cut(string text)
    {
        if (text.Length <= MaxLength)
        {
            return text;
        }

        var mark = string.Create(CultureInfo.InvariantCulture, $"… (cut: this text has {text.Length} characters, and a cell holds {MaxLength})");
        var end = MaxLength - mark.Length;
        return string.Concat(text.AsSpan(0, char.IsHighSurrogate(text[end - 1]) ? end - 1 : end), mark);
    }

    private static string Valid(string text) => string.Create(text.Length, text, (cell, from) =>
    {
        for (var i = 0; i < from.Length; i++)
        {
            if (i + 1 < from.Length && char.IsSurrogatePair(from[i], from[i + 1]))
            {
                (cell[i], cell[i + 1]) = (from[i], from[i + 1]);
                i++;
            }
            else
            {
                cell[i] = IsXml(from[i]) && !char.IsSurrogate(from[i]) ? from[i] : Replacement;
            }
        }
    });

    private static bool IsXml(char character) => character is '\t' or '\n' or '\r' or >= ' ' and not ('\uFFFE' or '\uFFFF');

    [GeneratedRegex("_(?=x[0-9A-Fa-f]{4}_)")]
    private static partial Regex WrittenCharacter();
}
