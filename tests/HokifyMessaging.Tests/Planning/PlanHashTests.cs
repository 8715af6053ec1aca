using HokifyMessaging.Applications;
using HokifyMessaging.Planning;

namespace HokifyMessaging.Tests.Planning;

public sealed class PlanHashTests
{
    private static readonly byte[] One = Entry("Updated", "Candidate", "p1", "[1]");
    private static readonly byte[] Other = Entry("Updated", "Candidate", "p2", "[1]");

    [Fact]
    public void A_digest_does_not_depend_on_the_order_of_its_entries() =>
        Assert.Equal(PlanHash.Digest(1, "Full", null, [One, Other]), PlanHash.Digest(1, "Full", null, [Other, One]));

    [Fact]
    public void A_digest_tells_scopes_modes_starts_and_entries_apart()
    {
        string[] digests =
        [
            PlanHash.Digest(1, "Full", null, [One]),
            PlanHash.Digest(2, "Full", null, [One]),
            PlanHash.Digest(1, "Incremental", null, [One]),
            PlanHash.Digest(1, "Incremental", 1_700_000_000m, [One]),
            PlanHash.Digest(1, "Full", null, [Other]),
            PlanHash.Digest(1, "Full", null, [One, Other]),
            PlanHash.Digest(1, "Full", null, []),
        ];

        Assert.Equal(digests.Length, digests.Distinct().Count());
        Assert.All(digests, digest => Assert.Null(PlanHash.Problem(digest)));
    }

    [Fact]
    public void A_start_is_the_same_with_whatever_zeros_it_is_stored() =>
        Assert.Equal(PlanHash.Digest(1, "Incremental", 1_700_000_000.5m, []), PlanHash.Digest(1, "Incremental", 1_700_000_000.500000000m, []));

    [Fact]
    public void Where_one_part_ends_and_the_next_begins_matters() =>
        Assert.NotEqual(Entry("Updated", "Candidate", "p1", "x"), Entry("Updated", "Candidatep", "1", "x"));

    [Theory]
    [InlineData("")]
    [InlineData("9F86D081884C7D659A2FEAA0C55AD015A3BF4F1B2B0B822CD15D6C15B0F00A08")]
    [InlineData("9f86d081")]
    public void What_has_not_the_form_of_a_digest_is_told(string text) => Assert.StartsWith("must be 64 hexadecimal digits", PlanHash.Problem(text), StringComparison.Ordinal);

    [Fact]
    public void Fields_that_are_laid_over_a_row_make_the_row_that_they_were_made_from()
    {
        var before = new ProfileColumns { Name = "Koch", Sort = 1, DatePublish = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.FromHours(1)) };
        var after = before with { Name = null, Sort = 7, IsActive = true, CurrentEndOfEducation = new DateTime(2020, 5, 6), CoverLetter = "a \"quote\"\nand <more>" };

        var stored = PlannedFields.ToJson(PlannedFields.Between(ProfileColumns.All, before, after));

        Assert.Equal(after, PlannedFields.Over(before, ProfileColumns.All, stored));
        Assert.Equal(["Name", "CurrentEndOfEducation", "CoverLetter", "IsActive", "Sort"], PlannedFields.FromJson(stored).Select(field => field.Field));
    }

    [Fact]
    public void Differences_of_two_plans_for_a_row_are_the_fields_that_differ()
    {
        var before = new CandidateColumns { City = "Wien", Phone = "1" };
        var one = PlannedFields.ToJson(PlannedFields.Between(CandidateColumns.All, before, before with { City = "Graz", Phone = "2" }));
        var other = PlannedFields.ToJson(PlannedFields.Between(CandidateColumns.All, before, before with { City = "Linz", Phone = "2", Street = "Hauptplatz" }));

        Assert.Equal(["City", "Street"], PlannedFields.Differences(one, other).Order(StringComparer.Ordinal));
        Assert.Empty(PlannedFields.Differences(one, one));
    }

    private static byte[] Entry(string change, string element, string reference, string fields) => PlanHash.OfEntry(change, element, reference, null, fields, null);
}
