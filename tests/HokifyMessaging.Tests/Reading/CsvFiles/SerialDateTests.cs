using System.Text;
using HokifyMessaging.Applications;
using HokifyMessaging.Reading;
using HokifyMessaging.Reading.CsvFiles;

namespace HokifyMessaging.Tests.Reading.CsvFiles;

public sealed class SerialDateTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("serial-dates-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("45000", "2023-03-15")]
    [InlineData(" 45000 ", "2023-03-15")]
    [InlineData("45000.5", "2023-03-15T12:00:00")]
    [InlineData("45000,5", "2023-03-15T12:00:00")]
    [InlineData("45000.354166666664", "2023-03-15T08:30:00")]
    [InlineData("32963", "1990-03-31")]
    [InlineData("1", "1900-01-01")]
    [InlineData("59", "1900-02-28")]
    [InlineData("61", "1900-03-01")]
    [InlineData("109939", "2200-12-31")]
    [InlineData("60", "60")]
    [InlineData("0", "0")]
    [InlineData("0.5", "0.5")]
    [InlineData("-45000", "-45000")]
    [InlineData("109940", "109940")]
    [InlineData("1527847200000", "1527847200000")]
    [InlineData("31.03.1990", "31.03.1990")]
    [InlineData("2018-06-01T10:00:00.000Z", "2018-06-01T10:00:00.000Z")]
    [InlineData("", "")]
    public void A_serial_date_is_written_as_a_date_and_anything_else_left(string text, string date) => Assert.Equal(date, SerialDate.Written(text));

    [Fact]
    public async Task By_its_setting_a_file_has_serial_dates_and_its_rows_are_read_again_the_same()
    {
        var application = (await ReadAsync(serialDates: true)).Read().Understood();

        Assert.Equal((new DateOnly(1990, 3, 31), new DateTimeOffset(2023, 3, 15, 12, 0, 0, TimeSpan.Zero)), (application.Person.Birthday, application.AppliedAt));
        Assert.Equal("45000", application.SourceId);
        var again = ApplicationPayload.Read(application.Payload, "kept record 1").Understood();
        Assert.Equal((application.Person.Birthday, application.AppliedAt), (again.Person.Birthday, again.AppliedAt));
    }

    [Fact]
    public async Task Without_it_such_a_number_is_no_date()
    {
        var rejection = (await ReadAsync(serialDates: false)).Read().Rejected();

        Assert.Equal(("birthday", DateText.Problem), (rejection.Field, rejection.Problem));
    }

    private async Task<SourceRecord> ReadAsync(bool serialDates)
    {
        var path = Path.Combine(_folder, "a.csv");
        await File.WriteAllTextAsync(path, "matchId;birthday;applicationDate;jobSourceId\nm1;32963;45000,5;45000\n", Encoding.UTF8, TestContext.Current.CancellationToken);
        var source = new CsvFilesSource(new CsvFilesOptions { Path = path, SerialDates = serialDates }, TimeProvider.System, new ReadingOptions());
        var records = new List<SourceRecord>();
        await foreach (var page in source.ReadAsync(new ReadWindow(null, DateTimeOffset.UnixEpoch), null, TestContext.Current.CancellationToken))
        {
            records.AddRange(page.Records);
        }

        return Assert.Single(records);
    }
}
