using System.Text;
using HokifyMessaging.Contracts;
using HokifyMessaging.Reading;
using HokifyMessaging.Sandbox;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Tests.Importing;

/// <summary>Whole imports from files and answers that are not what they seem.</summary>
public sealed class FileImportTests : IDisposable
{
    private const string Whole = "matchId;name;email\nm1;Jörg Gruber;joerg@one.example\nm2;Ben Huber;ben@two.example\nm3;Clara Maier;clara@three.example\n";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hokify-files-");

    public void Dispose() => _folder.Delete(recursive: true);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string File1 => Path.Combine(_folder.FullName, "1.csv");

    public static TheoryData<string, int> Cuts => new()
    {
        { "a field is missing", Encoding.UTF8.GetByteCount(Whole[..Whole.IndexOf(";ben@", StringComparison.Ordinal)]) },
        { "a field is half there", Encoding.UTF8.GetByteCount(Whole[..Whole.IndexOf(".example\nm3", StringComparison.Ordinal)]) },
        { "the id is half there", Encoding.UTF8.GetByteCount(Whole[..Whole.IndexOf("3;Clara", StringComparison.Ordinal)]) },
        { "a letter is half there", Encoding.UTF8.GetByteCount(Whole[..Whole.IndexOf("örg", StringComparison.Ordinal)]) + 1 },
        { "the header is all there is", "matchId;name;email".Length },
    };

    [Theory]
    [MemberData(nameof(Cuts))]
    public async Task A_file_that_was_cut_stores_no_cut_row_deletes_nothing_leaves_the_watermark_and_says_so(string cut, int bytes)
    {
        await File.WriteAllTextAsync(File1, Whole, Cancel);
        await using var setup = await StartAsync();
        await setup.ImportFullAsync();
        var (rows, watermark) = (await setup.RowsAsync(), await WatermarkAsync(setup));

        await File.WriteAllBytesAsync(File1, Encoding.UTF8.GetBytes(Whole)[..bytes], Cancel);
        var full = (await setup.ImportFullAsync()).Result;
        var incremental = (await setup.ImportIncrementalAsync()).Result;

        Assert.Contains(full.Exceptions["CandidateProfile"], e => e.Message!.Contains("whole: ", StringComparison.Ordinal) && e.Message.Contains("nothing was deleted", StringComparison.Ordinal));
        Assert.Contains(incremental.Exceptions["CandidateProfile"], e => e.Message!.Contains("whole: ", StringComparison.Ordinal));
        Assert.Equal((rows, watermark), (await setup.RowsAsync(), await WatermarkAsync(setup)));
        Assert.True(cut.Length > 0 && full.DeletedCounts.GetValueOrDefault("CandidateProfile") == 0);

        await File.WriteAllTextAsync(File1, Whole.Replace("m3;Clara", "m4;Clara", StringComparison.Ordinal), Cancel);
        var healed = (await setup.ImportFullAsync()).Result;
        Assert.Equal((1, 1), (healed.CreatedCounts["CandidateProfile"], healed.DeletedCounts["CandidateProfile"]));
        Assert.NotEqual(watermark, await WatermarkAsync(setup));
    }

    [Theory]
    [InlineData("matchId;name;email\n")]
    [InlineData("matchId;name;email\n\n\n")]
    [InlineData("sep=;\nmatchId;name;email\n;;\n")]
    public async Task A_source_that_brings_nothing_at_all_deletes_nothing(string empty)
    {
        await File.WriteAllTextAsync(File1, Whole, Cancel);
        await using var setup = await StartAsync();
        await setup.ImportFullAsync();
        var rows = await setup.RowsAsync();

        await File.WriteAllTextAsync(File1, empty, Cancel);
        var result = (await setup.ImportFullAsync()).Result;

        Assert.StartsWith("The source had no application at all, and 3 are active here; nothing was deleted.", Assert.Single(result.Exceptions["CandidateProfile"]).Message, StringComparison.Ordinal);
        Assert.Equal(rows, await setup.RowsAsync());
    }

    [Theory]
    [InlineData("matchId;name;email\n", 2, 0)]
    [InlineData("matchId;name;email\n", 3, 3)]
    public async Task A_source_that_brings_nothing_at_all_deletes_what_somebody_has_accepted(string empty, int accepted, int deleted)
    {
        await File.WriteAllTextAsync(File1, Whole, Cancel);
        await using var setup = await StartAsync();
        await setup.ImportFullAsync();

        await File.WriteAllTextAsync(File1, empty, Cancel);
        var request = new HokifyImportRequested { ImportMode = ImportMode.Full, AllowDeletions = accepted };
        var planned = (await setup.ImportAsync(request with { DryRun = true })).Result;
        var result = (await setup.ImportAsync(request with { IdempotencyKey = "accepted" })).Result;
        var differently = await setup.FailureAsync(request with { IdempotencyKey = "accepted", AllowDeletions = 9 });

        Assert.Equal((deleted, deleted), (planned.DeletedCounts["CandidateProfile"], result.DeletedCounts["CandidateProfile"]));
        Assert.Equal(deleted == 0 ? 1 : 0, result.ErrorCount);
        Assert.Equal(deleted, await setup.QueryAsync(db => db.CandidateProfiles.CountAsync(profile => profile.IsDeleted, Cancel)));
        Assert.Contains($"AllowDeletions (was {accepted}, now 9)", differently, StringComparison.Ordinal);
        if (deleted == 0)
        {
            Assert.EndsWith("if they are really gone, ask for a full import again, with a new key and allowDeletions 3.", Assert.Single(result.Exceptions["CandidateProfile"]).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_file_that_is_replaced_between_a_stop_and_the_resume_is_read_from_its_beginning()
    {
        var second = Path.Combine(_folder.FullName, "2.csv");
        await File.WriteAllTextAsync(File1, Whole, Cancel);
        await File.WriteAllTextAsync(second, "matchId;name\nm9;Zoe Huber\n", Cancel);
        await using var setup = await StartAsync(("Hokify:Import:BatchSize", "1"));
        var request = new HokifyImportRequested { ImportMode = ImportMode.Full, IdempotencyKey = "k" };
        await using (new FileStream(second, FileMode.Open, FileAccess.ReadWrite, FileShare.None))
        {
            Assert.Contains("2.csv cannot be read", await setup.FailureAsync(request), StringComparison.Ordinal);
        }

        await File.WriteAllTextAsync(File1, Whole.Replace("m1;", "m0;", StringComparison.Ordinal), Cancel);
        await setup.PublishAsync(request);
        await ImportSetup.Until(() => setup.Completions.Of("k").Count == 1);

        Assert.Equal(0, setup.Completions.Of("k")[0].Event.Result.ErrorCount);
        Assert.Equal(
            ["m0", "m2", "m3", "m9"],
            await setup.QueryAsync(db => db.CandidateProfiles.Where(p => !p.IsDeleted && p.ReferenceId != "m1").Select(p => p.ReferenceId).OrderBy(id => id).ToListAsync(Cancel)));
    }

    [Fact]
    public async Task An_odd_byte_is_named_in_the_result_and_its_row_and_all_others_are_stored()
    {
        await File.WriteAllBytesAsync(File1, [.. Encoding.UTF8.GetBytes(Whole), .. TextEncodings.Find("windows-1252")!.GetBytes("m4;G\u00fcnther;g@one.example\n")], Cancel);
        await using var setup = await StartAsync();

        var result = (await setup.ImportFullAsync()).Result;

        Assert.StartsWith("1.csv holds bytes that are no utf-8 in line 5;", Assert.Single(result.Exceptions["CandidateProfile"]).Message, StringComparison.Ordinal);
        Assert.Equal(
            ["Ben Huber", "Clara Maier", "Günther", "Jörg Gruber"],
            (await setup.QueryAsync(db => db.CandidateProfiles.Select(p => p.Columns.CandidateName).ToListAsync(Cancel))).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_field_of_megabytes_costs_no_more_than_its_row()
    {
        await File.WriteAllTextAsync(File1, $"{Whole}m4;{new string('x', 5_000_000)};x@one.example\nm5;Eva Huber;eva@one.example\n", Cancel);
        await using var setup = await StartAsync();

        var result = (await setup.ImportFullAsync()).Result;

        Assert.Equal((4, 1), (result.CreatedCounts["CandidateProfile"], result.ErrorCount));
        Assert.StartsWith("1.csv line 5, application m4: name has more than 1,000,000 characters", Assert.Single(result.Exceptions["CandidateProfile"]).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("windows-1252", true, true)]
    [InlineData("windows-1252", false, true)]
    [InlineData("windows-1252", true, false)]
    [InlineData("iso-8859-15", true, true)]
    [InlineData("iso-8859-1", true, false)]
    [InlineData("utf-16", true, true)]
    [InlineData("utf-16", false, true)]
    [InlineData("utf-16", false, false)]
    public async Task Every_charset_of_the_api_of_2018_gives_the_same_rows(string charset, bool isNamed, bool csv)
    {
        await using var plain = await StartExternAsync(csv, _ => { });
        await plain.ImportFullAsync();
        await using var setup = await StartExternAsync(csv, options => (options.ExternCharset, options.ExternNamesCharset) = (charset, isNamed));

        var result = (await setup.ImportFullAsync()).Result;

        Assert.Equal((40, 0), (result.CreatedCounts["CandidateProfile"], result.ErrorCount));
        // The sandbox has names with letters that some of these charsets lack.
        var encoding = CodePagesEncodingProvider.Instance.GetEncoding(charset) ?? Encoding.GetEncoding(charset);
        Assert.Equal((await NamesAsync(plain)).Select(name => encoding.GetString(encoding.GetBytes(name!))), await NamesAsync(setup));

        static Task<List<string?>> NamesAsync(ImportSetup setup) =>
            setup.QueryAsync(db => db.CandidateProfiles.OrderBy(p => p.ReferenceId).Select(p => p.Columns.CandidateName).ToListAsync(Cancel));
    }

    [Theory]
    [InlineData(2_000)]
    [InlineData(5_001)]
    [InlineData(1_000_000)]
    public async Task CSV_that_says_nowhere_where_it_ends_deletes_nothing_and_says_why(int bytes)
    {
        await using var setup = await StartExternAsync(csv: true, _ => { });
        await setup.ImportFullAsync();
        var (rows, watermark) = (await setup.RowsAsync(), await WatermarkAsync(setup));
        setup.Sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.UnsaidEnd) { CutAfterBytes = bytes, Times = null });

        var result = (await setup.ImportFullAsync()).Result;

        Assert.Contains(result.Exceptions["CandidateProfile"], e => e.Message!.StartsWith("ExternApi", StringComparison.Ordinal) && e.Message.Contains("nothing was deleted", StringComparison.Ordinal));
        Assert.Equal((rows, watermark), (await setup.RowsAsync(), await WatermarkAsync(setup)));
    }

    private Task<ImportSetup> StartAsync(params (string Key, string Value)[] settings) => ImportSetup.StartAsync(
        applications: 0,
        settings:
        [
            new("Hokify:Scopes:1:Source", "CsvFiles"),
            new("Hokify:Scopes:1:CsvFiles:Path", _folder.FullName),
            .. settings.Select(setting => KeyValuePair.Create<string, string?>(setting.Key, setting.Value)),
        ]);

    private static async Task<ImportSetup> StartExternAsync(bool csv, Action<SandboxOptions> sandbox)
    {
        var setup = await ImportSetup.StartAsync(sandbox: sandbox);
        await setup.StopHostAsync();
        setup.Settings["Hokify:Scopes:1:Source"] = "ExternApi";
        setup.Settings["Hokify:Scopes:1:ExternApi:BaseAddress"] = setup.Sandbox.ExternApi.ToString();
        setup.Settings["Hokify:Scopes:1:ExternApi:Mandator"] = "demo";
        setup.Settings["Hokify:Scopes:1:ExternApi:Token"] = "demo-token";
        setup.Settings["Hokify:Scopes:1:ExternApi:Csv"] = csv ? "true" : "false";
        await setup.StartHostAsync();
        return setup;
    }

    private static Task<DateTimeOffset?> WatermarkAsync(ImportSetup setup) =>
        setup.QueryAsync(db => db.Scopes.Where(scope => scope.ScopeId == 1).Select(scope => scope.Watermark).SingleAsync(Cancel));
}
