using System.Buffers;
using System.Collections.Frozen;

namespace HokifyMessaging.Applications;

/// <summary>
/// The ids that say what is one and the same: an application's and a person's. hokify's are 24 hexadecimal digits and mean the
/// same in upper case; other sources may have others of letters, digits, <c>-</c> and <c>_</c>. Whatever a spreadsheet has made
/// of an id is none: taken for one, it would be a new application.
/// </summary>
internal static class RecordId
{
    public const string Fractional = "is a number with a fraction or an exponent; expected is the id as a text or a whole number";

    private const int HokifyLength = 24;

    /// <summary>Spreadsheets keep 15 digits of a number; what comes behind them they make zeros.</summary>
    private const int KeptDigits = 15;

    /// <summary>Shorter numbers end in zeros by chance, too.</summary>
    private const int RoundedLength = 20;

    private const string Expected = "expected is the id itself, of letters (A to Z), digits, - and _";
    private const string AsText = "expected is the id itself, from a column that is formatted as text";

    private const string OfDigits = "0123456789";
    private const string OfLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    private static readonly SearchValues<char> Hex = SearchValues.Create(OfDigits + "abcdefABCDEF");
    private static readonly SearchValues<char> UpperHex = SearchValues.Create("ABCDEF");
    private static readonly SearchValues<char> Digits = SearchValues.Create(OfDigits);
    private static readonly SearchValues<char> Letters = SearchValues.Create(OfLetters);
    private static readonly SearchValues<char> Allowed = SearchValues.Create(OfDigits + OfLetters + "-_");
    private static readonly SearchValues<char> OfNumbers = SearchValues.Create(OfDigits + ".,'\u2019");
    private static readonly SearchValues<char> Apostrophes = SearchValues.Create("'\u2018\u2019`\u00B4");

    /// <summary>What stands in the id's column of a line of totals, of a header that is repeated, or instead of no id at all.</summary>
    private static readonly FrozenSet<string> Words = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        "summe", "summen", "gesamt", "gesamtsumme", "gesamtzahl", "gesamtanzahl", "gesamtergebnis", "zwischensumme", "endsumme", "insgesamt",
        "total", "totals", "subtotal", "grandtotal", "sum", "count", "anzahl", "ergebnis", "ende", "end", "eof", "seite", "page",
        "null", "nil", "none", "undefined", "nan", "na", "unknown", "unbekannt", "leer", "empty", "keine", "keiner", "kein", "true", "false", "wahr", "falsch",
        "id", "oid", "matchid", "applicationid", "bewerbungsid", "userid", "bewerberid", "benutzerid", "applicantid");

    private static readonly FrozenSet<string> Totals = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase, "summe", "gesamt", "gesamtsumme", "gesamtanzahl", "zwischensumme", "endsumme", "insgesamt", "anzahl", "total", "subtotal");

    /// <summary>How spreadsheets write the fifth of May: May-05, 5-Mai.</summary>
    private static readonly string[] Months = ["Jan", "Jän", "Feb", "Mär", "Mrz", "Mar", "Apr", "Mai", "May", "Jun", "Jul", "Aug", "Sep", "Okt", "Oct", "Nov", "Dez", "Dec"];

    /// <param name="given">The id as the record has it.</param>
    /// <param name="id">The id as it is compared; empty where there is none to be seen.</param>
    /// <param name="problem">Completes a sentence that begins with the field.</param>
    public static bool TryRead(string given, out string id, out string problem)
    {
        problem = "";
        id = InvisibleText.Without(given);
        if (id.Length == HokifyLength && !id.AsSpan().ContainsAnyExcept(Hex))
        {
            if (id.AsSpan().ContainsAny(UpperHex))
            {
                id = id.ToLowerInvariant();
            }

            problem = IsRounded(id) ? $"is a number that a spreadsheet has rounded; {AsText}" : "";
        }
        else
        {
            problem = ProblemOf(id);
        }

        return problem.Length == 0;
    }

    private static string ProblemOf(string id)
    {
        if (id.Length == 0)
        {
            return "is missing; every record needs it";
        }

        if (id.Length > ApplicationId.MaxLength)
        {
            return $"has {id.Length} characters; an id has at most {ApplicationId.MaxLength}";
        }

        if (id.AsSpan().ContainsAnyExcept(Allowed))
        {
            return id switch
            {
                ['=', ..] => $"is a formula, as a spreadsheet writes it; {Expected}",
                ['#', ..] => $"is an error value of a spreadsheet; {AsText}",
                [var first, ..] when Apostrophes.Contains(first) => $"begins with an apostrophe, which a spreadsheet puts before a text; {Expected}",
                _ when IsScientific(id) => $"is a number in scientific notation, which a spreadsheet makes of a long id; {AsText}",
                _ when IsDate(id) => $"is a date, which a spreadsheet makes of an id; {AsText}",
                _ when IsGroupedOrFractional(id) => $"is a number with a fraction or with groups of digits, which a spreadsheet makes of an id; {AsText}",
                _ when id.Any(char.IsWhiteSpace) => $"is a text with blanks or line breaks, such as a line of totals; {Expected}",
                _ => $"holds other characters than those of an id; {Expected}",
            };
        }

        return IsRounded(id) ? $"is a number that a spreadsheet has rounded; {AsText}"
            : IsDate(id) ? $"is a date, which a spreadsheet makes of an id; {AsText}"
            : IsWord(id) ? $"is a word, such as that of a line of totals; {Expected}"
            : "";
    }

    /// <summary>5,07E+23 and its like; without sign and separator it may be somebody's id.</summary>
    private static bool IsScientific(ReadOnlySpan<char> id)
    {
        var exponent = id.IndexOfAny('e', 'E');
        if (exponent <= 0)
        {
            return false;
        }

        var mantissa = id[..exponent].TrimStart("+-");
        var power = id[(exponent + 1)..].TrimStart("+-");
        return mantissa.Length > 0 && power.Length > 0
            && !mantissa.ContainsAnyExcept(OfNumbers) && mantissa.ContainsAny(Digits) && !power.ContainsAnyExcept(Digits);
    }

    private static bool IsGroupedOrFractional(ReadOnlySpan<char> id)
    {
        var number = id.TrimStart("+-");
        return number.ContainsAny(Digits) && !number.ContainsAnyExcept(OfNumbers);
    }

    private static bool IsDate(string id)
    {
        if (WrittenDate.TryRead(id, out _))
        {
            return true;
        }

        var text = id.AsSpan();
        Span<Range> parts = stackalloc Range[4];
        var count = text.SplitAny(parts, "-./", StringSplitOptions.None);
        if (count is < 2 or > 3)
        {
            return false;
        }

        var (months, numbers) = (0, 0);
        foreach (var part in parts[..count])
        {
            var piece = text[part];
            months += IsMonth(piece) ? 1 : 0;
            numbers += piece.Length is 1 or 2 or 4 && !piece.ContainsAnyExcept(Digits) ? 1 : 0;
        }

        // 05/01/2026 and 05-01-2026; two numbers alone, as 17-4, may be an id.
        var isNumeric = count == 3 && numbers == 3 && text[parts[2]].Length == 4 && text[parts[0]].Length <= 2;
        return isNumeric || (months == 1 && numbers == count - 1);
    }

    private static bool IsMonth(ReadOnlySpan<char> text)
    {
        foreach (var month in Months)
        {
            if (text.SequenceEqual(month))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsRounded(string id) =>
        id.Length >= RoundedLength && id.AsSpan(KeptDigits).Trim('0').IsEmpty && !id.AsSpan().ContainsAnyExcept(Digits);

    /// <summary>An id without any digit is rare, and as a rule a word that somebody wrote below or above the ids.</summary>
    private static bool IsWord(string id)
    {
        var text = id.AsSpan();
        if (text.ContainsAny(Digits))
        {
            var behind = text.IndexOfAnyExcept(Letters);
            return behind > 0 && !text[behind..].ContainsAny(Letters) && Totals.GetAlternateLookup<ReadOnlySpan<char>>().Contains(text[..behind]);
        }

        var letters = string.Concat(id.Split('-', '_'));
        return letters.Length == 0 || Words.Contains(letters) || Array.TrueForAll(id.Split('-', '_'), IsCapitalized);
    }

    private static bool IsCapitalized(string word) =>
        word.Length > 2 && char.IsAsciiLetterUpper(word[0]) && word.AsSpan(1).IndexOfAnyExceptInRange('a', 'z') < 0;
}
