using HokifyMessaging.Runs.Queries;
using HokifyMessaging.Service.Http;
using HokifyMessaging.Service.Http.Keys;
using Microsoft.AspNetCore.Mvc;

namespace HokifyMessaging.Service.WebConsole.Pages;

/// <summary>How far each scope has been read.</summary>
internal sealed class ScopesModel(ScopeQueries scopes) : ConsolePage
{
    private const int PageSize = 25;

    public IReadOnlyList<ScopeStanding> Standings { get; private set; } = [];

    public string? Next { get; private set; }

    public async Task<IActionResult> OnGetAsync()
    {
        var after = Asked("after")("after") is { } text ? QueryText.WholeNumber("after", text, 0) : int.MinValue;
        var ids = (await scopes.NamesAsync(Cancel)).Select(scope => scope.Id).Where(id => id > after && User.MaySee(id)).Take(PageSize + 1).ToList();
        Standings = await scopes.ListAsync(Cancel, [.. ids.Take(PageSize)]);
        Next = ids.Count > PageSize ? Request.Next("after", ids[PageSize - 1].ToString(CultureInfo.InvariantCulture)) : null;
        return Page();
    }
}
