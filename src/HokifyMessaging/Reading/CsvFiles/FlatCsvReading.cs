using System.IO.Hashing;
using System.Runtime.InteropServices;
using CsvHelper;
using CsvHelper.Configuration;

namespace HokifyMessaging.Reading.CsvFiles;

/// <summary>One pass over one file or answer, and what it showed of it as a whole.</summary>
internal sealed class FlatCsvReading(Stream stream, string name, FlatFields fields, ReadingOptions limits, Encoding? encoding, bool serialDates, Func<KnownEnd> end)
{
    private const int MostOddLines = 10;
    private const int LongestText = 2_000;
    private const int RowsCompared = 50;

    private readonly Queue<string> _lastFields = new(RowsCompared);
    private readonly List<int> _oddLines = [];
    private DecodedText? _text;
    private int _odd;

    /// <summary>Why this is not all, as one sentence; known at the end.</summary>
    public string? Flaw { get; private set; }

    /// <summary>Which rows hold bytes that their encoding does not have, as one sentence; known at the end.</summary>
    public string? Oddity { get; private set; }

    /// <summary>Whether a row was too long to be kept whole, so that only the source has it.</summary>
    public bool HasCut { get; private set; }

    /// <summary>Over all rows so far: two files with one digest have the same rows.</summary>
    public UInt128 Digest { get; private set; }

    /// <summary>Over all bytes so far.</summary>
    public UInt128 ContentHash => _text?.ContentHash ?? default;

    /// <exception cref="SourceException">The header is not usable.</exception>
    public async IAsyncEnumerable<SourceRecord> RecordsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        _text = await DecodedText.OpenAsync(stream, encoding, cancellationToken);
        var header = await FlatHeader.ReadAsync(_text, fields, name, cancellationToken);
        using var rows = new RowText(_text, header.Separator, header.Lines, new RowLimits(name, limits), cancellationToken);
        string? malformed = null;
        using var csv = new CsvParser(rows, new CsvConfiguration(CultureInfo.InvariantCulture)
        {
            Delimiter = header.Separator.ToString(),
            // A quotation mark inside a field without quotation marks is just a letter.
            BadDataFound = bad => malformed = bad.Field.StartsWith('"') ? bad.Field : malformed,
        });

        while (await csv.ReadAsync())
        {
            cancellationToken.ThrowIfCancellationRequested();
            malformed = null;
            var row = rows.Next();
            var texts = csv.Record ?? [];
            var flat = row.Fields == header.Members.Length && texts.Length == row.Fields ? new FlatRow(texts, header, $"{name} line {row.Line}") : null;
            var isBlank = Array.TrueForAll(texts, string.IsNullOrWhiteSpace);
            // A blank behind the last line break is no row that was cut.
            if (!row.IsOpen && (row.HasEnd || row.Fields == 1) && isBlank)
            {
                continue;
            }

            Note(row);
            Digest = Mixed(flat is not null && malformed is null ? flat.Hash() : HashOf(texts));
            var last = flat is null || malformed is not null ? null : texts[^1];
            if (!row.HasEnd && CutIn(row, header, last) is { } cut)
            {
                Flaw = $"{name} is not whole: line {row.Line} {cut}.";
                yield return Reject(row, "row", FailureCause.Unreadable, $"is cut: it {cut}", texts);
            }
            else if (row.LongField is { } index)
            {
                var field = flat is not null && !row.IsLong && index < header.Members.Length ? header.Members[index] : "row";
                yield return Reject(row, field, FailureCause.TooLarge, rows.Limits.Problem(row, field == "row"), texts, index == 0 ? null : flat?.PlainId);
            }
            else if (flat is null)
            {
                yield return Reject(row, "row", FailureCause.Unreadable, Counted.Text($"has {row.Fields} {row.Fields:field|fields}; the header has {header.Members.Length}"), texts);
            }
            else if (malformed is not null)
            {
                yield return Reject(row, "row", FailureCause.Unreadable, "has a quotation mark inside a quoted field; expected are two in a row", texts);
            }
            else if (row.IsOdd && flat.OddIdField is { } id)
            {
                yield return Reject(row, id, FailureCause.BadId, $"holds bytes that are no {_text.Encoding.WebName}; expected are letters and digits", texts);
            }
            else if (!isBlank)
            {
                Remember(last!);
                if (serialDates)
                {
                    WriteDates(texts, header);
                }

                yield return flat.ReadLater(row.Length);
            }
        }

        Conclude(header);
    }

    /// <summary>A row's payload is read again without the settings of its file, so that it holds dates that everybody reads.</summary>
    private static void WriteDates(string[] texts, FlatHeader header)
    {
        foreach (var field in (ReadOnlySpan<string>)[FlatFields.Birthday, FlatFields.ApplicationDate])
        {
            if (header.IndexOf(field) is { } column)
            {
                texts[column] = SerialDate.Written(texts[column]);
            }
        }
    }

    /// <summary>Null where the row that has no line break behind it is whole all the same.</summary>
    private string? CutIn(TextRow row, FlatHeader header, string? last)
    {
        if (row.IsOpen)
        {
            return "has a quotation mark that is never closed, so that nothing behind it can be read; expected is a closing one";
        }

        if (_text!.EndsInsideLetter)
        {
            return "ends in the middle of a letter; expected is a copy that is complete";
        }

        if (row.Fields < header.Members.Length)
        {
            return Counted.Text($"ends after {row.Fields} of {header.Members.Length} {header.Members.Length:field|fields}, with no line break behind it; expected is a copy that is complete");
        }

        var known = end();
        if (known.IsCertain || row.EndsQuoted)
        {
            return null;
        }

        return (last is null ? LastFieldLikeness.Unknown : LastField.Compare(last, _lastFields)) switch
        {
            LastFieldLikeness.Whole => null,
            LastFieldLikeness.Beginning => "has no line break behind it, and its last field looks like the beginning of one; expected is a line break behind the last row",
            _ => known.Doubt is { } doubt ? $"has no line break behind it, and {doubt}; expected is a line break behind the last row" : null,
        };
    }

    private void Conclude(FlatHeader header)
    {
        if (!header.HasEnd && end() is { IsCertain: false } known && (_text!.EndsInsideLetter ? "ends in the middle of a letter" : known.Doubt) is { } doubt)
        {
            Flaw = $"{name} may not be whole: it ends with its header line, which has no line break behind it, and {doubt}.";
        }

        // Letters that never were right show that the guess at the encoding was wrong, not the bytes; they have been read as what they are.
        if (_odd > 0 && (_text!.HasLetters || encoding is not null))
        {
            var lines = string.Join(", ", _oddLines);
            var more = _odd > _oddLines.Count ? string.Create(CultureInfo.InvariantCulture, $" and {_odd - _oddLines.Count} more") : "";
            var how = _text.Encoding is UTF8Encoding ? "they were read as windows-1252" : "they were replaced";
            Oddity = $"{name} holds bytes that are no {_text.Encoding.WebName} in line {lines}{more}; {how}, expected is a file in one encoding.";
        }
    }

    private void Note(TextRow row)
    {
        if (!row.IsOdd)
        {
            return;
        }

        _odd++;
        if (_oddLines.Count < MostOddLines)
        {
            _oddLines.Add(row.Line);
        }
    }

    private void Remember(string last)
    {
        if (_lastFields.Count == RowsCompared)
        {
            _lastFields.Dequeue();
        }

        _lastFields.Enqueue(last);
    }

    private UInt128 Mixed(UInt128 row)
    {
        Span<UInt128> both = [Digest, row];
        return XxHash128.HashToUInt128(MemoryMarshal.AsBytes(both));
    }

    private static UInt128 HashOf(string[] texts) => XxHash128.HashToUInt128(JsonSerializer.SerializeToUtf8Bytes(texts));

    private SourceRecord Reject(TextRow row, string field, FailureCause cause, string problem, string[] texts, ApplicationId? id = null)
    {
        HasCut |= row.IsCut;
        var where = row.MoreLines == 0 || row.IsOpen ? problem : Counted.Text($"{problem}; it goes on for {row.MoreLines} more {row.MoreLines:line|lines}");
        var kept = Array.ConvertAll(texts, text => text.Length > LongestText && (row.LongField is not null || row.IsOpen) ? text[..LongestText] : text);
        var rejection = new Rejection(ElementNames.CandidateProfile, $"{name} line {row.Line}", id, field, cause, where, JsonSerializer.Serialize(new { row = kept }));
        return new SourceRecord(rejection.Position, rejection) { Bytes = row.Length };
    }
}
