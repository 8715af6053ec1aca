using HokifyMessaging.Receiving;
using HokifyMessaging.Runs;
using HokifyMessaging.Runs.Coverage;
using HokifyMessaging.Runs.Queries;
using HokifyMessaging.Schedules;
using HokifyMessaging.Service.Commands;
using HokifyMessaging.Service.Http;
using HokifyMessaging.Service.Http.Keys;
using Microsoft.AspNetCore.Mvc;

namespace HokifyMessaging.Service.WebConsole.Pages;

/// <summary>One scope: what of it was read, what was not, and having it read.</summary>
internal sealed class ScopeModel(
    ScopeQueries scopes, RunQueries runs, CoverageQueries coverage, ScheduleQueries schedules, ImportRequests imports, FasterHands faster, IOptions<HttpOptions> http, IOptions<HokifyOptions> hokify, TimeProvider clock) : ConsolePage
{
    private const int SchedulesShown = 8;

    public ScopeStanding Standing { get; private set; } = null!;

    public string Name => Standing.Name ?? Standing.ScopeId.ToString(CultureInfo.InvariantCulture);

    public ScopeCoverage Coverage { get; private set; } = null!;

    public ScheduleList Schedules { get; private set; } = null!;

    public bool IsConfigured => hokify.Value.Scopes.ContainsKey(Standing.ScopeId);

    public DateTimeOffset Now { get; } = clock.GetUtcNow();

    /// <summary>Names what is asked for by this page: pressed twice, by one or by two, it is the same.</summary>
    public string Key { get; private set; } = "";

    public string? Problem { get; private set; }

    /// <summary>What the form had when it was refused, so that nobody types it twice.</summary>
    public (string? Mode, string? From, bool DryRun) Typed { get; private set; }

    /// <summary>Where a hole begins, as a form carries it.</summary>
    public static string TextOf(DateTimeOffset? from) => from?.UtcTicks.ToString(CultureInfo.InvariantCulture) ?? "";

    public async Task<IActionResult> OnGetAsync(int id)
    {
        Asked();
        return await FindAsync(id) ? await ShowAsync() : NoSuchScope();
    }

    public async Task<IActionResult> OnPostRequestAsync(int id, string? mode, string? from, bool dryRun, string? key)
    {
        if (!await FindAsync(id))
        {
            return NoSuchScope();
        }

        Typed = (mode, from, dryRun);
        if (!Enum.TryParse<ImportMode>(mode, out var asked) || !Enum.IsDefined(asked))
        {
            Problem = T["Choose whether everything is to be read, or what is new or changed.", "Wählen Sie, ob alles gelesen werden soll oder was neu oder geändert ist."];
            return await ShowAsync();
        }

        if (!TryReadLocal(from, out var begin))
        {
            Problem = T["The beginning must be a day and a time such as 2026-03-01T08:00; a time that the clock skips is none.", "Der Beginn muss Tag und Uhrzeit sein, etwa 2026-03-01T08:00; eine Zeit, die die Uhr überspringt, gibt es nicht."];
            return await ShowAsync();
        }

        return await SubmitAsync(
            new HokifyImportRequested
            {
                ScopeId = id,
                ImportMode = asked,
                UnixSecondsFrom = begin is { } at ? (decimal)(at - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerSecond : null,
                DryRun = dryRun,
            },
            key);
    }

    public async Task<IActionResult> OnPostAgainAsync(int id, string? from, string? key)
    {
        if (!await FindAsync(id))
        {
            return NoSuchScope();
        }

        DateTimeOffset? begin = long.TryParse(from, NumberStyles.None, CultureInfo.InvariantCulture, out var ticks) && ticks <= DateTimeOffset.MaxValue.Ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;
        return await SubmitAsync(coverage.RequestFor(id, begin, Standing.Watermark), key is null ? null : $"{key}-{TextOf(begin)}");
    }

    public async Task<IActionResult> OnPostTestAsync(int id)
    {
        if (!await FindAsync(id) || !IsConfigured)
        {
            return NoSuchScope();
        }

        if (!May(Rights.Operate))
        {
            return Lacks(Rights.Operate);
        }

        string sentence;
        try
        {
            var subject = FormattableString.Invariant($"scope {id}");
            var findings = new List<string>();
            await foreach (var finding in HttpContext.RequestServices.PlanChecks().Single(check => check.Subject == subject).Make().LookAsync(Cancel))
            {
                findings.Add(finding.Sentence);
            }

            sentence = string.Join(' ', findings);
        }
        catch (Exception exception) when (!Cancel.IsCancellationRequested)
        {
            sentence = string.Join(' ', CommandErrors.Sentences(exception));
        }

        return Told(sentence, WebConsolePath.Scope(id));
    }

    private async Task<IActionResult> SubmitAsync(HokifyImportRequested request, string? key)
    {
        if (!May(Rights.Import))
        {
            return Lacks(Rights.Import);
        }

        key = key is null || ImportRequestCheck.KeyProblem(key) is not null ? $"console-{Guid.NewGuid()}" : key;
        var submitted = await imports.SubmitAsync((request with { IdempotencyKey = key }).AskedBy(User), http.Value.Limits.PlaceOf(User), Cancel);
        return Told(
            submitted.IsNew
                ? T["The import is asked for. This is its page.", "Der Import ist angefragt. Das ist seine Seite."]
                : T["Nothing was done: the same was asked for already, from the same page. This is its import.", "Es wurde nichts getan: Dasselbe war schon angefragt, von derselben Seite. Das ist sein Import."],
            WebConsolePath.Run(submitted.RunId));
    }

    private bool TryReadLocal(string? text, out DateTimeOffset? instant)
    {
        instant = null;
        if (string.IsNullOrWhiteSpace(text))
        {
            return true;
        }

        if (!DateTime.TryParseExact(text, ["yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd'T'HH:mm:ss"], CultureInfo.InvariantCulture, DateTimeStyles.None, out var local) || T.Zone.IsInvalidTime(local))
        {
            return false;
        }

        instant = new DateTimeOffset(TimeZoneInfo.ConvertTimeToUtc(local, T.Zone), TimeSpan.Zero);
        return true;
    }

    private async Task<bool> FindAsync(int id)
    {
        if (!User.MaySee(id) || (await scopes.ListAsync(Cancel, [id])).SingleOrDefault() is not { } standing)
        {
            return false;
        }

        Standing = standing;
        return true;
    }

    private async Task<IActionResult> ShowAsync()
    {
        var id = Standing.ScopeId;
        Coverage = await coverage.OfAsync(id, Cancel);
        var all = await schedules.ListAsync(id, Cancel);
        Schedules = new ScheduleList([.. all.Take(SchedulesShown)], _ => Name, WebConsolePath.Scope(id), May(Rights.Operate), await faster.StandAsync(Cancel)) { Left = all.Count - Math.Min(all.Count, SchedulesShown) };
        var newest = (await runs.ListAsync(new RunFilter { ScopeId = id, Limit = 1 }, Cancel)).Select(run => run.RunId.ToString("N")).FirstOrDefault("first");
        Key = $"console-{newest}";
        return Page();
    }

    private IActionResult Lacks(string right) => Refused($"The API key '{User.KeyName()}' lacks the right '{right}'.", $"Dem API-Schlüssel '{User.KeyName()}' fehlt das Recht '{right}'.");

    private IActionResult NoSuchScope() => NotThere("There is no such scope, or the API key may not see it.", "Diesen Mandanten gibt es nicht, oder der API-Schlüssel darf ihn nicht sehen.");
}

/// <summary>Schedules on a page.</summary>
/// <param name="Standings">The schedules.</param>
/// <param name="NameOf">The names of their scopes.</param>
/// <param name="Back">The page that follows a button.</param>
/// <param name="MayOperate">Whether there are buttons.</param>
/// <param name="Stand">What their form carries.</param>
internal sealed record ScheduleList(IReadOnlyList<ScheduleStanding> Standings, Func<int, string> NameOf, string Back, bool MayOperate, string Stand)
{
    /// <summary>How many more there are.</summary>
    public int Left { get; init; }

    /// <summary>Whether each is told with its scope.</summary>
    public bool WithScope { get; init; }
}
