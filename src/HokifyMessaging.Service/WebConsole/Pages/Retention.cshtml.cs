using HokifyMessaging.Privacy;
using Microsoft.AspNetCore.Mvc;

namespace HokifyMessaging.Service.WebConsole.Pages;

/// <summary>What is kept for how long, what of it is due, and what was forgotten.</summary>
internal sealed class RetentionModel(RetentionQueries retention, IOptions<HokifyOptions> options) : ConsolePage
{
    public IReadOnlyList<RetentionStanding> Standings { get; private set; } = [];

    public bool IsEnabled => options.Value.Retention.Enabled;

    public async Task<IActionResult> OnGetAsync()
    {
        Asked();
        var standings = await retention.ListAsync(scopeId: null, Cancel);
        Standings = [.. standings.Where(standing => VisibleScopes is null || (standing.ScopeId is { } id && VisibleScopes.Contains(id)))];
        return Page();
    }
}
