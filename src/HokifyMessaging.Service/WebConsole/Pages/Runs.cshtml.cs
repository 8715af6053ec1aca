using HokifyMessaging.Runs.Queries;
using HokifyMessaging.Service.Http;
using HokifyMessaging.Service.Http.Keys;
using HokifyMessaging.Storage;
using Microsoft.AspNetCore.Mvc;

namespace HokifyMessaging.Service.WebConsole.Pages;

/// <summary>The list of runs.</summary>
internal sealed class RunsModel(RunQueries runs, RunSearch search, RunDays days, ScopeQueries scopes) : ConsolePage
{
    private const int PageSize = 20;

    public IReadOnlyList<RunSummary> Runs { get; private set; } = [];

    public IReadOnlyList<(int Id, string Name)> Scopes { get; private set; } = [];

    public IReadOnlyList<RunDay> Days { get; private set; } = [];

    public int Total { get; private set; }

    public string? Next { get; private set; }

    /// <summary>What is asked for, by name, to be shown in the form again.</summary>
    public Func<string, string?> Filter { get; private set; } = _ => null;

    public string NameOf(int scopeId) => Scopes.FirstOrDefault(scope => scope.Id == scopeId).Name ?? scopeId.ToString(CultureInfo.InvariantCulture);

    public async Task<IActionResult> OnGetAsync()
    {
        Filter = Asked("scopeId", "state", "mode", "from", "to", "q", "after");
        var scopeId = User.ScopeNamedBy("scopeId", Filter("scopeId"));
        var filter = new RunFilter
        {
            ScopeId = scopeId,
            ScopeIds = VisibleScopes,
            State = QueryText.OneOf<RunState>("state", Filter("state")),
            Mode = Filter("mode") is { } mode ? QueryText.OneOf<ImportMode>("mode", mode) : null,
            From = BeginOf("from", Filter("from")),
            To = EndOf("to", Filter("to")),
            RunIds = Filter("q") is { } text ? await search.FindAsync(text, scopeId is { } one ? [one] : VisibleScopes, Cancel) : null,
        };
        var found = await runs.ListAsync(filter with { After = QueryText.Id("after", Filter("after"), "the id of the last run of the page before"), Limit = PageSize + 1 }, Cancel);
        Runs = [.. found.Take(PageSize)];
        Next = found.Count > PageSize ? Request.Next("after", Runs[^1].RunId.ToString()) : null;
        Total = await runs.CountAsync(filter, Cancel);
        Scopes = [.. (await scopes.NamesAsync(Cancel)).Where(scope => VisibleScopes?.Contains(scope.Id) ?? true)];
        Days = await days.LastAsync(scopeId is { } only ? [only] : VisibleScopes, T.Zone, Cancel);
        return Page();
    }
}
