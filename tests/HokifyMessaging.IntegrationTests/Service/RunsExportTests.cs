using System.IO.Compression;
using System.Text;
using HokifyMessaging.Contracts;
using HokifyMessaging.IntegrationTests.Processes;
using HokifyMessaging.Runs;
using HokifyMessaging.Tests;

namespace HokifyMessaging.IntegrationTests.Service;

/// <summary><c>hokify runs export</c>: a run as a file.</summary>
public sealed class RunsExportTests : IDisposable
{
    private readonly OwnFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_ending_of_the_file_says_in_which_form_the_run_is_written_and_format_outranks_it()
    {
        using var database = await DatabaseAsync();

        var csv = await ExportAsync(database, "nightly", "out.csv");
        var workbook = await ExportAsync(database, "nightly", "out.XLSX");
        var excel = await ExportAsync(database, "nightly", "out.txt", "--format", "csv-excel");

        Assert.Equal(((0, ""), (0, ""), (0, "")), ((csv.ExitCode, csv.Error), (workbook.ExitCode, workbook.Error), (excel.ExitCode, excel.Error)));
        Assert.Matches($"^Written: .*out\\.csv, run {(await database.RunAsync("nightly")).Id} as csv$", csv.Output);
        Assert.StartsWith("\"sep=,\"\nId,", await File.ReadAllTextAsync(PathOf("out.csv"), Cancel), StringComparison.Ordinal);
        var bytes = await File.ReadAllBytesAsync(PathOf("out.txt"), Cancel);
        Assert.Equal("\uFEFFId;", Encoding.UTF8.GetString(bytes.AsSpan(0, 6)));
        await using (var archive = await ZipFile.OpenReadAsync(PathOf("out.XLSX"), Cancel))
        {
            Assert.NotNull(archive.GetEntry("xl/worksheets/sheet1.xml"));
        }

        foreach (var file in OperatingSystem.IsWindows() ? [] : Directory.GetFiles(_folder.Path))
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, new FileInfo(file).UnixFileMode);
        }

        Assert.Equal(["out.XLSX", "out.csv", "out.txt"], Directory.GetFiles(_folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Standard_output_has_the_file_and_nothing_else()
    {
        using var database = await DatabaseAsync();

        var outcome = await ExportAsync(database, "nightly", "-");

        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Error));
        Assert.StartsWith("\"sep=,\"\nId,", outcome.Output, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public async Task For_scripts_it_says_what_it_has_written_as_JSON()
    {
        using var database = await DatabaseAsync();

        var outcome = await ExportAsync(database, "nightly", "out.xlsx", "--json");

        Assert.Equal(
            ("xlsx", PathOf("out.xlsx"), "nightly"),
            (outcome.Json.GetProperty("format").GetString(), outcome.Json.GetProperty("file").GetString(), outcome.Json.GetProperty("idempotencyKey").GetString()));
    }

    [Fact]
    public async Task Whatever_is_taken_is_a_line_of_the_audit_log_and_the_settings_mask_it()
    {
        using var database = await DatabaseAsync();
        var settings = new Dictionary<string, string> { ["Database__ConnectionString"] = database.ConnectionString, ["Hokify__Csv__MaskedFor"] = "Everybody" };

        await ExportAsync(database, "nightly", "out.csv");
        await ExportAsync(database, "nightly", "out.csv");
        foreach (var verb in new[] { "runs export nightly masked.csv", "backup backup.zip", "erasures export erasures.json" })
        {
            var outcome = await HokifyProcess.RunAsync(_folder.Path, settings, verb.Split(' '));
            Assert.Equal((0, ""), (outcome.ExitCode, outcome.Error));
        }

        var audit = (await HokifyProcess.RunAsync(_folder.Path, settings, ["audit", "--json"])).Json.EnumerateArray().Reverse().ToList();
        var run = (await database.RunAsync("nightly")).Id;
        Assert.Equal(
            [
                ("TakeFile", $"Run {run} as csv, with values of people."),
                ("TakeFile", $"Run {run} as csv, without values of people."),
                ("TakeBackup", "The whole database, as it was at that instant."),
                ("ExportErasures", "Hashes of erased ids and addresses: 0."),
            ],
            audit.Select(entry => (entry.GetProperty("action").GetString(), entry.GetProperty("detail").GetString())));
        Assert.All(audit, entry => Assert.Equal(Environment.UserName, entry.GetProperty("who").GetString()));
        Assert.DoesNotContain("***", await File.ReadAllTextAsync(PathOf("out.csv"), Cancel), StringComparison.Ordinal);
        Assert.Contains("***", await File.ReadAllTextAsync(PathOf("masked.csv"), Cancel), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nightly taken.csv", "FILE names {folder}/taken.csv, which exists already and is left alone; choose another name, or move it away.")]
    [LongFormData("nightly nowhere/out.csv", "FILE names {folder}/nowhere/out.csv, and the folder {folder}/nowhere does not exist; make it first, or choose another.")]
    [LongFormData("nightly out.pdf", "FILE is 'out.pdf', whose ending names no format; end it in .csv or .xlsx, or say which one with --format csv, csv-excel or xlsx.")]
    [InlineData("nobody out.csv", "No run has the id or key 'nobody'; 'hokify runs' lists those there are.")]
    [LongFormData("nightly - --json", "--json and the file itself cannot both go to standard output; name a file, or leave --json out.")]
    [LongFormData("nightly out.csv --format pdf", "--format is 'pdf'; it must be csv, csv-excel or xlsx.\nSee 'hokify runs export --help'.")]
    public async Task What_cannot_be_written_is_said_in_a_sentence_and_nothing_is_left(string arguments, string sentence)
    {
        using var database = await DatabaseAsync();
        await File.WriteAllTextAsync(PathOf("taken.csv"), "mine", Cancel);

        var outcome = await ExportAsync(database, arguments.Split(' '));

        Assert.Equal((1, "", sentence.Replace("{folder}", _folder.Path, StringComparison.Ordinal)), (outcome.ExitCode, outcome.Output, outcome.Error));
        Assert.Equal("mine", await File.ReadAllTextAsync(Assert.Single(Directory.GetFiles(_folder.Path)), Cancel));
    }

    private static async Task<HokifyDatabase> DatabaseAsync()
    {
        var database = await HokifyDatabase.CreateAsync();
        await database.QueueAsync(new ImportRequest("nightly", 1, ImportMode.Full, null, false, null));
        return database;
    }

    private Task<HokifyOutcome> ExportAsync(HokifyDatabase database, params string[] arguments) => HokifyProcess.RunAsync(
        _folder.Path, new Dictionary<string, string> { ["Database__ConnectionString"] = database.ConnectionString }, ["runs", "export", .. arguments]);

    private string PathOf(string file) => Path.Combine(_folder.Path, file);
}
