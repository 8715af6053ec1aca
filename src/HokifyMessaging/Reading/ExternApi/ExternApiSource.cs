using System.Collections.ObjectModel;
using HokifyMessaging.Reading.CsvFiles;
using HokifyMessaging.Reading.Http;

namespace HokifyMessaging.Reading.ExternApi;

/// <summary>Reads hokify's "extern" API of 2018: the whole window in one answer, as JSON or as CSV.</summary>
internal sealed class ExternApiSource(ExternApiOptions options, ExternApiClient client, PageAttempts attempts, SourceClock clock, ReadingOptions reading) : IApplicationSource
{
    private const string Name = "ExternApi";
    private const int SliceSize = 500;

    public bool ProvesAbsence => false;

    public DateTimeOffset Present => clock.Present;
    public TimeSpan Skew => clock.Skew;

    public async IAsyncEnumerable<SourcePage> ReadAsync(ReadWindow window, string? checkpoint, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var frozen = new FrozenWindow(window, clock);
        var answer = new Answer();
        var isEmpty = true;
        var (reached, position) = (checkpoint ?? SlicedList.Start.ToString(), Name);
        await foreach (var page in new SlicedList(Name, SliceSize, reading.LargestSlice, attempts, cancel => RequestAsync(frozen, answer, cancel)).ReadAsync(checkpoint, cancellationToken))
        {
            isEmpty = false;
            (reached, position) = (page.Checkpoint, page.Position);
            yield return page with { ReadTo = frozen.ReadTo };
        }

        if ((isEmpty && frozen.ReadTo is not null) || (answer.Flaw ?? answer.Oddity) is not null)
        {
            yield return new SourcePage([], reached, position, isEmpty) { ReadTo = frozen.ReadTo, Flaw = answer.Flaw, Oddity = answer.Oddity };
        }
    }

    private async IAsyncEnumerable<SourceRecord> RequestAsync(FrozenWindow frozen, Answer answer, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        (answer.Flaw, answer.Oddity) = (null, null);
        using var response = await frozen.ReadAsync(token => client.SignInAsync(Name, token), GetAsync, cancellationToken);
        var limit = new BodyLimit(Name, reading, isList: true);
        await using var body = await PeekedBody.OpenAsync(response, limit, cancellationToken);

        var first = await body.PeekAsync(cancellationToken);
        if (first == (byte)'{')
        {
            throw client.RefusalIn(await HokifyHttp.SmallObjectAsync(body, cancellationToken), response, Name) ?? JsonItems.Refused(Name, "a JSON array", first);
        }
        // A server that does not know the parameter answers in JSON.
        var records = options.Csv && first != (byte)'['
            ? CsvRecordsAsync(body, first, limit, answer, cancellationToken)
            : JsonRecords.ReadAsync(body, limit, Name, reading, cancellationToken);
        await foreach (var record in records)
        {
            yield return record;
        }
    }

    private Task<HttpResponseMessage> GetAsync(ReadWindow window, CancellationToken cancellationToken)
    {
        var query = HokifyHttp.Query(
            ("startTime", window.From is { } from ? HokifyHttp.Instant(from) : null),
            ("endTime", window.To is { } to ? HokifyHttp.Instant(to) : null),
            ("csv", options.Csv ? "true" : null));
        return client.GetAsync("get-all-applications-extern", query, Name, cancellationToken);
    }

    private async IAsyncEnumerable<SourceRecord> CsvRecordsAsync(
        PeekedBody body, byte? first, BodyLimit limit, Answer answer, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (first == (byte)'<')
        {
            throw JsonItems.Refused(Name, "CSV", first);
        }

        // Whoever has no application to list may leave out the header too.
        if (first is not null)
        {
            var end = body.SaysItsEnd ? KnownEnd.Certain : KnownEnd.Doubtful("the answer says nowhere where it ends");
            var rows = new FlatCsvReader(ReadOnlyDictionary<string, string>.Empty, reading).Read(body, Name, () => end);
            await foreach (var record in rows.RecordsAsync(cancellationToken))
            {
                yield return record;
                if (record.Id is not null)
                {
                    limit.Progressed();
                }
            }

            // A file is read whole each time; of an answer, the next window would lack what was not kept of this one.
            answer.Flaw = rows.Flaw ?? (rows.HasCut ? SourcePage.LeftOut(Name) : null);
            answer.Oddity = rows.Oddity;
        }

        if (!body.SaysItsEnd)
        {
            answer.Flaw ??= $"{Name}: the answer has neither a length nor chunks, so that one that breaks off looks whole; expected is one of them.";
        }
    }

    /// <summary>What an answer showed of itself when it had come to its end.</summary>
    private sealed class Answer
    {
        public string? Flaw { get; set; }

        public string? Oddity { get; set; }
    }
}
