using System.Text;
using HokifyMessaging.Applications;
using HokifyMessaging.Reading.CsvFiles;

namespace HokifyMessaging.Tests.Reading.CsvFiles;

/// <summary>One read of a CSV text, and short words for what it gave.</summary>
internal sealed record Csv(List<SourceRecord> Records, FlatCsvReading Reading)
{
    public static KnownEnd Fresh { get; } = KnownEnd.Doubtful("it is fresh");

    public string? Flaw => Reading.Flaw;

    public string? Oddity => Reading.Oddity;

    public IEnumerable<HokifyApplication> Understood => Records.Select(record => record.Read().Value).OfType<HokifyApplication>();

    public IEnumerable<string> Ids => Understood.Select(application => application.Id.Value);

    public IEnumerable<string> Rejections => Records.Select(record => record.Rejection).OfType<Rejection>().Select(rejection => rejection.Message);

    public static Task<Csv> ReadAsync(string csv, KnownEnd? end = null) => ReadAsync(Encoding.UTF8.GetBytes(csv), end);

    public static Task<Csv> ReadAsync(byte[] csv, KnownEnd? end = null, Encoding? encoding = null) => ReadAsync(new MemoryStream(csv), end, encoding);

    public static async Task<Csv> ReadAsync(Stream stream, KnownEnd? end = null, Encoding? encoding = null, Dictionary<string, string>? aliases = null, ReadingOptions? limits = null)
    {
        var reading = new FlatCsvReader(aliases ?? [], limits ?? new ReadingOptions(), encoding).Read(stream, "file.csv", () => end ?? KnownEnd.Certain);
        var records = new List<SourceRecord>();
        await foreach (var record in reading.RecordsAsync(TestContext.Current.CancellationToken))
        {
            records.Add(record);
        }

        return new Csv(records, reading);
    }
}
