using HokifyMessaging.Applications;
using HokifyMessaging.Runs.Queries;
using HokifyMessaging.Service.Http;
using HokifyMessaging.Service.Http.Keys;
using HokifyMessaging.Storage;
using HokifyMessaging.Waiting;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.WebUtilities;

namespace HokifyMessaging.Service.WebConsole.Pages;

/// <summary>The records that wait, in groups and one by one, and what is decided on them.</summary>
internal sealed class WaitingModel(WaitingQueries waiting, WaitingChanges changes, TriesNow tries, RampBook book, RampQueries ramps, RampAlarm alarm, ScopeQueries scopes, FasterHands faster) : ConsolePage
{
    /// <summary>A page has its size: whoever has more groups narrows them down.</summary>
    public const int MostGroups = 20;

    private const int PageSize = 20;
    private const int MostRamps = 5;

    private WaitingPosition? _behind;

    public IReadOnlyList<WaitingGroup> Groups { get; private set; } = [];

    public IReadOnlyList<RetryRamp> Ramps { get; private set; } = [];

    public WaitingPage Records { get; private set; } = new([], 0, null);

    public string? Next { get; private set; }

    /// <summary>How far the audit log had come when the page was made.</summary>
    public string Stand { get; private set; } = "";

    public IReadOnlyList<(int Id, string Name)> Scopes { get; private set; } = [];

    /// <summary>What is asked for, by name, to be shown in the form again.</summary>
    public Func<string, string?> Filter { get; private set; } = _ => null;

    /// <summary>The scope that is meant, where it is one: a ramp is of one.</summary>
    public int? OneScope { get; private set; }

    /// <summary>What the form had when it was refused, so that nobody ticks or types it twice.</summary>
    public (IReadOnlyCollection<long> Picked, bool IsAll, string? Reason) Typed { get; private set; } = ([], false, null);

    public bool MayDecide => May(Rights.Operate);

    public bool MayRamp => MayDecide && OneScope is not null && Filter("id") is null;

    public string NameOf(int scopeId) => Scopes.FirstOrDefault(scope => scope.Id == scopeId).Name ?? scopeId.ToString(CultureInfo.InvariantCulture);

    /// <summary>The page of a group alone.</summary>
    public static string AddressOf(WaitingGroup group) => QueryHelpers.AddQueryString(WebConsolePath.Waiting, new Dictionary<string, string?>
    {
        ["scopeId"] = group.ScopeId.ToString(CultureInfo.InvariantCulture),
        ["state"] = group.Status.ToString(),
        ["cause"] = group.Cause?.ToString(),
        ["field"] = group.Field ?? WaitingWords.NoField,
    }.Where(part => part.Value is not null));

    public async Task<IActionResult> OnGetAsync()
    {
        await ShowAsync(await ReadAsync());
        return Page();
    }

    private async Task ShowAsync(WaitingFilter filter)
    {
        Stand = await faster.StandAsync(Cancel);
        Groups = await waiting.GroupsAsync(filter, Cancel);
        Records = await waiting.ListAsync(filter, _behind, PageSize, Cancel);
        Next = Records.Next is { } next ? Request.Next("after", next.ToString()) : null;
        Ramps = await ramps.ListAsync(OneScope is { } one ? [one] : VisibleScopes, MostRamps, Cancel);
    }

    /// <param name="what">Try, park, drop or ramp.</param>
    /// <param name="which">Those that were ticked, or all that match.</param>
    /// <param name="reason">Why they are dropped.</param>
    /// <param name="pick">Those that were ticked.</param>
    /// <param name="stand">How far the audit log had come when the page was made.</param>
    public async Task<IActionResult> OnPostAsync(string? what, string? which, string? reason, [FromForm] long[]? pick, string? stand)
    {
        var filter = await ReadAsync();
        var matching = filter;
        var address = Request.QueryString.HasValue ? QueryHelpers.AddQueryString(WebConsolePath.Waiting, Request.Query.Where(part => part.Key != "after").Select(part => KeyValuePair.Create(part.Key, (string?)part.Value))) : WebConsolePath.Waiting;
        if (!MayDecide)
        {
            return Refused($"The API key '{User.KeyName()}' lacks the right '{Rights.Operate}'.", $"Dem API-Schlüssel '{User.KeyName()}' fehlt das Recht '{Rights.Operate}'.");
        }

        if (what == "ramp")
        {
            return await StartAsync(filter, address);
        }

        if (which != "all")
        {
            if (pick is not { Length: > 0 })
            {
                return await RefusedAsync(T["Nothing was done: no record was ticked. Tick some, or choose all that match.", "Es wurde nichts getan: Kein Datensatz war angekreuzt. Kreuzen Sie welche an, oder wählen Sie alle, die passen."]);
            }

            filter = filter with { Ids = pick };
        }

        // Whoever leaves the page meanwhile has pressed the button all the same.
        switch (what)
        {
            case "try":
                var tried = await tries.TryAsync(filter, Actor, CancellationToken.None);
                return await ToldAsync(tried.Waiting, stand, AuditAction.RetryRecords, WaitingWords.Tried(T, tried), address);
            case "park":
                var parked = await changes.ParkAsync(filter, Actor, CancellationToken.None);
                return await ToldAsync(parked, stand, AuditAction.ParkRecords, T.Of($"{parked.Done:N0} {parked.Done:waits|wait} for somebody from now on.", $"{parked.Done:N0} {parked.Done:wartet|warten} von nun an auf jemanden."), address);
            case "drop" when WaitingChanges.ReasonProblem(reason) is { } problem:
                return await RefusedAsync(T[$"Nothing was dropped: the reason {problem}.", $"Es wurde nichts verworfen. Der Grund fehlt oder geht so nicht: {problem}."]);
            case "drop":
                var dropped = await changes.DropAsync(filter, reason!, Actor, CancellationToken.None);
                return await ToldAsync(dropped, stand, AuditAction.DropRecords, T.Of($"{dropped.Done:N0} {dropped.Done:was|were} dropped.", $"{dropped.Done:N0} {dropped.Done:wurde|wurden} verworfen."), address);
            default:
                return NotThere("There is no such button.", "Einen solchen Knopf gibt es nicht.");
        }

        async Task<IActionResult> RefusedAsync(string sentence)
        {
            Typed = (pick ?? [], which == "all", reason);
            await ShowAsync(matching);
            return ToldHere(sentence);
        }
    }

    private async Task<IActionResult> StartAsync(WaitingFilter filter, string address)
    {
        if (!MayRamp)
        {
            return Told(T["A ramp is of one scope and of a group: choose a scope, and no single record.", "Eine Rampe gilt einem Mandanten und einer Gruppe: Wählen Sie einen Mandanten und keinen einzelnen Datensatz."], address);
        }

        switch (await book.StartAsync(OneScope!.Value, filter, Actor, CancellationToken.None))
        {
            case RampStart.Started(var ramp):
                alarm.Ring();
                return Told(T["The ramp has begun.", "Die Rampe hat begonnen."], WebConsolePath.Ramp(ramp.Id));
            case RampStart.UnderWay(var other):
                return Told(
                    T[$"Nothing was started: {other.StartedBy} has started a ramp of these records at {T.Exact(other.StartedAt)}.", $"Es wurde nichts begonnen: {other.StartedBy} hat um {T.Exact(other.StartedAt)} eine Rampe mit diesen Datensätzen begonnen."],
                    WebConsolePath.Ramp(other.Id));
            default:
                return Told(T["Nothing was started: none of these records waits any more.", "Es wurde nichts begonnen: Keiner dieser Datensätze wartet noch."], address);
        }
    }

    /// <summary>Where nothing was left to be done, somebody else was faster.</summary>
    private async Task<IActionResult> ToldAsync(WaitingOutcome outcome, string? stand, AuditAction deed, string done, string address)
    {
        // Whoever does not see every scope is told nothing about the others.
        var mayAsk = outcome.Done == 0 && (OneScope is not null || VisibleScopes is null);
        var other = mayAsk ? await faster.OfAsync(T, stand, deed, OneScope, about: "", Cancel) : null;
        return Told(other ?? WaitingWords.Outcome(T, done, outcome), address);
    }

    private async Task<WaitingFilter> ReadAsync()
    {
        Filter = Asked("scopeId", "state", "cause", "field", "runId", "q", "id", "after");
        Scopes = [.. (await scopes.NamesAsync(Cancel)).Where(scope => VisibleScopes?.Contains(scope.Id) ?? true)];
        OneScope = User.ScopeNamedBy("scopeId", Filter("scopeId")) ?? (Scopes is [var only] ? only.Id : null);
        _behind = Filter("after") is { } after
            ? WaitingPosition.Parse(after) ?? throw new ParameterException("after", T[$"after is {KnownNames.Quoted(after)}; it must come from the link of a page before.", $"after ist {KnownNames.Quoted(after)}; richtig ist, was der Verweis der vorigen Seite nennt."])
            : null;
        if (Filter("q") is { Length: > WaitingFilter.TextLength } text)
        {
            throw new ParameterException("q", T.Of($"q has {text.Length} {text.Length:character|characters}; it may have {WaitingFilter.TextLength}.", $"q hat {text.Length} Zeichen; erlaubt sind {WaitingFilter.TextLength}."));
        }

        return new WaitingFilter
        {
            ScopeIds = OneScope is { } one ? [one] : [.. Scopes.Select(scope => scope.Id)],
            Status = QueryText.OneOf<WaitingState>("state", Filter("state")) switch
            {
                WaitingState.Open => ActivityStatus.Open,
                WaitingState.Parked => ActivityStatus.Parked,
                _ => null,
            },
            Cause = QueryText.OneOf<FailureCause>("cause", Filter("cause")),
            Field = Filter("field") is WaitingWords.NoField ? "" : Filter("field"),
            RunId = QueryText.Id("runId", Filter("runId"), "the id of a run"),
            Text = Filter("q"),
            ReferenceId = Filter("id"),
        };
    }
}
