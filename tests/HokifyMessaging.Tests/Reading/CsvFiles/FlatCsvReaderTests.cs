using System.Globalization;
using System.Text;
using System.Text.Json;
using CsCheck;
using CsvHelper;
using CsvHelper.Configuration;
using HokifyMessaging.Applications;

namespace HokifyMessaging.Tests.Reading.CsvFiles;

public class FlatCsvReaderTests
{
    private static readonly Encoding Windows1252 = CodePagesEncodingProvider.Instance.GetEncoding(1252)!;

    [Theory]
    [InlineData("sep=;")]
    [InlineData("\"sep=;\"")]
    [InlineData("SEP=;")]
    public async Task A_separator_line_is_obeyed_and_counts_as_a_line(string line)
    {
        var records = await ReadAsync(line + "\nmatchId;a,b,c,d\nm1;x\n");

        Assert.Equal("file.csv line 3", Assert.Single(records).Position);
    }

    [Fact]
    public async Task Unknown_columns_stay_in_the_payload_and_are_counted()
    {
        var records = await ReadAsync("matchId;Filiale;;Filiale\nm1;Wien 3;x;y\n");

        var application = Understood(Assert.Single(records));

        Assert.Equal(3, application.UnknownMembers);
        Assert.Equal("""{"matchId":"m1","Filiale":"Wien 3","column 3":"x","Filiale (column 4)":"y"}""", application.Payload);
    }

    [Fact]
    public async Task Lines_are_those_of_the_file()
    {
        var records = await ReadAsync("\n\nmatchId;name\nm1;\"Anna\nHuber\"\n\n  \n;\nm2;x;y\nm3\r\nm4;\"a\r\nb\rc\"\r\nm5;x");

        Assert.Equal(
            [
                "file.csv line 4",
                "file.csv line 9: row has 3 fields; the header has 2.",
                "file.csv line 10: row has 1 field; the header has 2.",
                "file.csv line 11",
                "file.csv line 14",
            ],
            records.Select(record => record.Read().Rejection?.Message ?? record.Position));
        Assert.Equal("Anna Huber", Understood(records[0]).Person.DisplayName);
        Assert.Equal("""{"row":["m2","x","y"]}""", Rejected(records[1]).Payload);
    }

    [Fact]
    public async Task A_rejected_row_names_its_line_its_id_and_its_field()
    {
        var records = await ReadAsync("matchId;name;birthday\nm1;Anna Huber;31.02.1990\n;Anna Huber;31.03.1990\n");

        Assert.Equal("file.csv line 2, application m1: birthday is not a date; expected is ISO 8601, dd.MM.yyyy or Unix seconds or milliseconds, between the years 1900 and 2200.", Rejected(records[0]).Message);
        Assert.Equal(ElementNames.Candidate, Rejected(records[0]).Element);
        Assert.Equal("file.csv line 3: matchId is missing; every record needs it.", Rejected(records[1]).Message);
    }

    [Fact]
    public async Task A_stray_quotation_mark_costs_no_more_than_its_row()
    {
        var records = await ReadAsync("matchId;name\nm1;Franz \"Franzl\" Huber\nm2;\"Franz \"Franzl\" Huber\"\nm3;x\n");

        Assert.Equal("Franz \"Franzl\" Huber", Understood(records[0]).Person.DisplayName);
        Assert.Equal("file.csv line 3: row has a quotation mark inside a quoted field; expected are two in a row.", Rejected(records[1]).Message);
        Assert.Equal("m3", Understood(records[2]).Id.Value);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Umlauts_are_read_from_every_encoding(bool canSeek)
    {
        // The first umlaut stands far behind the first block.
        var csv = "matchId;name\n" + string.Concat(Enumerable.Range(0, 20_000).Select(row => $"m{row};Anna Huber\n")) + "last;Jörg Größe\n";

        foreach (var bytes in new[]
        {
            Encoding.UTF8.GetBytes(csv),
            [.. Encoding.UTF8.Preamble, .. Encoding.UTF8.GetBytes(csv)],
            [.. Encoding.Unicode.Preamble, .. Encoding.Unicode.GetBytes(csv)],
            Windows1252.GetBytes(csv),
        })
        {
            await using var stream = canSeek ? new MemoryStream(bytes) : new OneWayStream(bytes);
            var records = await ReadAsync(stream, []);
            Assert.Equal(20_001, records.Count);
            Assert.Equal("Jörg Größe", Understood(records[^1]).Person.DisplayName);
        }
    }

    [Fact]
    public Task Whatever_CsvHelper_writes_is_read_back_the_same()
    {
        var cell = Gen.OneOf(Gen.String[Gen.Char["ab ;,\t\"\r\n'=äß€\u0001"], 0, 8], Gen.String[0, 6].Select(WithoutHalfPairs));
        return Gen.Select(Gen.OneOfConst(";", ",", "\t"), cell.Array[3].Array[1, 6]).SampleAsync(async (separator, rows) =>
        {
            var ids = rows.Select((_, index) => $"m{index}").ToList();
            using var text = new StringWriter();
            await using (var csv = new CsvWriter(text, new CsvConfiguration(CultureInfo.InvariantCulture) { Delimiter = separator }))
            {
                foreach (var header in new[] { "matchId", "name", "phone", "frei" })
                {
                    csv.WriteField(header);
                }

                await csv.NextRecordAsync();
                for (var index = 0; index < rows.Length; index++)
                {
                    csv.WriteField(ids[index]);
                    foreach (var value in rows[index])
                    {
                        csv.WriteField(value);
                    }

                    await csv.NextRecordAsync();
                }
            }

            var records = await ReadAsync(text.ToString());

            var expected = rows.Select((row, index) => (ids[index], row[0], row[1], row[2]));
            return expected.SequenceEqual(records.Select(record =>
            {
                using var payload = JsonDocument.Parse(Understood(record).Payload);
                string Cell(string name) => payload.RootElement.GetProperty(name).GetString()!;
                return (Cell("matchId"), Cell("name"), Cell("phone"), Cell("frei"));
            }));
        }, iter: 300);
    }

    [Fact]
    public Task A_row_is_read_as_its_payload_is_read_again()
    {
        string[] columns = ["matchId", "userId", "name", "email", "hokifyMail", "phone", "birthday", "gender", "applicationDate", "jobId", "jobSourceId", "fileProfile", "fileCV", "additionalFiles", "frei"];
        var cell = Gen.OneOf(
            Gen.OneOfConst("", " ", "m1", " m1 ", "31.03.1990", "2018-06-01T10:00:00.000Z", "1527847200000", "31.02.1990", "Huber, Anna", "Anna", "a@b.example", "https://files.example/a.pdf, https://files.example/anschreiben.pdf", """[{"type":"x","downloadUrl":"https://files.example/z.pdf"}]""", "[{", "\u0001"),
            Gen.String[0, 6]);
        return cell.Array[columns.Length].Array[1, 4].SampleAsync(async rows =>
        {
            using var text = new StringWriter();
            await using (var csv = new CsvWriter(text, CultureInfo.InvariantCulture))
            {
                foreach (var values in rows.Prepend(columns))
                {
                    foreach (var value in values)
                    {
                        csv.WriteField(WithoutHalfPairs(value));
                    }

                    await csv.NextRecordAsync();
                }
            }

            var mapping = new ApplicationMapping(new MappingOptions());
            foreach (var record in await ReadAsync(text.ToString()))
            {
                var direct = record.Read();
                var again = ApplicationPayload.Read(direct.Value?.Payload ?? direct.Rejected().Payload, record.Position);

                Assert.Equal(Outcome(again, record.Position), Outcome(direct, record.Position));
                Assert.Equal(direct.Id(), record.Id);
            }

            string Outcome(OrRejection<HokifyApplication> read, string position) =>
                read.Value is { } application ? $"{mapping.Map(application, position)}" : $"{read}";
        }, iter: 500);
    }

    [Fact]
    public async Task Equal_rows_have_equal_hashes_and_any_difference_in_text_column_or_header_another()
    {
        var hashes = new List<UInt128>();
        foreach (var csv in new[] { "matchId;name;frei\nm1;a;b\n", "matchId;name;frei\nm1;ab;\n", "matchId;name;frei\nm1;;ab\n", "matchId;name;Frei\nm1;a;b\n", "matchId;phone;frei\nm1;a;b\n", "matchId;name\nm1;a\n" })
        {
            hashes.Add(Assert.NotNull(Assert.Single(await ReadAsync(csv)).Hash));
        }

        var again = await ReadAsync("matchId,name,frei\nm2,x,y\nm1,a,b\n");

        Assert.Equal(hashes.Count, hashes.Distinct().Count());
        Assert.Equal(hashes[0], again[1].Hash);
    }

    [Fact]
    public async Task The_hash_of_a_row_is_the_one_that_earlier_imports_have_stored() =>
        Assert.Equal("e2fd6c1c24fc133c523b7abe0ec569c0", $"{Assert.Single(await ReadAsync("matchId;name;frei\nm1;a;b\n")).Hash:x32}");

    private static string WithoutHalfPairs(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));

    private static HokifyApplication Understood(SourceRecord record) => record.Read().Understood();

    private static Rejection Rejected(SourceRecord record) => record.Read().Rejected();

    private static Task<List<SourceRecord>> ReadAsync(string csv, Dictionary<string, string>? aliases = null) =>
        ReadAsync(new MemoryStream(Encoding.UTF8.GetBytes(csv)), aliases ?? []);

    private static async Task<List<SourceRecord>> ReadAsync(Stream stream, Dictionary<string, string> aliases)
    {
        var csv = await Csv.ReadAsync(stream, aliases: aliases);
        Assert.Null(csv.Flaw);
        return csv.Records;
    }

    /// <summary>As a response: it can't be read twice, and hands out its bytes in odd portions.</summary>
    private sealed class OneWayStream(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(buffer.Length, 1_021)], cancellationToken);
    }
}
