using HokifyMessaging.Reading.CsvFiles;
using HokifyMessaging.Tests.Deployment;
using HokifyMessaging.Tests.Importing;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Tests.Pages;

/// <summary>What the page says of CSV files that can be imported is what is accepted, and the file beside it is one.</summary>
public sealed class CsvFilesPageTests
{
    private const string Sample = "src/HokifyMessaging/Reading/CsvFiles/sample.csv";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void Every_header_that_is_accepted_is_listed() =>
        Assert.Equal(
            FlatFields.Accepted.Select(field => $"{field.Key}: {string.Join(", ", field.Value)}"),
            Page.CsvFiles.Table("## Columns", "field").Select(row => $"{Page.Names(row[0]).Single()}: {string.Join(", ", Page.Names(row[1]))}"));

    [Fact]
    public async Task The_sample_is_imported_with_all_its_umlauts_and_changes_nothing_the_second_time()
    {
        await using var setup = await ImportSetup.StartAsync(0, [new("Hokify:Scopes:1:Source", "CsvFiles"), new("Hokify:Scopes:1:CsvFiles:Path", Checkout.PathOf(Sample))]);

        var first = (await setup.ImportFullAsync()).Result;
        var second = (await setup.ImportFullAsync()).Result;

        Assert.Equal((4, 3, 0, 0), (first.CreatedCounts["CandidateProfile"], first.CreatedCounts["Candidate"], first.ErrorCount, first.StatsCounter["UnknownFields"]));
        Assert.Equal((0, 0, 4), (second.CreatedCounts["CandidateProfile"], second.UpdatedCounts["CandidateProfile"], second.UnchangedCounts["CandidateProfile"]));
        Assert.Equal(
            ["Erika Größler: Türkei", "Jörg Beispiel: Österreich", "Zoë Müster: Österreich"],
            (await setup.QueryAsync(db => db.Candidates.Select(c => c.Columns.FirstName + " " + c.Columns.LastName + ": " + c.Columns.Nationality).ToListAsync(Cancel))).Order(StringComparer.Ordinal));
    }
}
