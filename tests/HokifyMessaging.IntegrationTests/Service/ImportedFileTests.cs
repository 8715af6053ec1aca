using System.Globalization;
using System.Text;
using System.Text.Json;
using HokifyMessaging.IntegrationTests.Foreign;
using HokifyMessaging.IntegrationTests.Processes;
using HokifyMessaging.Machine;
using HokifyMessaging.Service.Commands;
using HokifyMessaging.Service.Import;
using HokifyMessaging.Storage;
using HokifyMessaging.Tests;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Configuration;

namespace HokifyMessaging.IntegrationTests.Service;

/// <summary>A file that somebody has, imported by one command without any configuration.</summary>
public sealed class ImportedFileTests : IDisposable
{
    private const string Headers = "matchId;name;email;applicationDate\r\n";
    private const string Rows = "m1;Jörg Gruber;joerg@one.example;01.02.2026\r\nm2;Änne Müller;aenne@two.example;02.02.2026\r\n";

    private readonly OwnFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Csv => Path.Combine(_folder.Path, "applications.csv");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_first_import_creates_the_second_changes_nothing_and_a_third_finds_what_has_changed()
    {
        await WriteAsync(Headers + Rows);
        var first = await RunAsync("import", "--file", "applications.csv", "--json");
        var second = await RunAsync("import", "--file", "applications.csv", "--json");
        await WriteAsync(Headers + Rows.Replace("Gruber", "Huber", StringComparison.Ordinal));
        var third = await RunAsync("import", "--file", Csv, "--json");

        Assert.Equal([(0, 2, 0, 0), (0, 0, 0, 2), (0, 0, 1, 1)], new[] { first, second, third }.Select(Counts));
    }

    [Fact]
    public async Task What_the_run_wrote_is_in_a_CSV_that_only_its_owner_reads_and_one_that_exists_is_left_alone()
    {
        await WriteAsync(Headers + Rows);
        var outcome = await RunAsync("import", "--file", "applications.csv", "--csv", "out.csv");
        var again = await RunAsync("import", "--file", "applications.csv", "--csv", "out.csv");

        var written = Path.Combine(_folder.Path, "out.csv");
        Assert.Equal((0, 1), (outcome.ExitCode, again.ExitCode));
        Assert.Contains("out.csv, which exists already and is left alone", Assert.Single(again.Error.Split('\n')), StringComparison.Ordinal);
        var lines = await File.ReadAllLinesAsync(written, Cancel);
        Assert.Equal("\"sep=,\"", lines[0]);
        Assert.Contains(lines, line => line.Contains("Änne", StringComparison.Ordinal) && line.Contains("Files", StringComparison.Ordinal));
        Assert.False(PrivateFile.IsOpenToOthers(written));
        Assert.DoesNotContain(Directory.GetFiles(_folder.Path), file => file.Contains("out.csv.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_file_that_ends_as_a_sheet_does_is_one()
    {
        await WriteAsync(Headers + Rows);

        Assert.Equal(0, (await RunAsync("import", "--file", "applications.csv", "--csv", "out.xlsx")).ExitCode);

        Assert.Equal("PK", Encoding.ASCII.GetString(await File.ReadAllBytesAsync(Path.Combine(_folder.Path, "out.xlsx"), Cancel), 0, 2));
    }

    [Fact]
    public async Task What_is_piped_in_is_imported_to_its_last_row_even_without_a_line_break_behind_it()
    {
        await WriteAsync(Headers + Rows.TrimEnd());

        var (exitCode, output, errors) = await ForeignProgram.RunAsync(Shell(), "-c", $"{Hokify} import --file - --json < applications.csv");

        Assert.True(exitCode == 0, errors);
        Assert.Equal(2, JsonDocument.Parse(output).RootElement.GetProperty("result").GetProperty("CreatedCounts").GetProperty("CandidateProfile").GetInt32());
        Assert.Empty(Directory.GetDirectories(_folder.Path, "hokify-standard-input-*"));
    }

    [Fact]
    public async Task A_terminal_shows_how_far_it_has_come_and_how_fast()
    {
        await WriteAsync(Many(20_000));

        // 'script' makes a terminal; what it shows is its output.
        var (exitCode, output, _) = await ForeignProgram.RunAsync(Shell(), "-c", $"script -qec \"{Hokify} import --file applications.csv\" /dev/null");

        Assert.Equal(0, exitCode);
        Assert.Matches("reading [0-9,]+ of about 20,000, [0-9,]+/s", output);
        Assert.Contains("Completed: run ", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Standard_input_is_read_to_its_end_and_kept_nowhere()
    {
        var configuration = new ConfigurationManager();
        string kept;
        using (var scope = await FileScope.AddAsync(configuration, 3, "-", () => new MemoryStream(Encoding.UTF8.GetBytes(Headers + Rows)), Cancel))
        {
            kept = configuration["Hokify:Scopes:3:CsvFiles:Path"]!;
            Assert.Equal(Headers + Rows, await File.ReadAllTextAsync(kept, Cancel));
            Assert.False(PrivateFile.IsOpenToOthers(kept));
            Assert.Equal(2, await scope.CountRecordsAsync(Cancel));
        }

        Assert.False(Directory.Exists(Path.GetDirectoryName(kept)));
        await Assert.ThrowsAsync<VerbException>(() => FileScope.AddAsync(new ConfigurationManager(), 3, "-", () => new MemoryStream(), Cancel));
    }

    [Fact]
    public async Task A_copy_of_standard_input_that_a_killed_process_left_behind_goes_and_one_that_is_read_stays()
    {
        var left = Directory.CreateTempSubdirectory("hokify-standard-input-");
        await File.WriteAllTextAsync(Path.Combine(left.FullName, "standard-input.csv"), Headers + Rows, Cancel);
        var (first, second) = (new ConfigurationManager(), new ConfigurationManager());

        using var one = await FileScope.AddAsync(first, 3, "-", () => new MemoryStream(Encoding.UTF8.GetBytes(Headers + Rows)), Cancel);
        using var two = await FileScope.AddAsync(second, 3, "-", () => new MemoryStream(Encoding.UTF8.GetBytes(Headers + Rows)), Cancel);

        Assert.False(left.Exists && Directory.Exists(left.FullName));
        Assert.All([first, second], configuration => Assert.True(File.Exists(configuration["Hokify:Scopes:3:CsvFiles:Path"])));
    }

    [Theory]
    [InlineData("", "applications.csv is empty; expected is a header line with the names of the columns.")]
    [InlineData("a;b\n1;2\n", "applications.csv has no column matchId in line 1")]
    [InlineData("PK\u0003\u0004\u0014\u0006[Content_Types].xml", "applications.csv is a workbook of a spreadsheet program and no CSV file; save it there as CSV.")]
    public async Task A_file_that_is_none_of_applications_is_said_to_be_so_and_how_to_go_on(string content, string sentence)
    {
        await WriteAsync(content);

        var outcome = await RunAsync("import", "--file", "applications.csv", "--key", "k");

        Assert.Equal((1, ""), (outcome.ExitCode, outcome.Output));
        Assert.Contains(sentence, outcome.Error, StringComparison.Ordinal);
        Assert.Contains("'hokify import --scope 1 --key k --file applications.csv' goes on with it.", outcome.Error, StringComparison.Ordinal);
        AssertNoted(requested: 1, cancelled: 0, resumed: 0);
    }

    [Fact]
    public async Task One_that_is_interrupted_is_left_to_nobody_and_goes_on_with_its_key()
    {
        await WriteAsync(Many(20_000));
        await using (var process = await HokifyProcess.StartAsync(_folder.Path, Settings, "import", "--file", "applications.csv", "--key", "k"))
        {
            await process.UntilAsync(() => Task.FromResult(Number("SELECT COUNT(*) FROM CandidateProfile") > 0), "a batch is committed");
            Assert.Equal(130, (await process.InterruptAsync()).ExitCode);
        }

        Assert.Equal(1, Number($"SELECT COUNT(*) FROM ImportRun WHERE State = '{RunState.Cancelled}'"));
        var stored = Number("SELECT COUNT(*) FROM CandidateProfile");
        var resumed = await RunAsync("import", "--file", "applications.csv", "--key", "k", "--json");
        Assert.Equal((0, 20_000), (resumed.ExitCode, Counts(resumed).Created));
        Assert.InRange(stored, 1, 19_999);
        Assert.Equal(20_000, Number("SELECT COUNT(*) FROM CandidateProfile"));
        AssertNoted(requested: 1, cancelled: 1, resumed: 1);
    }

    [Fact]
    public async Task A_run_that_was_killed_in_another_file_is_cancelled_by_the_next_import_and_goes_on_with_its_own()
    {
        await WriteAsync(Many(20_000));
        await using (var process = await HokifyProcess.StartAsync(_folder.Path, Settings, "import", "--file", "applications.csv", "--key", "k"))
        {
            await process.UntilAsync(() => Task.FromResult(Number("SELECT COUNT(*) FROM CandidateProfile") > 0), "a batch is committed");
            await process.KillAsync();
        }

        await File.WriteAllTextAsync(Path.Combine(_folder.Path, "other.csv"), Headers + Rows.Replace("m", "n", StringComparison.Ordinal), Cancel);
        var other = await RunAsync("import", "--file", "other.csv", "--json");
        Assert.Equal((0, 2, 0, 0), Counts(other));
        Assert.Contains("is cancelled, because this import reads from elsewhere", other.Error, StringComparison.Ordinal);

        var resumed = await RunAsync("import", "--file", "applications.csv", "--key", "k", "--json");
        Assert.Equal((0, 20_000), (resumed.ExitCode, Counts(resumed).Created));
        AssertNoted(requested: 2, cancelled: 1, resumed: 1);
    }

    /// <summary>In the audit log.</summary>
    private void AssertNoted(int requested, int cancelled, int resumed) => Assert.Equal(
        (requested, cancelled, resumed),
        (
            Number($"SELECT COUNT(*) FROM Audit WHERE Action = '{AuditAction.RequestImport}'"),
            Number($"SELECT COUNT(*) FROM Audit WHERE Action = '{AuditAction.CancelImport}'"),
            Number($"SELECT COUNT(*) FROM Audit WHERE Action = '{AuditAction.ResumeImport}'")));

    /// <summary>The verb as a shell starts it.</summary>
    private static string Hokify => $"dotnet {HokifyProcess.Program}";

    private ForeignCommand Shell()
    {
        HokifyProcess.Require();
        return new ForeignCommand(_folder.Path, "/bin/sh") { Environment = { ["TMPDIR"] = _folder.Path } };
    }

    private static Dictionary<string, string> Settings => new() { ["Hokify:Import:LeaseDuration"] = Installation.Short, ["Hokify:Import:BatchSize"] = "500" };

    private static string Many(int rows) =>
        Headers + string.Concat(Enumerable.Range(1, rows).Select(row => string.Create(CultureInfo.InvariantCulture, $"m{row};Anna Nr{row};a{row}@one.example;01.02.2026\r\n")));

    private static (int ExitCode, int Created, int Updated, int Unchanged) Counts(HokifyOutcome outcome)
    {
        var result = outcome.Json.GetProperty("result");
        return (outcome.ExitCode, Of("CreatedCounts"), Of("UpdatedCounts"), Of("UnchangedCounts"));

        int Of(string counts) => result.GetProperty(counts).GetProperty("CandidateProfile").GetInt32();
    }

    private long Number(string sql)
    {
        var file = Path.Combine(_folder.Path, "hokify.db");
        if (!File.Exists(file))
        {
            return 0;
        }

        using var connection = new SqliteConnection($"Data Source={file};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Nothing of it comes from outside.
        command.CommandText = sql;
#pragma warning restore CA2100
        try
        {
            return (long)command.ExecuteScalar()!;
        }
        catch (SqliteException)
        {
            // The tables are not there yet.
            return 0;
        }
    }

    private Task WriteAsync(string content) => File.WriteAllTextAsync(Csv, content, Cancel);

    private Task<HokifyOutcome> RunAsync(params string[] arguments) => HokifyProcess.RunAsync(_folder.Path, Settings, arguments);
}
