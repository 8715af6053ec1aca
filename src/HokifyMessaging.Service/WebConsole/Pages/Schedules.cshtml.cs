using HokifyMessaging.Runs;
using HokifyMessaging.Runs.Queries;
using HokifyMessaging.Schedules;
using HokifyMessaging.Service.Http;
using HokifyMessaging.Service.Http.Keys;
using HokifyMessaging.Storage;
using Microsoft.AspNetCore.Mvc;

namespace HokifyMessaging.Service.WebConsole.Pages;

/// <summary>When scopes are imported by themselves.</summary>
internal sealed class SchedulesModel(ScheduleQueries schedules, ScheduleBook book, StoredSchedules stored, ScopeQueries scopes, FasterHands faster) : ConsolePage
{
    private const int PageSize = 15;

    public ScheduleList List { get; private set; } = null!;

    public string? Next { get; private set; }

    /// <summary>The scopes to which one can be added.</summary>
    public IReadOnlyList<(int Id, string Name)> Scopes { get; private set; } = [];

    /// <summary>What the form has, so that nobody types it twice.</summary>
    public ScheduleForm Form { get; private set; } = new();

    /// <summary>What is wrong with it; null for nothing.</summary>
    public string? Problem { get; private set; }

    public async Task<IActionResult> OnGetAsync()
    {
        var asked = Asked("scopeId", "after", "change");
        var scopeId = User.ScopeNamedBy("scopeId", asked("scopeId"));
        if (asked("change") is { } change)
        {
            if (await FindAsync(change) is not { Origin: ScheduleOrigin.Stored } one)
            {
                return NoSuchSchedule();
            }

            Form = ScheduleForm.Of(one);
        }
        else if (scopeId is not null)
        {
            Form.ScopeId = scopeId.Value;
        }

        return await ShowAsync(scopeId, asked("after"));
    }

    public Task<IActionResult> OnPostPauseAsync(string? of, string? reason, string? back, string? stand) => PressAsync(of, back, stand, AuditAction.PauseSchedule, ".", async one =>
    {
        if (!string.IsNullOrWhiteSpace(reason) && ImportRequestCheck.RequesterProblem(reason.Trim(), ScheduleState.ReasonLength) is { } problem)
        {
            return T[$"Nothing was done, because the reason {problem}.", $"Es wurde nichts getan: the reason {problem}."];
        }

        var before = await book.PauseAsync(one.ScopeId, one.Name, string.IsNullOrWhiteSpace(reason) ? null : reason.Trim(), Actor, Cancel);
        return before is null
            ? T[$"{one.Name} is paused: its times pass without an import.", $"{one.Name} ist angehalten: Seine Zeitpunkte vergehen ohne Import."]
            : T[$"Nothing was done: {before.By} had paused it at {T.Exact(before.At)}.", $"Es wurde nichts getan: {before.By} hatte ihn um {T.Exact(before.At)} angehalten."];
    });

    public Task<IActionResult> OnPostResumeAsync(string? of, string? back, string? stand) => PressAsync(of, back, stand, AuditAction.ResumeSchedule, ".", async one =>
        await book.ResumeAsync(one.ScopeId, one.Name, Actor, Cancel) is null
            ? T["Nothing was done: it was not paused.", "Es wurde nichts getan: Er war nicht angehalten."]
            : T[$"{one.Name} counts again, from now on.", $"{one.Name} gilt wieder, von jetzt an."]);

    public Task<IActionResult> OnPostRemoveAsync(string? of, string? back, string? stand) => PressAsync(of, back, stand, AuditAction.RemoveSchedule, ":", async one =>
    {
        await stored.RemoveAsync(one.ScopeId, one.Name, Actor, Cancel);
        return T[$"{one.Name} is removed.", $"{one.Name} ist entfernt."];
    });

    public Task<IActionResult> OnPostAddAsync(ScheduleForm typed) => WriteAsync(typed, () => stored.AddAsync(typed.ScopeId, typed.Name ?? "", typed.ToOptions(), Label, Actor, Cancel), () =>
        T[$"{typed.Name} is added, and counts from now on.", $"{typed.Name} ist hinzugefügt und gilt von jetzt an."]);

    public Task<IActionResult> OnPostChangeAsync(ScheduleForm typed) => WriteAsync(typed, () => stored.ChangeAsync(typed.ScopeId, typed.Name ?? "", typed.ToOptions(), Label, Actor, Cancel), () =>
        T[$"{typed.Name} is changed, from now on.", $"{typed.Name} ist geändert, von jetzt an."]);

    private async Task<IActionResult> WriteAsync(ScheduleForm form, Func<Task> write, Func<string> done)
    {
        Form = form;
        if (!User.MaySee(form.ScopeId))
        {
            return NotThere("There is no such scope, or the API key may not see it.", "Diesen Mandanten gibt es nicht, oder der API-Schlüssel darf ihn nicht sehen.");
        }

        if (!May(Rights.Operate))
        {
            return Lacks();
        }

        try
        {
            await write();
            return Told(done(), $"{WebConsolePath.Schedules}?scopeId={form.ScopeId.ToString(CultureInfo.InvariantCulture)}");
        }
        catch (ScheduleRefusedException refused)
        {
            Problem = refused.Message;
            return await ShowAsync(form.ScopeId, null);
        }
    }

    private async Task<IActionResult> PressAsync(string? of, string? back, string? stand, AuditAction deed, string behind, Func<ScheduleStanding, Task<string>> press)
    {
        if (await FindAsync(of ?? "") is not { } one)
        {
            return NoSuchSchedule();
        }

        if (!May(Rights.Operate))
        {
            return Lacks();
        }

        string sentence;
        try
        {
            sentence = await faster.OfAsync(T, stand, deed, one.ScopeId, $"Schedule {one.Name}{behind}", Cancel) ?? await press(one);
        }
        catch (ScheduleRefusedException refused)
        {
            sentence = refused.Message;
        }

        return Told(sentence, back == WebConsolePath.Scope(one.ScopeId) ? back : WebConsolePath.Schedules);
    }

    private async Task<ScheduleStanding?> FindAsync(string of)
    {
        var parts = of.Split('/', 2);
        return parts.Length == 2 && int.TryParse(parts[0], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var scopeId) && User.MaySee(scopeId)
            ? (await schedules.ListAsync(scopeId, Cancel)).FirstOrDefault(one => one.Name == parts[1])
            : null;
    }

    private async Task<IActionResult> ShowAsync(int? scopeId, string? after)
    {
        var names = (await scopes.NamesAsync(Cancel)).Where(scope => User.MaySee(scope.Id)).ToList();
        var visible = (await schedules.ListAsync(scopeId, Cancel)).Where(one => User.MaySee(one.ScopeId)).ToList();
        var begin = after is null ? 0 : visible.FindIndex(one => $"{one.ScopeId}/{one.Name}" == after) + 1;
        var page = visible.Skip(begin).Take(PageSize).ToList();
        Next = begin + PageSize < visible.Count ? Request.Next("after", $"{page[^1].ScopeId}/{page[^1].Name}") : null;
        List = new ScheduleList(page, id => names.FirstOrDefault(scope => scope.Id == id).Name ?? id.ToString(CultureInfo.InvariantCulture), WebConsolePath.Schedules, May(Rights.Operate), await faster.StandAsync(Cancel)) { WithScope = true };
        Scopes = names;
        return Page();
    }

    private static string Label(string setting) => setting switch
    {
        nameof(ScheduleOptions.TimeZone) => "The time zone",
        nameof(ScheduleOptions.Cron) => "The cron expression",
        "Name" => "The name",
        _ => setting,
    };

    private IActionResult Lacks() => Refused($"The API key '{User.KeyName()}' lacks the right '{Rights.Operate}'.", $"Dem API-Schlüssel '{User.KeyName()}' fehlt das Recht '{Rights.Operate}'.");

    private IActionResult NoSuchSchedule() => NotThere("There is no such schedule, or the API key may not see it; somebody may have removed it.", "Diesen Zeitplan gibt es nicht, oder der API-Schlüssel darf ihn nicht sehen; vielleicht hat ihn jemand entfernt.");
}

/// <summary>What somebody has typed.</summary>
internal sealed class ScheduleForm
{
    public int ScopeId { get; set; } = 1;

    public string? Name { get; set; }

    public string? Cron { get; set; }

    public string? TimeZone { get; set; } = new ScheduleOptions().TimeZone;

    public ImportMode Mode { get; set; }

    public ScheduleOverlap Overlap { get; set; }

    public ScheduleMissed Missed { get; set; } = ScheduleMissed.Once;

    /// <summary>Whether it is there, and is to say something else.</summary>
    public bool IsThere { get; set; }

    public static ScheduleForm Of(ScheduleStanding one) => new()
    {
        ScopeId = one.ScopeId,
        Name = one.Name,
        Cron = one.Cron,
        TimeZone = one.TimeZone,
        Mode = one.Mode,
        Overlap = one.Overlap,
        Missed = one.Missed,
        IsThere = true,
    };

    public ScheduleOptions ToOptions() => new() { Cron = Cron?.Trim() ?? "", TimeZone = TimeZone?.Trim() ?? "", Mode = Mode, Overlap = Overlap, Missed = Missed };
}
