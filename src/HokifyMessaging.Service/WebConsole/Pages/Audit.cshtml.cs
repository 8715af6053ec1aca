using HokifyMessaging.Service.Http;
using HokifyMessaging.Service.Http.Keys;
using HokifyMessaging.Storage;
using Microsoft.AspNetCore.Mvc;

namespace HokifyMessaging.Service.WebConsole.Pages;

/// <summary>Who did what.</summary>
internal sealed class AuditModel(AuditQueries audit) : ConsolePage
{
    private const int PageSize = 50;

    public IReadOnlyList<AuditView> Entries { get; private set; } = [];

    public string? Next { get; private set; }

    public Func<string, string?> Filter { get; private set; } = _ => null;

    public async Task<IActionResult> OnGetAsync()
    {
        Filter = Asked("scopeId", "action", "from", "to", "after");
        var filter = new AuditFilter
        {
            ScopeId = User.ScopeNamedBy("scopeId", Filter("scopeId")),
            ScopeIds = VisibleScopes,
            Action = QueryText.OneOf<AuditAction>("action", Filter("action")),
            From = BeginOf("from", Filter("from")),
            To = EndOf("to", Filter("to")),
            After = Filter("after") is { } after ? QueryText.Position("after", after) : null,
            Limit = PageSize + 1,
        };
        var found = await audit.ListAsync(filter, Cancel);
        Entries = [.. found.Take(PageSize)];
        Next = found.Count > PageSize ? Request.Next("after", Entries[^1].Id.ToString(CultureInfo.InvariantCulture)) : null;
        return Page();
    }
}
