using HokifyMessaging.Runs.Queries;
using HokifyMessaging.Service.Http.Keys;
using HokifyMessaging.Storage;
using HokifyMessaging.Waiting;
using Microsoft.AspNetCore.Mvc;

namespace HokifyMessaging.Service.WebConsole.Pages;

/// <summary>A ramp while it goes on, and what came of it.</summary>
internal sealed class RampModel(RampQueries ramps, RampBook book, RampAlarm alarm, ScopeQueries scopes) : ConsolePage
{
    public RetryRamp Ramp { get; private set; } = null!;

    public IReadOnlyList<RetryRampStep> Steps { get; private set; } = [];

    public string? ScopeName { get; private set; }

    public bool MayStop => May(Rights.Operate) && Ramp.End is null;

    public async Task<IActionResult> OnGetAsync(long id)
    {
        Asked();
        if (await FindAsync(id) is { } refused)
        {
            return refused;
        }

        ScopeName = (await scopes.NamesAsync(Cancel)).FirstOrDefault(scope => scope.Id == Ramp.ScopeId).Name;
        return Page();
    }

    public async Task<IActionResult> OnPostAsync(long id)
    {
        if (await FindAsync(id) is { } refused)
        {
            return refused;
        }

        if (!May(Rights.Operate))
        {
            return Refused($"The API key '{User.KeyName()}' lacks the right '{Rights.Operate}'.", $"Dem API-Schlüssel '{User.KeyName()}' fehlt das Recht '{Rights.Operate}'.");
        }

        var had = Ramp.End;
        var stopped = await book.StopAsync(id, Actor, CancellationToken.None);
        alarm.Ring();
        return Told(
            had is null && stopped is { End: RampEnd.ByHand }
                ? T["The ramp was stopped; what it had not tried waits as before.", "Die Rampe wurde angehalten; was sie nicht versucht hat, wartet wie zuvor."]
                : stopped is { StoppedBy: { } who, EndedAt: { } at }
                    ? T[$"Nothing was done: {who} has stopped it at {T.Exact(at)}.", $"Es wurde nichts getan: {who} hat sie um {T.Exact(at)} angehalten."]
                    : T["Nothing was done: it had ended.", "Es wurde nichts getan: Sie war zu Ende."],
            WebConsolePath.Ramp(id));
    }

    private async Task<IActionResult?> FindAsync(long id)
    {
        if (await ramps.FindAsync(id, Cancel) is not { } found || !User.MaySee(found.Ramp.ScopeId))
        {
            return NotThere("There is no such ramp, or the API key may not see it.", "Diese Rampe gibt es nicht, oder der API-Schlüssel darf sie nicht sehen.");
        }

        (Ramp, Steps) = (found.Ramp, found.Steps);
        return null;
    }
}
