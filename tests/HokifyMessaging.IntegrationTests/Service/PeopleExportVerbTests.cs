using System.Text.Json;
using HokifyMessaging.Applications;
using HokifyMessaging.IntegrationTests.Processes;
using HokifyMessaging.Storage;
using HokifyMessaging.Tests;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.IntegrationTests.Service;

/// <summary><c>hokify people export</c>: all that is stored about a person, as a file.</summary>
public sealed class PeopleExportVerbTests : IDisposable
{
    private readonly OwnFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("--application", "a1")]
    [InlineData("--person", "p1")]
    [InlineData("--email", "Mizzi@Example.AT")]
    public async Task A_person_is_found_by_either_of_their_ids_and_by_an_address_in_any_case(string option, string value)
    {
        using var database = await DatabaseAsync();

        var outcome = await ExportAsync(database, option, value);

        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Error));
        var person = Assert.Single(outcome.Json.GetProperty("people").EnumerateArray().ToList());
        Assert.Equal("Mizzi", person.GetProperty("rows").GetProperty("Candidate")[0].GetProperty("FirstName").GetString());
        Assert.Equal("a1", person.GetProperty("rows").GetProperty("CandidateProfile")[0].GetProperty("ReferenceId").GetString());
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public async Task The_ending_of_the_file_says_in_which_form_it_is_and_the_file_is_its_owners_alone()
    {
        using var database = await DatabaseAsync();

        var page = await ExportAsync(database, "--person", "p1", "--language", "en", "--output", "person.html");
        var json = await ExportAsync(database, "--person", "p1", "--output", "person.json");
        var german = await ExportAsync(database, "--person", "p1", "--format", "html", "--output", "person.txt");

        Assert.Equal(((0, ""), (0, ""), (0, "")), ((page.ExitCode, page.Error), (json.ExitCode, json.Error), (german.ExitCode, german.Error)));
        Assert.Equal($"Written: {PathOf("person.html")}, people: 1, applications: 1", page.Output);
        Assert.Contains("<html lang=\"en\">", await File.ReadAllTextAsync(PathOf("person.html"), Cancel), StringComparison.Ordinal);
        Assert.Contains("<html lang=\"de\">", await File.ReadAllTextAsync(PathOf("person.txt"), Cancel), StringComparison.Ordinal);
        using var written = JsonDocument.Parse(await File.ReadAllTextAsync(PathOf("person.json"), Cancel));
        Assert.Equal("hokify-people/1", written.RootElement.GetProperty("format").GetString());
        foreach (var file in OperatingSystem.IsWindows() ? [] : Directory.GetFiles(_folder.Path))
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, new FileInfo(file).UnixFileMode);
        }
    }

    [Fact]
    public async Task Each_export_is_a_line_of_the_audit_log_that_names_nobody()
    {
        using var database = await DatabaseAsync();

        await ExportAsync(database, "--email", "mizzi@example.at");
        var audit = await RunAsync(database, "audit", "--json");

        Assert.Equal(
            ("ExportPeople", 1, "People whose data was exported: 1; their applications: 1; as json."),
            (audit.Json[0].GetProperty("action").GetString(), audit.Json[0].GetProperty("scopeId").GetInt32(), audit.Json[0].GetProperty("detail").GetString()));
        Assert.DoesNotContain("mizzi", audit.Output, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Of_several_people_with_an_address_none_is_written_until_one_is_named_or_all_are_wanted()
    {
        using var database = await DatabaseAsync();

        var refused = await ExportAsync(database, "--email", "family@example.at", "--output", "family.json");
        var all = await ExportAsync(database, "--email", "family@example.at", "--all");

        Assert.Equal(
            (1, "", "--email names 2 people in scope 1: name one by --person p2, or --person p3; or have all of them written with --all."),
            (refused.ExitCode, refused.Output, refused.Error));
        Assert.Empty(Directory.GetFiles(_folder.Path));
        Assert.Equal(["p2", "p3"], all.Json.GetProperty("people").EnumerateArray().Select(person => person.GetProperty("rows").GetProperty("Candidate")[0].GetProperty("ReferenceId").GetString()));
        Assert.Equal(1, await database.QueryAsync(db => db.Audit.CountAsync(Cancel)));
    }

    [Theory]
    [InlineData("--person nobody-1", "--person names nobody who is stored in scope 1, and nothing that waits there names them.")]
    [LongFormData("--email nobody@example.at", "--email names nobody who is stored in scope 1, and nothing that waits there names them.")]
    [LongFormData("--email nobody", "--email is no mail address; expected is one such as jobs@example.at.")]
    [InlineData("--person p1 --output taken.json", "--output names {folder}/taken.json, which exists already and is left alone; choose another name, or move it away.")]
    [LongFormData("--person p1 --output person.pdf", "--output is 'person.pdf', whose ending names no format; end it in .json or .html, or say which one with --format json or html.")]
    [LongFormData("--person p1 --format html", "The page needs a file; name one with --output.")]
    [LongFormData("--person p1 --language de", "--language is for html; the JSON has both languages.")]
    [LongFormData("--person p1 --format pdf", "--format is 'pdf'; it must be json or html.\nSee 'hokify people export --help'.")]
    [LongFormData("--person p1 --language fr", "--language is 'fr'; it must be de or en.\nSee 'hokify people export --help'.")]
    [InlineData("--person p1 --email a@b.c", "Name somebody by one of --application, --person and --email; --person and --email were given.")]
    [LongFormData("--output person.json", "Name somebody by one of --application, --person and --email; none was given.")]
    public async Task What_cannot_be_written_is_said_in_a_sentence_and_nothing_is_left(string arguments, string sentence)
    {
        using var database = await DatabaseAsync();
        await File.WriteAllTextAsync(PathOf("taken.json"), "mine", Cancel);

        var outcome = await ExportAsync(database, arguments.Split(' '));

        Assert.Equal((1, "", sentence.Replace("{folder}", _folder.Path, StringComparison.Ordinal)), (outcome.ExitCode, outcome.Output, outcome.Error));
        Assert.Equal("mine", await File.ReadAllTextAsync(Assert.Single(Directory.GetFiles(_folder.Path)), Cancel));
        Assert.Equal(0, await database.QueryAsync(db => db.Audit.CountAsync(Cancel)));
    }

    [Fact]
    public async Task A_scope_that_is_not_known_is_said_to_be_none()
    {
        using var database = await DatabaseAsync();

        var outcome = await ExportAsync(database, "--person", "p1", "--scope", "7");

        Assert.Equal((1, ""), (outcome.ExitCode, outcome.Output));
        Assert.StartsWith("Scope 7 is not known:", outcome.Error, StringComparison.Ordinal);
    }

    private static async Task<HokifyDatabase> DatabaseAsync()
    {
        var database = await HokifyDatabase.CreateAsync();
        await database.QueueFullAsync("nightly");
        await database.QueryAsync(db =>
        {
            db.CandidateProfiles.AddRange(Application("a1", "p1", "Mizzi", "mizzi@example.at"), Application("a2", "p2", "Resi", "family@example.at"), Application("a3", "p3", "Franz", "family@example.at"));
            return db.SaveChangesAsync(Cancel);
        });
        return database;
    }

    private static CandidateProfile Application(string id, string person, string name, string address)
    {
        var now = TimeProvider.System.GetUtcNow();
        return new CandidateProfile
        {
            ScopeId = 1,
            ReferenceId = id,
            ContentHash = new byte[16],
            CreatedAt = now,
            ChangedAt = now,
            Columns = new ProfileColumns { Name = "Köchin" },
            Candidate = new Candidate
            {
                ScopeId = 1,
                ReferenceId = person,
                ContentHash = new byte[16],
                CreatedAt = now,
                ChangedAt = now,
                Columns = new CandidateColumns { FirstName = name, Email = address },
            },
        };
    }

    private Task<HokifyOutcome> ExportAsync(HokifyDatabase database, params string[] arguments) => RunAsync(database, ["people", "export", .. arguments]);

    private Task<HokifyOutcome> RunAsync(HokifyDatabase database, params string[] arguments) => HokifyProcess.RunAsync(
        _folder.Path, new Dictionary<string, string> { ["Database__ConnectionString"] = database.ConnectionString }, arguments);

    private string PathOf(string file) => Path.Combine(_folder.Path, file);
}
