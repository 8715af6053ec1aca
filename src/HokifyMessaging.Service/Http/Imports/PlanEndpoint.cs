using System.Security.Claims;
using HokifyMessaging.Runs;
using HokifyMessaging.Runs.Queries;
using HokifyMessaging.Service.Http.Keys;
using HokifyMessaging.Storage;

namespace HokifyMessaging.Service.Http.Imports;

/// <summary>A part of a plan, in the order in which it was made.</summary>
/// <param name="RunId">The import that made it.</param>
/// <param name="PlanDigest">What names it in a request that has exactly this applied; null where it cannot be.</param>
/// <param name="CanBeApplied">Whether it can be applied: whether it is a completed dry run's, and whole.</param>
/// <param name="ForgottenAt">When it stopped being whole, because somebody in it was erased or it was old enough; null as long as it is.</param>
/// <param name="Items">What would be done.</param>
/// <param name="Next">The address of the next part; null when this is the last one.</param>
internal sealed record PlanPage(Guid RunId, string? PlanDigest, bool CanBeApplied, DateTimeOffset? ForgottenAt, IReadOnlyList<PlannedEntry> Items, string? Next);

/// <summary><c>/api/imports/{id}/plan</c>: what a dry run would do, field by field. Whoever sees values of people there is noted.</summary>
internal static class PlanEndpoint
{
    public static void MapPlan(this RouteGroupBuilder one) => one.MapGet("plan", PlanAsync).RequireAuthorization(Rights.Read)
        .WithName("GetPlan").WithSummary("What a dry run would do, field by field, or in what a plan differed that was to be applied")
        .WithDescription("Of a dry run, and of an import that applies a plan. What is unchanged is counted in the result and not listed. Values of people are *** without the right personal; with it, the look is in the audit log.")
        .Produces<PlanPage>();

    private static async Task<IResult> PlanAsync(
        HttpContext context, Guid id, string? change, string? differences, string? after, string? limit, PlanQueries plans, AuditLog audit, CancellationToken cancellationToken)
    {
        context.Response.Headers.CacheControl = "no-store";
        var filter = new PlanFilter
        {
            Change = QueryText.OneOf<PlannedChange>(nameof(change), change),
            OnlyDifferences = QueryText.TrueOrFalse(nameof(differences), differences),
            After = QueryText.Position(nameof(after), after),
            Limit = QueryText.WholeNumber(nameof(limit), limit, 100, 1, 1000),
        };
        if (await plans.FindAsync(id, cancellationToken) is not { } plan)
        {
            return Problems.NotFound("The import has no plan: it is no dry run, and applies none.");
        }

        if (context.User.Has(Rights.Personal))
        {
            await audit.NoteAsync(context.User.AsActor(), Deed.ShowPlan(plan.ScopeId, id), cancellationToken);
        }

        var found = await plans.EntriesAsync(id, filter, cancellationToken);
        var items = found.Select(entry => entry.ShownTo(context.User)).ToList();
        var next = items.Count < filter.Limit ? null : context.Request.Next(nameof(after), items[^1].Number.ToString(CultureInfo.InvariantCulture));
        return TypedResults.Ok(new PlanPage(id, plan.Digest, plan.CanBeApplied, plan.ForgottenAt, items, next));
    }

    /// <summary>An entry as the caller may see it.</summary>
    public static PlannedEntry ShownTo(this PlannedEntry entry, ClaimsPrincipal caller) => caller.Has(Rights.Personal) ? entry : entry.Masked();
}
