using HokifyMessaging.Sandbox;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Tests.Importing;

/// <summary>The same applications through every source.</summary>
public sealed class SourceTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string, string> Generations => new()
    {
        { "AtsApi:Version", "V1" },
        { "Source", "ExternApi" },
        { "ExternApi:Csv", "true" },
    };

    [Theory]
    [MemberData(nameof(Generations))]
    public async Task Every_generation_of_the_api_brings_all_applications_and_a_second_import_changes_nothing(string setting, string value)
    {
        await using var setup = await ImportSetup.StartAsync();
        await setup.StopHostAsync();
        setup.Settings["Hokify:Scopes:1:AtsApi:BaseAddress"] = setup.Sandbox.AtsApiV1.ToString();
        setup.Settings["Hokify:Scopes:1:ExternApi:BaseAddress"] = setup.Sandbox.ExternApi.ToString();
        setup.Settings["Hokify:Scopes:1:ExternApi:Mandator"] = "demo";
        setup.Settings["Hokify:Scopes:1:ExternApi:Token"] = "demo-token";
        setup.Settings["Hokify:Scopes:1:Source"] = setting.StartsWith("AtsApi", StringComparison.Ordinal) ? "AtsApi" : "ExternApi";
        setup.Settings[$"Hokify:Scopes:1:{setting}"] = value;
        await setup.StartHostAsync();

        var first = (await setup.ImportFullAsync()).Result;
        var rows = await setup.RowsAsync();
        var second = (await setup.ImportFullAsync()).Result;

        Assert.Equal((40, 0), (first.CreatedCounts["CandidateProfile"], first.ErrorCount));
        Assert.Equal((40, 40, 0), (second.UnchangedCounts["CandidateProfile"], second.UnchangedCounts["Candidate"], second.ErrorCount));
        Assert.Equal(rows, await setup.RowsAsync());
        Assert.Equal(
            setup.Sandbox.ApplicationIds().Order(),
            await setup.QueryAsync(db => db.CandidateProfiles.Select(p => p.ReferenceId).OrderBy(id => id).ToListAsync(Cancel)));
    }

    [Fact]
    public async Task A_folder_of_exports_is_imported_and_resumed_like_any_other_source()
    {
        var folder = Directory.CreateTempSubdirectory("hokify-exports-");
        try
        {
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "1.csv"), "sep=;\nmatchId;name;email;birthday\na1;Anna Gruber;anna@example.at;01.02.1990\na2;Ben Huber;ben@example.at;31.02.1990\n", Cancel);
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "2.csv"), "matchId,name,email\na3,Anna Gruber,ANNA@example.at\n", Cancel);
            await using var setup = await ImportSetup.StartAsync(settings:
            [
                new("Hokify:Scopes:1:Source", "CsvFiles"),
                new("Hokify:Scopes:1:CsvFiles:Path", folder.FullName),
            ]);

            var result = (await setup.ImportFullAsync()).Result;

            Assert.Equal((2, 1, 1), (result.CreatedCounts["CandidateProfile"], result.CreatedCounts["Candidate"], result.ErrorCount));
            var message = Assert.Single(result.Exceptions["Candidate"]).Message;
            Assert.StartsWith("1.csv line 4, application a2: birthday ", message, StringComparison.Ordinal);
            Assert.DoesNotContain("31.02.1990", message, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Files_that_contradict_each_other_have_changed_nothing_when_they_are_read_again()
    {
        var folder = Directory.CreateTempSubdirectory("hokify-exports-");
        try
        {
            const string Header = "matchId;name;email;phone;applicationDate\n";
            await File.WriteAllTextAsync(
                Path.Combine(folder.FullName, "1.csv"),
                Header + "a1;Anna Gruber;familie@example.at;1;01.02.2026\na2;Ben Gruber;familie@example.at;2;01.02.2026\na3;Anna Gruber;familie@example.at;3;02.02.2026\n",
                Cancel);
            await File.WriteAllTextAsync(
                Path.Combine(folder.FullName, "2.csv"), Header + "a1;Gruber Anna;familie@example.at;4;01.02.2026\na2;Clara Huber;clara@example.at;5;01.02.2026\n", Cancel);
            await using var setup = await ImportSetup.StartAsync(settings:
            [
                new("Hokify:Scopes:1:Source", "CsvFiles"),
                new("Hokify:Scopes:1:CsvFiles:Path", folder.FullName),
                new("Hokify:Import:BatchSize", "1"),
            ]);
            var first = (await setup.ImportFullAsync()).Result;
            var rows = await setup.RowsAsync();
            var changes = await setup.QueryAsync(db => db.ActivityLogs.CountAsync(Cancel));
            File.Move(Path.Combine(folder.FullName, "1.csv"), Path.Combine(folder.FullName, "3.csv"));

            foreach (var _ in new[] { "turned", "again" })
            {
                var again = (await setup.ImportFullAsync()).Result;
                Assert.Equal((0, 0, 0), (again.CreatedCounts.Values.Sum(), again.UpdatedCounts.Values.Sum(), again.DeletedCounts.Values.Sum()));
                Assert.Equal((3, 1, 1), (again.UnchangedCounts["CandidateProfile"], again.StatsCounter["Duplicates"], again.ErrorCount));
                Assert.Equal((rows, changes), (await setup.RowsAsync(), await setup.QueryAsync(db => db.ActivityLogs.CountAsync(Cancel))));
            }

            Assert.Equal((3, 2, 1), (first.CreatedCounts["CandidateProfile"], first.CreatedCounts["Candidate"], first.ErrorCount));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData(SandboxShape.ObjectPerItem, SandboxOffsetUnit.Applications)]
    [InlineData(SandboxShape.ArrayPerItem, SandboxOffsetUnit.Applications)]
    [InlineData(SandboxShape.Grouped, SandboxOffsetUnit.Applications)]
    [InlineData(SandboxShape.Grouped, SandboxOffsetUnit.Groups)]
    public async Task Every_shape_of_todays_pages_gives_the_same_rows(SandboxShape shape, SandboxOffsetUnit unit)
    {
        await using var setup = await ImportSetup.StartAsync(
            settings: [new("Hokify:Scopes:1:AtsApi:OffsetCounts", unit.ToString())],
            sandbox: options => (options.AllApplicationsShape, options.OffsetCounts) = (shape, unit));

        var result = (await setup.ImportFullAsync()).Result;

        Assert.Equal((40, 0, 0), (result.CreatedCounts["CandidateProfile"], result.ErrorCount, result.StatsCounter["Duplicates"]));
    }
}
