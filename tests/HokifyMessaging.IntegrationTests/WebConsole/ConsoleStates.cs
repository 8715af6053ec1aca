namespace HokifyMessaging.IntegrationTests.WebConsole;

/// <summary>The states that a page can be in, each with what only then stands on it. All of them are checked.</summary>
internal static class ConsoleStates
{
    /// <summary>Errors are pages of their own, wherever they happen.</summary>
    public const string Error = "Error";

    private static readonly Dictionary<string, (string State, string Selector)[]> All = new(StringComparer.Ordinal)
    {
        ["SignIn"] = [("asks for a key", "#hint"), ("has refused one", "#problem")],
        ["Runs"] =
        [
            ("none", "#runs > .empty"), ("some", "#runs .rows"), ("more than a page", "a.next"), ("a chart", "#runs figure"), ("its table", "#days[open]"),
            ("one at work", "#runs .tag.busy"), ("one that failed", "#runs .why"), ("filtered", "#filters[open]"),
        ],
        ["Run"] =
        [
            ("at work", "#progress"), ("at work, with its share", "#progress + strong"), ("asked to stop", "#stand .notice"), ("can go on", "#resume"), ("failed", "#stand .tag.bad"), ("completed", "#announce"),
            ("says what a button has brought", "main > .notice"), ("with records", "button[name=asked]"), ("with no records", "#rows > .empty"), ("more than a page", "a.next"),
            ("its slices", ".timeline"), ("its event", "#event[open]"), ("failures by kind", "#course > ul.groups"), ("parked records", "#retry"),
        ],
        ["Plan"] = [("can be applied", "#apply"), ("fields", "ol.groups dl"), ("more than a page", "a.next"), ("nothing matches", "main > .empty"), ("planned anew", "input[name=differences]"), ("refused", "main > .error")],
        ["Explain"] = [("nothing asked", "form:only-of-type"), ("found", ".timeline"), ("before and after", "del"), ("met by no run", "main > .empty"), ("refused", "#problem")],
        ["Waiting"] = [("nothing", "#groups > .empty"), ("groups", "#by-cause"), ("records to decide on", "#drop"), ("a ramp can start", "#ramp"), ("ramps", "#ramps"), ("more than a page", "a.next"), ("says what a button has brought", "main > .notice")],
        ["Ramp"] = [("at work", "#progress"), ("through", "#stand .tag.good"), ("stopped by itself", "#stand .error"), ("stopped by somebody", "#stand p.empty"), ("its steps", "#stand table")],
        ["Scopes"] = [("some", "table"), ("none", "#scopes > .empty")],
        ["Scope"] = [("holes", "#again-0"), ("at work", "#stand dd a[href*=runs]"), ("its spans", "#spans[open]"), ("closed holes", "#closed[open]"), ("a form", "input[name=dryRun]"), ("refused", "#problem"), ("says what a button has brought", "main > .notice")],
        ["Schedules"] = [("none", "main > .empty"), ("some", ".rows"), ("paused", ".tag.wait"), ("being changed", "input[name=isThere]"), ("refused", "#problem"), ("says what a button has brought", "main > .notice")],
        ["Queues"] = [("no message", "main > .empty"), ("messages", "section form"), ("no answer", "main > .error"), ("says what a button has brought", "main > .notice")],
        ["People"] = [("nobody erased", "#erasures + .empty"), ("somebody erased", "#erasures + .scroll"), ("found", "section ul"), ("nobody found", "section h2:nth-child(1):not(:has(~ h3))"), ("several", "input[name=all]"), ("refused", "main > .error"), ("says what a button has brought", "main > .notice")],
        ["Retention"] = [("scopes", "section")],
        ["Audit"] = [("some", "main > .scroll"), ("none", "main > .empty"), ("more than a page", "a.next")],
        [Error] = [("400", "h1"), ("403", "h1"), ("404", "h1"), ("503", "h1")],
    };

    public static IEnumerable<string> Pages => All.Keys;

    public static IReadOnlyList<(string State, string Selector)> Of(string page) => All.GetValueOrDefault(page) ?? [];
}
