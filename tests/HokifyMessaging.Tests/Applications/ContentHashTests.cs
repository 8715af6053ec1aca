using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using CsCheck;
using HokifyMessaging.Applications;

namespace HokifyMessaging.Tests.Applications;

public class ContentHashTests
{
    private static readonly Gen<string?> Text = Gen.Frequency(
        (1, Gen.Const((string?)null)), (1, Gen.Const((string?)"")), (4, Gen.String[0, 6].Select(text => (string?)text)));

    private static readonly Gen<ProfileColumns> Profiles =
        from texts in Text.Array[6]
        from flags in Gen.Bool.Array[3]
        from sort in Gen.Int
        from date in Gen.Nullable(Gen.DateTime)
        from instant in Gen.Nullable(Gen.DateTimeOffset)
        select new ProfileColumns
        {
            Name = texts[0],
            PreferredKind = texts[1],
            PreferredTypes = texts[2],
            PreferredText = texts[3],
            Comment = texts[4],
            CandidateName = texts[5],
            Consent = flags[0],
            ConsentGDPR = flags[1],
            IsActive = flags[2],
            Sort = sort,
            CurrentEndOfEducation = date,
            CurrentEarliestEntryDate = date,
            DatePublish = instant,
        };

    [Fact]
    public void The_hash_changes_if_and_only_if_a_column_changes() =>
        Gen.Select(Profiles, Profiles).Sample((one, other) =>
            (ContentHash.Of(one) == ContentHash.Of(other)) == (one == other)
            && ContentHash.Of(one) == ContentHash.Of(one with { }));

    [Fact]
    public void Every_single_column_counts()
    {
        AssertEveryColumnCounts(new CandidateColumns(), CandidateColumns.All, ContentHash.Of);
        AssertEveryColumnCounts(new ProfileColumns(), ProfileColumns.All, ContentHash.Of);
    }

    [Fact]
    public void Neighbouring_columns_are_not_confused()
    {
        var hashes = new[]
        {
            new CandidateColumns { FirstName = "ab" },
            new CandidateColumns { LastName = "ab" },
            new CandidateColumns { FirstName = "a", LastName = "b" },
            new CandidateColumns { FirstName = "ab", LastName = "" },
            new CandidateColumns { FirstName = "", LastName = "ab" },
            new CandidateColumns(),
        }.Select(ContentHash.Of).ToList();

        Assert.Equal(hashes.Count, hashes.Distinct().Count());
    }

    [Fact]
    public void A_hash_has_16_bytes_and_is_the_same_in_every_culture_and_version()
    {
        var row = new CandidateColumns { FirstName = "İpek", Birthday = new DateOnly(1990, 3, 31) };
        var before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("tr-TR");
            // Stored hashes are compared with it: a change of this value makes every row of every database look changed.
            Assert.Equal("36A20464CEF38C299B3E840B53BECDDC", Convert.ToHexString(ContentHash.Of(row).ToBytes()));
            Assert.Equal(ContentHash.Of(row), ContentHash.Of(ContentHash.Of(row).ToBytes()));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void A_text_of_any_length_counts_to_its_last_letter()
    {
        var text = new string('x', 100_000);

        Assert.NotEqual(
            ContentHash.Of(new ProfileColumns { CoverLetter = text + "a" }),
            ContentHash.Of(new ProfileColumns { CoverLetter = text + "b" }));
    }

    [Fact]
    public void Whatever_text_an_application_holds_its_payload_reads_the_same_again() =>
        Gen.Select(Text, Text, Text, Gen.Int[0, 3]).Sample((name, answer, comment, unknown) =>
        {
            var match = Records.Match();
            match["user"]!["general"]!["firstName"] = name;
            match["user"]!["displayName"] = comment;
            match["interviewQuestions"]![0]!["currentAnswer"] = answer;
            for (var index = 0; index < unknown; index++)
            {
                match[$"unknown{index}"] = new JsonArray(name, 1);
            }

            // Half a surrogate pair is no text; JSON writers replace it before it gets here.
            var first = Records.Understood(match);
            var second = Records.Understood(JsonNode.Parse(first.Payload)!);
            return JsonSerializer.Serialize(first) == JsonSerializer.Serialize(second)
                && first.UnknownMembers == unknown
                && Records.Mapped(first).ProfileHash == Records.Mapped(second).ProfileHash
                && Records.Mapped(first).CandidateHash == Records.Mapped(second).CandidateHash;
        });

    private static void AssertEveryColumnCounts<TRow>(TRow empty, IReadOnlyList<Column<TRow>> columns, Func<TRow, ContentHash> hash)
        where TRow : class
    {
        var hashes = new HashSet<ContentHash> { hash(empty) };
        foreach (var property in typeof(TRow).GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.Name != "EqualityContract"))
        {
            var row = Activator.CreateInstance<TRow>();
            var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
            property.SetValue(row, type == typeof(string) ? "x"
                : type == typeof(bool) ? true
                : type == typeof(int) ? 7
                : type == typeof(DateOnly) ? new DateOnly(2020, 1, 1)
                : type == typeof(DateTime) ? (object)new DateTime(2020, 1, 1)
                : new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero));
            Assert.True(hashes.Add(hash(row)), $"{property.Name} does not count.");
        }

        Assert.Equal(columns.Count + 1, hashes.Count);
    }
}
