using HokifyMessaging.Contracts;
using HokifyMessaging.Receiving;
using HokifyMessaging.Wording;

namespace HokifyMessaging.Tests.Wording;

public sealed class KnownNamesTests
{
    private static readonly string[] OfList = ["scopeId", "state", "from", "to", "offset", "limit"];

    [Theory]
    [InlineData("dry_run", "dryRun")]
    [InlineData("dryrun", "dryRun")]
    [InlineData("DRY-RUN", "dryRun")]
    [InlineData("dryRunn", "dryRun")]
    [InlineData("drrun", "dryRun")]
    [InlineData("scope_id", "scopeId")]
    [InlineData("scope", "scopeId")]
    [InlineData("scpoeId", "scopeId")]
    [InlineData("scopeID2", "scopeId")]
    [InlineData("scopeId[0]", "scopeId")]
    [InlineData("mode", "importMode")]
    [InlineData("import-mode", "importMode")]
    [InlineData("from", "unixSecondsFrom")]
    [InlineData("unixSecondFrom", "unixSecondsFrom")]
    [InlineData("key", "idempotencyKey")]
    [InlineData("Idempotency-Key", "idempotencyKey")]
    [InlineData("requested_by", "requestedBy")]
    [InlineData("allow-deletions", "allowDeletions")]
    [InlineData("PlanDigest", "planDigest")]
    public void The_nearest_known_name_is_offered(string given, string nearest) =>
        Assert.Equal($"'{given}' is not known; did you mean '{nearest}'?", KnownNames.Unknown(given, ImportRequestBody.Members));

    [Theory]
    [InlineData("full")]
    [InlineData("Everything")]
    [InlineData("Undo")]
    [InlineData("")]
    [InlineData("x[]")]
    [InlineData("id")]
    public void Without_a_near_one_all_are_named(string given) => Assert.Equal(
        $"'{given}' is not known; known are scopeId, importMode, unixSecondsFrom, idempotencyKey, dryRun, requestedBy, allowDeletions, planDigest",
        KnownNames.Unknown(given, ImportRequestBody.Members));

    [Theory]
    [InlineData("form", "from")]
    [InlineData("lmit", "limit")]
    [InlineData("stat", "state")]
    [InlineData("status", "state")]
    [InlineData("off-set", "offset")]
    public void Short_names_have_near_ones_too(string given, string nearest) =>
        Assert.EndsWith($"did you mean '{nearest}'?", KnownNames.Unknown(given, OfList), StringComparison.Ordinal);

    [Fact]
    public void A_name_is_quoted_short_and_without_what_moves_a_cursor_or_turns_a_line() => Assert.StartsWith(
        $"'a\\u001Bb\\u202Ec\\uD800{new string('x', 54)}…' is not known", KnownNames.Unknown($"a\u001bb\u202ec\ud800{new string('x', 500)}", [nameof(HokifyImportRequested)]), StringComparison.Ordinal);
}
