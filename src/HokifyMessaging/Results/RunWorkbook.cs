using HokifyMessaging.Privacy;
using HokifyMessaging.Storage;
using SpreadCheetah;
using SpreadCheetah.Styling;
using SpreadCheetah.Worksheets;

namespace HokifyMessaging.Results;

/// <summary>
/// The workbook as it is written: a stream of rows under a header that stays in view and filters, on so many sheets as it takes, and one sheet of
/// sentences behind them. A text is always a text: no cell has a formula, whatever it begins with.
/// </summary>
internal sealed class RunWorkbook : IAsyncDisposable
{
    /// <summary>The most rows that Excel lets a sheet have, its header included.</summary>
    public const int MostRows = 1_048_576;

    private const string Applications = "Applications";

    /// <summary>Spreadsheet programs count days from here on, and do not agree about those before: Excel knows a 29th of February 1900, which was none.</summary>
    private static readonly DateTime FirstDate = new(1900, 3, 1);

    private readonly (string Title, double Width, Func<RunSheetRow, Cell> Of, DataMark[] From)[] _columns;
    private readonly Spreadsheet _spreadsheet;
    private readonly TimeZoneInfo _zone;
    private readonly PeopleValues _values;
    private readonly int _mostRows;
    private readonly StyleId _header;
    private readonly StyleId _instant;
    private readonly StyleId _paragraph;
    private readonly Cell[] _cells;
    private int _sheets;
    private int _rows;

    private RunWorkbook(Spreadsheet spreadsheet, TimeZoneInfo zone, PeopleValues values, int mostRows)
    {
        (_spreadsheet, _zone, _values, _mostRows) = (spreadsheet, zone, values, mostRows);
        _header = spreadsheet.AddStyle(new Style { Font = { Bold = true } });
        _instant = spreadsheet.AddStyle(new Style { Format = NumberFormat.Custom(@"yyyy\-mm\-dd hh:mm:ss") });
        _paragraph = spreadsheet.AddStyle(new Style { Alignment = { WrapText = true } });
        _columns =
        [
            ("Name", 28, row => Text(row.Name), [Person(nameof(CandidateColumns.DisplayName)), Profile(nameof(ProfileColumns.CandidateName)), Activity(nameof(ActivityLog.Data))]),
            ("Job", 36, row => Text(row.Job), [Profile(nameof(ProfileColumns.Name)), Activity(nameof(ActivityLog.Data))]),
            ("Mail", 32, row => Text(row.Mail), [Person(nameof(CandidateColumns.Email)), Person(nameof(CandidateColumns.HokifyMail)), Activity(nameof(ActivityLog.Data))]),
            ("Phone", 20, row => Text(row.Phone), [Person(nameof(CandidateColumns.Phone)), Activity(nameof(ActivityLog.Data))]),
            ("Applied", 20, row => Instant(row.AppliedAt), [Profile(nameof(ProfileColumns.DatePublish)), Activity(nameof(ActivityLog.Data))]),
            ("What happened", 30, row => Text(row.What), [Activity(nameof(ActivityLog.Name)), Activity(nameof(ActivityLog.Status))]),

            // Of the history the names of the fields alone.
            ("Why", 60, row => Text(row.Why), [Activity(nameof(ActivityLog.ResultData))]),
            ("When", 20, row => Instant(row.When), [Activity(nameof(ActivityLog.Date)), Activity(nameof(ActivityLog.DateExecuted))]),
            ("Next try", 20, row => Instant(row.NextTry), [Activity(nameof(ActivityLog.DueAt))]),
            ("Application", 28, row => Text(row.Application), [Profile(nameof(CandidateProfile.ReferenceId)), Activity(nameof(ActivityLog.ReferenceId))]),
        ];
        _cells = new Cell[_columns.Length];
    }

    /// <param name="destination">Receives the file; left open.</param>
    /// <param name="zone">The time zone of the instants.</param>
    /// <param name="values">Whether values of people are written.</param>
    /// <param name="mostRows">The most rows of a sheet, its header included.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<RunWorkbook> BeginAsync(Stream destination, TimeZoneInfo zone, PeopleValues values, int mostRows, CancellationToken cancellationToken)
    {
        var options = new SpreadCheetahOptions { PreserveStringWhitespace = true, WriteCellReferenceAttributes = true };
        var workbook = new RunWorkbook(await Spreadsheet.CreateNewAsync(destination, options, cancellationToken), zone, values, mostRows);
        await workbook.BeginSheetAsync(cancellationToken);
        return workbook;
    }

    public async Task AddAsync(RunSheetRow row, CancellationToken cancellationToken)
    {
        if (_rows == _mostRows)
        {
            await BeginSheetAsync(cancellationToken);
        }

        for (var i = 0; i < _columns.Length; i++)
        {
            _cells[i] = _columns[i].From.Any(mark => Mask.Hides(_values, mark)) ? Text(Mask.Text) : _columns[i].Of(row);
        }

        await _spreadsheet.AddRowAsync(_cells, cancellationToken);
        _rows++;
    }

    /// <param name="sentences">What is to be said of the run and of what is listed.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task EndAsync(IEnumerable<string> sentences, CancellationToken cancellationToken)
    {
        var sheet = new WorksheetOptions();
        sheet.Column(1).Width = 120;
        await _spreadsheet.StartWorksheetAsync("Import", sheet, cancellationToken);
        foreach (var sentence in sentences)
        {
            await _spreadsheet.AddRowAsync([new Cell(CellText.Of(sentence), _paragraph)], cancellationToken);
        }

        await _spreadsheet.FinishAsync(cancellationToken);
    }

    public ValueTask DisposeAsync() => _spreadsheet.DisposeAsync();

    private async Task BeginSheetAsync(CancellationToken cancellationToken)
    {
        _sheets++;
        var name = _sheets == 1 ? Applications : string.Create(CultureInfo.InvariantCulture, $"{Applications} {_sheets}");
        var lastColumn = (char)('A' + _columns.Length - 1);
        var sheet = new WorksheetOptions
        {
            FrozenRows = 1,
            AutoFilter = new AutoFilterOptions(string.Create(CultureInfo.InvariantCulture, $"A1:{lastColumn}{_mostRows}")),
        };
        for (var i = 0; i < _columns.Length; i++)
        {
            sheet.Column(i + 1).Width = _columns[i].Width;
        }

        await _spreadsheet.StartWorksheetAsync(name, sheet, cancellationToken);
        await _spreadsheet.AddHeaderRowAsync([.. _columns.Select(column => column.Title)], _header, cancellationToken);
        _rows = 1;
    }

    private static DataMark Person(string column) => DataMap.Of(nameof(Candidate)).ColumnOf(column);

    private static DataMark Profile(string column) => DataMap.Of(nameof(CandidateProfile)).ColumnOf(column);

    private static DataMark Activity(string column) => DataMap.Of(nameof(ActivityLog)).ColumnOf(column);

    private static Cell Text(string? text) => text is null ? default : new Cell(CellText.Of(text));

    /// <summary>A date that a spreadsheet program can count with; an older one as a text.</summary>
    private Cell Instant(DateTimeOffset? instant)
    {
        if (instant is not { } at)
        {
            return default;
        }

        var local = TimeZoneInfo.ConvertTime(at, _zone).DateTime;
        return local < FirstDate
            ? new Cell(local.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture))
            : new Cell(new DateTime(local.Ticks - (local.Ticks % TimeSpan.TicksPerSecond)), _instant);
    }
}
