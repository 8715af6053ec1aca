using HokifyMessaging.Applications;
using HokifyMessaging.Privacy;
using HokifyMessaging.Storage;
using HokifyMessaging.Tests.Deployment;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;

namespace HokifyMessaging.Tests.Privacy;

/// <summary>Each column of each table has its mark, and the page of the data map is what the marks say.</summary>
public sealed class DataMapTests
{
    private const string File = "src/HokifyMessaging/Privacy/DATAMAP.md";

    /// <summary>Above it the page is written by hand.</summary>
    private const string Mark = "<!-- Everything below is made from the data map; a test holds it. -->\n";

    public static TheoryData<string> Providers => ["Sqlite", "SqlServer"];

    private static IEnumerable<(MarkedTable Table, DataMark Column)> Marks => DataMap.Tables.SelectMany(table => table.Columns.Select(column => (table, column)));

    [Theory]
    [MemberData(nameof(Providers))]
    public void Every_column_of_every_table_has_a_mark_and_every_mark_is_a_column(string provider)
    {
        using HokifyDbContext db = provider == "Sqlite" ? new SqliteDesignTimeFactory().CreateDbContext([]) : new SqlServerDesignTimeFactory().CreateDbContext([]);
        var model = db.GetService<IDesignTimeModel>().Model.GetRelationalModel();

        Assert.Equal(model.Tables.Select(table => table.Name).Order(StringComparer.Ordinal), DataMap.Tables.Select(table => table.Name).Order(StringComparer.Ordinal));
        Assert.All(model.Tables, table => Assert.Equal(
            table.Columns.OrderBy(column => column.PropertyMappings[0].Property.GetColumnOrder(StoreObjectIdentifier.Table(table.Name))).Select(column => column.Name),
            DataMap.Of(table.Name).Columns.Select(column => column.Name)));
    }

    [Fact]
    public void Every_mark_has_words_in_both_languages_that_tell_it_from_the_others_of_its_table() => Assert.All(DataMap.Tables, table =>
    {
        Assert.All(table.Columns, column => Assert.Matches(@"^\p{L}[^|`<>]+$", column.German));
        Assert.All(table.Columns, column => Assert.Matches(@"^\p{L}[^|`<>]+$", column.English));
        Assert.Equal(table.Columns.Count, table.Columns.DistinctBy(column => column.German).Count());
        Assert.Equal(table.Columns.Count, table.Columns.DistinctBy(column => column.English).Count());
    });

    [Fact]
    public void What_is_of_a_person_and_stays_says_why_and_what_is_of_nobody_is_not_taken_away() => Assert.All(Marks, mark =>
    {
        var (_, column) = mark;
        Assert.Equal(column.Category == DataCategory.None, column.Subject == DataSubject.Nobody);
        Assert.Equal(
            column.Erasure == ErasureTreatment.Replaced || (column.Erasure == ErasureTreatment.Kept && column.Category != DataCategory.None), column.Because is { Length: > 0 });
        if (column.Category == DataCategory.None)
        {
            Assert.True(column.Erasure is ErasureTreatment.Kept or ErasureTreatment.Replaced, column.Name);
        }
    });

    [Fact]
    public void Only_who_somebody_is_can_be_said_by_a_pseudonym_and_nothing_that_hokify_tells_of_an_applicant_is_one()
    {
        Assert.All(Marks.Where(mark => mark.Column.IsPseudonym), mark => Assert.Equal((DataSubject.Applicant, DataCategory.Identity), (mark.Column.Subject, mark.Column.Category)));
        Assert.All(
            CandidateColumns.All.Select(column => DataMap.Of("Candidate").ColumnOf(column.Name)).Concat(ProfileColumns.All.Select(column => DataMap.Of("CandidateProfile").ColumnOf(column.Name))),
            mark => Assert.True(mark.IsPersonal, mark.Name));
    }

    [Fact]
    public void What_hokify_tells_of_an_applicant_is_of_the_applicant_and_emptied() => Assert.All(
        CandidateColumns.All.Select(column => DataMap.Of("Candidate").Columns.Single(mark => mark.Name == column.Name))
            .Concat(ProfileColumns.All.Select(column => DataMap.Of("CandidateProfile").Columns.Single(mark => mark.Name == column.Name))),
        mark => Assert.Equal((DataSubject.Applicant, ErasureTreatment.Emptied), (mark.Subject, mark.Erasure)));

    /// <summary>After a change that is meant: run this test with <c>HOKIFY_UPDATE_DATAMAP</c> set to the page's path, and look at the difference.</summary>
    [Fact]
    public void The_page_is_what_the_marks_say()
    {
        var page = Checkout.Read(File).ReplaceLineEndings("\n");
        var made = page[..(page.IndexOf(Mark, StringComparison.Ordinal) + Mark.Length)] + string.Concat(DataMap.Tables.Select(Section));
        if (Environment.GetEnvironmentVariable("HOKIFY_UPDATE_DATAMAP") is { Length: > 0 } path)
        {
            System.IO.File.WriteAllText(path, made);
            page = made;
        }

        Assert.Equal(made, page);
    }

    private static string Section(MarkedTable table) =>
        $"\n## {table.Name}\n\n{Capital(table.German)} / {table.English}.\n\n| column | Deutsch | English | data | at an erasure |\n| --- | --- | --- | --- | --- |\n"
        + string.Concat(table.Columns.Select(column => $"| `{column.Name}` | {column.German} | {column.English} | {What(column)} | {Treatment(column)} |\n"));

    private static string What(DataMark column) => column.Category switch
    {
        DataCategory.None => "",
        var category when column.Subject == DataSubject.Staff => $"{Word(category)} of staff",
        var category when column.IsPseudonym => $"{Word(category)}, pseudonym",
        var category => Word(category),
    };

    private static string Word(DataCategory category) => category == DataCategory.Special ? "special category" : $"{category}".ToLowerInvariant();

    private static string Treatment(DataMark column) => (column.Erasure, column.Because) switch
    {
        (ErasureTreatment.Kept, null) => "",
        (ErasureTreatment.Kept, var why) => $"stays: {why}",
        (ErasureTreatment.Replaced, var what) => $"replaced by {what}",
        (ErasureTreatment.DeletedWithRow, _) => "deleted with its row",
        _ => "emptied",
    };

    private static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];
}
