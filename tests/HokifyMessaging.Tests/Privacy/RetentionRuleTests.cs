using HokifyMessaging.Machine;
using HokifyMessaging.Privacy;

namespace HokifyMessaging.Tests.Privacy;

/// <summary>Each rule on the day before, on the day and on the day after, in Vienna's time.</summary>
public sealed class RetentionRuleTests
{
    private static readonly TimeZoneInfo Vienna = TimeZoneInfo.FindSystemTimeZoneById("Europe/Vienna");

    [Theory]
    [InlineData("2026-01-15T09:00:00Z", 7, "2026-08-15T22:00:00Z")] // From winter into summer.
    [InlineData("2026-07-15T09:00:00Z", 7, "2027-02-15T23:00:00Z")] // From summer into winter.
    [InlineData("2026-01-15T23:30:00Z", 7, "2026-08-16T22:00:00Z")] // In Vienna it was the next day.
    [InlineData("2025-08-31T10:00:00Z", 6, "2026-02-28T23:00:00Z")] // A month that has no 31st.
    [InlineData("2027-08-31T10:00:00Z", 6, "2028-02-29T23:00:00Z")] // In a leap year.
    [InlineData("2026-08-29T10:00:00Z", 7, "2027-03-29T22:00:00Z")] // The day behind the change to summer time.
    [InlineData("2026-08-28T10:00:00Z", 7, "2027-03-28T22:00:00Z")] // The day of the change, which has 23 hours.
    [InlineData("2026-03-25T10:00:00Z", 7, "2026-10-25T23:00:00Z")] // The day of the change back, which has 25.
    public void Months_are_counted_by_the_calendar_and_the_last_day_is_kept_to_its_end(string received, int months, string forgotten)
    {
        var rule = Rule(months: months);

        var from = rule.ForgetFrom(Facts(received))!.Value;

        Assert.Equal(At(forgotten), from);
        var last = LocalDays.DayOf(from.AddTicks(-1), Vienna);
        Assert.Equal([false, false, true], new[] { last.AddDays(-1), last, last.AddDays(1) }.Select(day => from <= LocalDays.InstantOf(day.ToDateTime(new TimeOnly(12, 0)), Vienna)));
        Assert.True(At(received) <= rule.LatestReceipt(from));
    }

    [Fact]
    public void From_rejection_whatever_was_not_rejected_is_kept()
    {
        var rule = Rule(RetentionStart.Rejection, months: 6);

        Assert.Null(rule.ForgetFrom(Facts("2020-01-15T09:00:00Z")));
        Assert.Equal(At("2026-09-02T22:00:00Z"), rule.ForgetFrom(Facts("2020-01-15T09:00:00Z", rejected: "2026-03-02T09:00:00Z")));
    }

    [Fact]
    public void An_outer_limit_forgets_what_was_not_rejected_and_what_was_rejected_late()
    {
        var rule = Rule(RetentionStart.Rejection, months: 6, most: 12);

        Assert.Equal(At("2027-01-15T23:00:00Z"), rule.ForgetFrom(Facts("2026-01-15T09:00:00Z")));
        Assert.Equal(At("2027-01-15T23:00:00Z"), rule.ForgetFrom(Facts("2026-01-15T09:00:00Z", rejected: "2026-12-02T09:00:00Z")));
        Assert.Equal(At("2026-08-02T22:00:00Z"), rule.ForgetFrom(Facts("2026-01-15T09:00:00Z", rejected: "2026-02-02T09:00:00Z")));
    }

    [Fact]
    public void From_the_last_change_every_change_begins_anew_and_none_is_before_the_receipt()
    {
        var rule = Rule(RetentionStart.LastChange, months: 1);

        Assert.Equal(At("2026-04-02T22:00:00Z"), rule.ForgetFrom(Facts("2026-01-15T09:00:00Z", changed: "2026-03-02T09:00:00Z")));
        Assert.Equal(At("2026-02-15T23:00:00Z"), rule.ForgetFrom(Facts("2026-01-15T09:00:00Z", changed: "2025-03-02T09:00:00Z")));
    }

    [Fact]
    public void A_consent_keeps_until_its_end_and_makes_nothing_shorter()
    {
        var (longer, shorter) = (Rule(months: 7, most: 8, pool: 24), Rule(months: 7, pool: 3));
        var consenting = Facts("2026-01-15T09:00:00Z") with { HasConsent = true };

        Assert.Equal(At("2028-01-15T23:00:00Z"), longer.ForgetFrom(consenting));
        Assert.Equal(At("2026-08-15T22:00:00Z"), longer.ForgetFrom(consenting with { HasConsent = false }));
        Assert.Equal(At("2026-08-15T22:00:00Z"), shorter.ForgetFrom(consenting));
    }

    [Fact]
    public void Claims_end_by_the_rejection_and_without_one_by_the_receipt()
    {
        var rule = Rule(months: 7) with { ClaimMonths = 6 };

        Assert.Equal(At("2026-07-15T22:00:00Z"), rule.ClaimEnd(Facts("2026-01-15T09:00:00Z")));
        Assert.Equal(At("2026-08-02T22:00:00Z"), rule.ClaimEnd(Facts("2026-01-15T09:00:00Z", rejected: "2026-02-02T09:00:00Z")));
        Assert.Null(Rule(months: 7).ClaimEnd(Facts("2026-01-15T09:00:00Z")));
    }

    [Theory]
    [InlineData(RetentionPreset.Austria, null, null, "7 months from receipt")]
    [InlineData(RetentionPreset.Germany, null, null, "6 months from rejection (declined, rejected)")]
    [InlineData(RetentionPreset.Austria, null, 9, "9 months from receipt")]
    [InlineData(RetentionPreset.Germany, RetentionStart.LastChange, null, "6 months from the last change")]
    [InlineData(null, null, null, "applications are kept until somebody erases them")]
    [InlineData(null, null, 12, "12 months from receipt")]
    internal void What_is_set_beats_what_is_usual(RetentionPreset? preset, RetentionStart? from, int? months, string words)
    {
        var options = new ScopeRetentionOptions { Preset = preset, CountedFrom = from, Months = months, RejectionStages = { "rejected", "declined" } };

        Assert.Equal(words, RetentionWords.Of(RetentionRule.Of(options, Vienna)));
    }

    [Fact]
    public void Nothing_that_a_rule_forgets_was_received_later_than_it_looks_for()
    {
        foreach (var months in new[] { 1, 6, 7, 13 })
        {
            var rule = Rule(months: months);
            for (var received = At("2024-01-01T00:30:00Z"); received.Year < 2026; received = received.AddHours(17))
            {
                Assert.True(received <= rule.LatestReceipt(rule.ForgetFrom(new RetentionFacts(received, received, null, null, HasConsent: false))!.Value), $"{received:O}, {months}");
            }
        }
    }

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, System.Globalization.CultureInfo.InvariantCulture);

    private static RetentionFacts Facts(string received, string? changed = null, string? rejected = null) =>
        new(At(received), At(changed ?? received), null, rejected is null ? null : At(rejected), HasConsent: false);

    private static RetentionRule Rule(RetentionStart from = RetentionStart.Receipt, int? months = null, int? most = null, int? pool = null) =>
        new(from, months, most, pool, ClaimMonths: null, new HashSet<string>(), Vienna);
}
