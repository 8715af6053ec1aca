using HokifyMessaging.IntegrationTests.Foreign;
using HokifyMessaging.IntegrationTests.Processes;
using HokifyMessaging.Tests;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.IntegrationTests.Backups;

/// <summary><c>hokify backup</c>, <c>restore</c> and <c>erasures</c>, as operators call them.</summary>
public sealed class BackupVerbTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_backup_is_made_beside_a_service_and_is_said_what_it_is()
    {
        await using var site = await ImportedAsync();
        var service = await site.ServeAsync();
        await service.UntilStartedAsync();

        var made = await RunAsync(site, "backup", "backup.zip", "--verify");
        var json = await RunAsync(site, "backup", "verify", "backup.zip", "--json");

        Assert.Equal((0, ""), (made.ExitCode, made.Error));
        Assert.Matches($"^Made and verified +{PathOf(site, "backup.zip")}\nsize +[0-9,]+ bytes\nof +[0-9-]+ [0-9:]+Z, by hokify [0-9.]+\nschema +[0-9]+_Initial\nrows +ActivityLog [0-9]+, Audit 1, Candidate [0-9]+, CandidateProfile 20, .*\nscope 1 +read to the end up to .*Z\nnot finished +no run$", made.Output);
        Assert.Equal((20, true), (json.Json.GetProperty("manifest").GetProperty("rows").GetProperty("CandidateProfile").GetInt32(), json.Json.GetProperty("verified").GetBoolean()));
        Assert.Equal(0, await service.TerminateAsync());
        Assert.Equal(["backup.zip"], Directory.GetFiles(site.Database.Folder, "backup*").Select(Path.GetFileName));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, new FileInfo(PathOf(site, "backup.zip")).UnixFileMode);
    }

    [Theory]
    [InlineData("backup taken.zip", "FILE names {folder}/taken.zip, which exists already and is left alone; choose another name, or move it away.")]
    [LongFormData("backup taken.zip --verify", "FILE names {folder}/taken.zip, which exists already and is left alone; 'hokify backup verify taken.zip' checks it, and another name makes another one.")]
    [LongFormData("backup nowhere/backup.zip", "FILE names {folder}/nowhere/backup.zip, and the folder {folder}/nowhere does not exist; make it first, or choose another.")]
    [LongFormData("backup /proc/backup.zip", "The backup is not made: nothing can be written to /proc/backup.zip; the folder must be one that this user may write to, with room for it.")]
    [InlineData("backup verify taken.zip", "{folder}/taken.zip is no backup that 'hokify backup' has made, or it was cut or damaged since; take another one.")]
    [LongFormData("backup verify nowhere.zip", "{folder}/nowhere.zip does not exist; name a backup that 'hokify backup' has made.")]
    [LongFormData("restore taken.zip --yes", "{folder}/taken.zip is no backup that 'hokify backup' has made, or it was cut or damaged since; take another one.")]
    [LongFormData("restore taken.zip --erasures nowhere.json --yes", "--erasures names {folder}/nowhere.json, which does not exist; name a list that 'hokify erasures export' has written.")]
    [InlineData("restore taken.zip --erasures taken.zip --yes", "{folder}/taken.zip cannot be read from line 1 on: it was cut or changed, or is something else; expected is a list that 'hokify erasures export' has written.")]
    [LongFormData("erasures export taken.zip", "FILE names {folder}/taken.zip, which exists already and is left alone; choose another name, or move it away.")]
    [LongFormData("erasures export - --json", "--json and the list itself cannot both go to standard output; name a file, or leave --json out.")]
    [InlineData("erasures import nowhere.json", "FILE names {folder}/nowhere.json, which does not exist; name a list that 'hokify erasures export' has written.")]
    public async Task What_cannot_be_done_is_said_in_a_sentence_and_nothing_is_changed(string arguments, string sentence)
    {
        using var database = await HokifyDatabase.CreateAsync();
        await File.WriteAllTextAsync(Path.Combine(database.Folder, "taken.zip"), "mine", Cancel);
        var (files, dump) = (Files(), await database.DumpAsync());

        var outcome = await HokifyProcess.RunAsync(database.Folder, Of(database), arguments.Split(' '));

        Assert.Equal((1, "", sentence.Replace("{folder}", database.Folder, StringComparison.Ordinal)), (outcome.ExitCode, outcome.Output, outcome.Error));
        Assert.Equal(dump, await database.DumpAsync());
        Assert.Equal(files, Files().Where(file => !file.EndsWith(".migrating", StringComparison.Ordinal)));

        string[] Files() => [.. Directory.GetFiles(database.Folder).Order(StringComparer.Ordinal)];
    }

    [Theory]
    [InlineData("backup backup.zip", "'hokify backup' makes")]
    [InlineData("restore backup.zip --yes", "'hokify restore' restores")]
    public async Task With_SQL_Server_it_says_what_does_it_there(string arguments, string what)
    {
        using var database = await HokifyDatabase.CreateAsync();
        var settings = new Dictionary<string, string> { ["Database:Provider"] = "SqlServer", ["Database:ConnectionString"] = "Server=nowhere.invalid;Database=hokify", ["Hokify:Privacy:ErasureKey"] = Convert.ToBase64String(new byte[32]) };

        var outcome = await HokifyProcess.RunAsync(database.Folder, settings, arguments.Split(' '));

        Assert.Equal(
            (1, $"{what} backups of SQLite alone, and Database:Provider is SqlServer: back it up with BACKUP DATABASE … WITH CHECKSUM and restore it with RESTORE DATABASE, as OPERATIONS.md shows under 'Backup and restore', and take the erased along with 'hokify erasures export' and 'hokify erasures import'."),
            (outcome.ExitCode, outcome.Error));
    }

    /// <summary>A disk that takes no more, as a limit to how long a file may become: each write beyond it fails, as it does there.</summary>
    [Fact]
    public async Task On_a_full_disk_nothing_is_left_of_a_backup_and_a_database_is_as_it_was()
    {
        await using var site = await ImportedAsync();
        Assert.Equal(0, (await RunAsync(site, "backup", "backup.zip")).ExitCode);
        var dump = await site.Database.DumpAsync();

        var backup = await LimitedAsync(site, "backup", "full.zip");
        var restore = await LimitedAsync(site, "restore", "backup.zip", "--yes");
        var verify = await LimitedAsync(site, "backup", "verify", "backup.zip");

        Assert.Equal((1, $"The backup is not made: nothing can be written to {PathOf(site, "full.zip")}; the folder must be one that this user may write to, with room for it."), backup);
        Assert.Equal((1, $"The database of {PathOf(site, "backup.zip")} cannot be unpacked into {site.Database.Folder}; that must be a folder that this user may write to, with room for it."), restore);
        Assert.Equal(1, verify.ExitCode);
        Assert.Matches($"^The database of {PathOf(site, "backup.zip")} cannot be unpacked into .*; that must be a folder that this user may write to, with room for it\\.$", verify.Error);
        Assert.Equal(dump, await site.Database.DumpAsync());
        Assert.DoesNotContain(Directory.GetFileSystemEntries(site.Database.Folder), file => file.Contains("full.zip", StringComparison.Ordinal) || file.Contains(".restoring", StringComparison.Ordinal) || file.Contains("hokify-backup-", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_restore_says_what_it_would_do_is_refused_beside_a_service_and_then_done()
    {
        await using var site = await ImportedAsync();
        Assert.Equal(0, (await RunAsync(site, "backup", "backup.zip")).ExitCode);
        var erased = site.Sandbox.Advance(@new: 2, erased: 1);
        Assert.Equal(0, (await RunAsync(site, "import", "--mode", "Full", "--key", "after")).ExitCode);
        var (service, before) = (await site.ServeAsync(), "");
        await service.UntilAsync(() => site.Database.IsAnnouncedAsync("after"), "the run is announced");
        before = await site.Database.DumpAsync();

        var told = await RunAsync(site, "restore", "backup.zip");
        var refused = await RunAsync(site, "restore", "backup.zip", "--yes");
        Assert.Equal(before, await site.Database.DumpAsync());
        Assert.Equal(0, await service.TerminateAsync());
        var done = await RunAsync(site, "restore", "backup.zip", "--yes");

        Assert.Equal((0, ""), (told.ExitCode, told.Error));
        Assert.StartsWith($"would restore  {site.Database.File}", told.Output, StringComparison.Ordinal);
        Assert.Contains("- Nothing was changed; --yes does it.", told.Output, StringComparison.Ordinal);
        Assert.Equal((1, $"The database file {site.Database.File} is open in another process; stop 'hokify serve' and whatever else uses it, and restore again. Nothing was changed."), (refused.ExitCode, refused.Error));
        Assert.Equal((0, ""), (done.ExitCode, done.Error));
        Assert.Matches($"\nerased again +people 1, applications {erased.Erased.Count}, of those who were erased since; hashes that keep them out: [0-9]+\n", done.Output);
        Assert.Matches("\nscope 1 +the next incremental import reads from .*Z on\n", done.Output);
        Assert.Matches("\nThe events of these runs went out after the backup: .*\n\nid .*\n[0-9a-f-]{36} .*Z +Completed +Completed +1 +before\n[0-9a-f-]{36} .*Z +Completed +unknown +1 +after\n", done.Output);
        Assert.Equal(0, (await RunAsync(site, "import", "--mode", "Full", "--key", "again")).ExitCode);
        Assert.Equal(site.Sandbox.ApplicationIds().Except(erased.Erased).Order(), await site.Database.QueryAsync(db => db.CandidateProfiles.Where(p => !p.IsDeleted).Select(p => p.ReferenceId).OrderBy(id => id).ToListAsync(Cancel)));
    }

    [Fact]
    public async Task Whoever_is_on_an_exported_list_is_erased_in_another_database_and_stays_out()
    {
        await using var site = await ImportedAsync();
        using var other = await HokifyDatabase.CreateAsync();
        site.Database.CopyTo(other);
        File.Copy(site.Database.File + ".erasure-key", other.File + ".erasure-key");
        var erased = site.Sandbox.Advance(erased: 2);
        Assert.Equal(0, (await RunAsync(site, "import", "--mode", "Full")).ExitCode);

        var exported = await RunAsync(site, "erasures", "export", "erasures.json");
        var printed = await RunAsync(site, "erasures", "export", "-");
        var list = PathOf(site, "erasures.json");
        var imported = await HokifyProcess.RunAsync(other.Folder, Of(other), "erasures", "import", list, "--json");
        var again = await HokifyProcess.RunAsync(other.Folder, Of(other), "erasures", "import", list);

        Assert.Equal((0, ""), (exported.ExitCode, exported.Error));
        Assert.Matches($"^Written: {list}, hashes of erased ids and addresses: [0-9]+$", exported.Output);
        Assert.Equal(Hashes(await File.ReadAllTextAsync(list, Cancel)), Hashes(printed.Output));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, new FileInfo(list).UnixFileMode);
        var scope = Assert.Single(imported.Json.GetProperty("scopes").EnumerateArray());
        Assert.Equal((2, erased.Erased.Count), (scope.GetProperty("people").GetInt32(), scope.GetProperty("applications").GetInt32()));
        Assert.Equal((0, "Scope 1: erased people 0, applications 0; hashes that are new here: 0"), (again.ExitCode, again.Output));
        var dump = await other.DumpAsync();
        Assert.All(erased.ErasedPersons.Concat(erased.Erased), id => Assert.DoesNotContain($"|{id}|", dump, StringComparison.Ordinal));

        File.Delete(other.File + ".erasure-key");
        await File.WriteAllTextAsync(other.File + ".erasure-key", Convert.ToBase64String(new byte[32]), Cancel);
        var refused = await HokifyProcess.RunAsync(other.Folder, Of(other), "erasures", "import", list);
        Assert.Equal(1, refused.ExitCode);
        Assert.StartsWith($"{other.File}.erasure-key is not the erasure key that belongs to this database", refused.Error, StringComparison.Ordinal);

        static string Hashes(string text) => string.Join('\n', text.TrimEnd().Split('\n').Skip(1));
    }

    private static async Task<Installation> ImportedAsync()
    {
        var site = await Installation.StartAsync(applications: 20);
        var imported = await RunAsync(site, "import", "--mode", "Full", "--key", "before");
        Assert.True(imported.ExitCode == 0, imported.Error);
        return site;
    }

    private static Task<HokifyOutcome> RunAsync(Installation site, params string[] arguments) => HokifyProcess.RunAsync(site.Database.Folder, site.Settings, arguments);

    private static string PathOf(Installation site, string file) => Path.Combine(site.Database.Folder, file);

    private static Dictionary<string, string> Of(HokifyDatabase database) => new() { ["Database:ConnectionString"] = database.ConnectionString };

    private static async Task<(int ExitCode, string Error)> LimitedAsync(Installation site, params string[] arguments)
    {
        // The database's file is longer than these blocks of half a kilobyte.
        var line = $"trap '' XFSZ; ulimit -f 100; exec dotnet '{HokifyProcess.Program}' {string.Join(' ', arguments)}";
        var command = new ForeignCommand(site.Database.Folder, "/bin/sh", "-c", line)
        {
            // The runtime's own memory is a file without a name.
            Environment = { ["DOTNET_EnableWriteXorExecute"] = "0", ["DOTNET_EnableDiagnostics"] = "0", ["TMPDIR"] = site.Database.Folder },
        };
        foreach (var (key, value) in site.Settings)
        {
            command.Environment[key.Replace(":", "__", StringComparison.Ordinal)] = value;
        }

        var (exitCode, _, errors) = await ForeignProgram.RunAsync(command);
        return (exitCode, errors.TrimEnd());
    }
}
