using HokifyMessaging.Receiving;
using HokifyMessaging.Runs;
using HokifyMessaging.Runs.Queries;
using HokifyMessaging.Service.Http;
using HokifyMessaging.Service.Http.Imports;
using HokifyMessaging.Service.Http.Keys;
using HokifyMessaging.Storage;
using Microsoft.AspNetCore.Mvc;

namespace HokifyMessaging.Service.WebConsole.Pages;

/// <summary>What a dry run would do, field by field, with the button that has exactly this done; or in what a plan differed that was not.</summary>
internal sealed class PlanModel(RunQueries runs, PlanQueries plans, ImportRequests imports, AuditLog audit, FasterHands faster, IOptions<HttpOptions> options) : ConsolePage
{
    private const int PageSize = 20;

    /// <summary>So many letters of values fit on a page beside what stands around them.</summary>
    private const int RoomForValues = 14_000;

    /// <summary>What a field takes on a page beside its values.</summary>
    private const int RoomOfField = 60;

    public RunSummary Run { get; private set; } = null!;

    public PlanView Plan { get; private set; } = null!;

    public IReadOnlyList<PlannedEntry> Entries { get; private set; } = [];

    public string? Next { get; private set; }

    public Func<string, string?> Filter { get; private set; } = _ => null;

    public string Stand { get; private set; } = "";

    public bool ShowsValues => May(Rights.Personal);

    public bool MayApply => May(Rights.Import) && Plan.CanBeApplied;

    public async Task<IActionResult> OnGetAsync(Guid id)
    {
        Filter = Asked("change", "differences", "after");
        if (!await FindAsync(id))
        {
            return NoPlan();
        }

        var filter = new PlanFilter
        {
            Change = QueryText.OneOf<PlannedChange>("change", Filter("change")),
            OnlyDifferences = QueryText.TrueOrFalse("differences", Filter("differences")),
            After = QueryText.Position("after", Filter("after")),
            Limit = PageSize + 1,
        };
        if (ShowsValues)
        {
            await audit.NoteAsync(Actor, Deed.ShowPlan(Plan.ScopeId, id), Cancel);
        }

        var found = await plans.EntriesAsync(id, filter, Cancel);
        var room = RoomForValues;
        Entries = [.. found.Take(PageSize).Select(entry => entry.ShownTo(User)).TakeWhile((entry, index) => (room -= RoomOf(entry)) > 0 || index == 0)];
        Next = found.Count > Entries.Count ? Request.Next("after", Entries[^1].Number.ToString(CultureInfo.InvariantCulture)) : null;
        Stand = await faster.StandAsync(Cancel);
        return Page();
    }

    public async Task<IActionResult> OnPostApplyAsync(Guid id, string? stand)
    {
        if (!await FindAsync(id))
        {
            return NoPlan();
        }

        if (!May(Rights.Import))
        {
            return Refused($"The API key '{User.KeyName()}' lacks the right '{Rights.Import}'.", $"Dem API-Schlüssel '{User.KeyName()}' fehlt das Recht '{Rights.Import}'.");
        }

        if (!Plan.CanBeApplied)
        {
            return Told(T["Nothing was done: the plan is no longer whole. Make a new one with a dry run.", "Es wurde nichts getan: Der Plan ist nicht mehr ganz. Machen Sie mit einem Probelauf einen neuen."], WebConsolePath.Plan(id));
        }

        if (await faster.OfAsync(T, stand, AuditAction.RequestImport, Plan.ScopeId, Plan.Digest!, Cancel) is { } before)
        {
            return Told(before, WebConsolePath.Plan(id));
        }

        var request = new HokifyImportRequested { ScopeId = Plan.ScopeId, PlanDigest = Plan.Digest, IdempotencyKey = $"plan-{Guid.NewGuid():N}" };
        var submitted = await imports.SubmitAsync(request.AskedBy(User), options.Value.Limits.PlaceOf(User), Cancel);
        return Told(
            T["Exactly this is applied as soon as it is its turn, unless hokify or the database has moved since.", "Genau das wird ausgeführt, sobald es an der Reihe ist, sofern sich hokify und die Datenbank seither nicht geändert haben."],
            WebConsolePath.Run(submitted.RunId));
    }

    private static int RoomOf(PlannedEntry entry) =>
        entry.Fields.Sum(field => RoomOfField + field.Field.Length + PlanWords.Value(field.Before).Length + PlanWords.Value(field.After).Length) + (entry.Reason?.Length ?? 0);

    private async Task<bool> FindAsync(Guid id)
    {
        if (!await runs.IsThereAsync(id, VisibleScopes, Cancel) || await plans.FindAsync(id, Cancel) is not { } plan || await runs.FindAsync(id, Cancel) is not { } run)
        {
            return false;
        }

        (Plan, Run) = (plan, run.Summary);
        return true;
    }

    private IActionResult NoPlan() => NotThere("There is no such plan, or the API key may not see it.", "Diesen Plan gibt es nicht, oder der API-Schlüssel darf ihn nicht sehen.");
}
