using HokifyMessaging.Planning;
using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Runs.Queries;

/// <summary>Which entries of a plan to list.</summary>
internal sealed record PlanFilter
{
    /// <summary>Only entries behind this number: the last one of the page before. Default: 0.</summary>
    public long After { get; init; }

    /// <summary>Only what would be done so. Default: null, all.</summary>
    public PlannedChange? Change { get; init; }

    /// <summary>Only entries in which it differs from the plan that was to be applied, or that were left because they had moved. Default: false.</summary>
    public bool OnlyDifferences { get; init; }

    /// <summary>The most to list. Default: 100.</summary>
    public int Limit { get; init; } = 100;
}

/// <summary>What a run would do, or was to do, with one row or one record.</summary>
/// <param name="Number">Numbers the entries of the plan.</param>
/// <param name="Change">What would be done.</param>
/// <param name="ElementName">Candidate or CandidateProfile; ActivityLog for a record that cannot be stored and would wait.</param>
/// <param name="ReferenceId">The id at hokify; for a record without one, a hash.</param>
/// <param name="PersonReferenceId">The id of the person behind it; null where the record does not say.</param>
/// <param name="Fields">The fields that change; none for a row that would be deleted, or whose person would be erased.</param>
/// <param name="Reason">Why a record cannot be stored; null for every other.</param>
/// <param name="IsApplied">Whether the run has done it.</param>
/// <param name="Difference">How it differs from the plan that the run was to apply: Added, Changed or Gone; Moved where the row had changed when it was to be written, and was left. Null where it does not.</param>
public sealed record PlannedEntry(
    long Number,
    PlannedChange Change,
    string ElementName,
    string ReferenceId,
    string? PersonReferenceId,
    IReadOnlyList<PlannedValue> Fields,
    string? Reason,
    bool IsApplied,
    string? Difference)
{
    internal static PlannedEntry Of(PlanEntry entry) => new(
        entry.Number,
        entry.Kind,
        entry.ElementName,
        entry.ReferenceId,
        entry.PersonReferenceId,
        [.. PlannedFields.FromJson(entry.Fields).Select(PlannedValue.Of)],
        entry.Sentence is null ? null : VisibleText.Of(entry.Sentence),
        entry.IsApplied,
        entry.Difference?.ToString());
}

/// <summary>One field that would change.</summary>
/// <param name="Field">The column.</param>
/// <param name="Before">What is there, as text; null for nothing.</param>
/// <param name="After">What would be there, as text; null for nothing.</param>
public sealed record PlannedValue(string Field, string? Before, string? After)
{
    internal static PlannedValue Of(PlannedField field) => new(field.Field, Text(field.Before), Text(field.After));

    private static string? Text(JsonElement? value) => value is not { } element || element.ValueKind == JsonValueKind.Null ? null
        : element.ValueKind == JsonValueKind.String ? element.GetString() : element.GetRawText();
}

/// <summary>A run's plan as a whole.</summary>
/// <param name="RunId">The run.</param>
/// <param name="ScopeId">Its scope.</param>
/// <param name="IsDryRun">Whether the run only plans.</param>
/// <param name="Digest">Of a dry run that has ended, what names the plan; of a run that applies one, which it is. Null while there is none, and where the plan was too large to be kept whole.</param>
/// <param name="ForgottenAt">When it stopped being whole, because somebody in it was erased or it was old enough; null as long as it is.</param>
/// <param name="Counts">How many rows or records there are of each change, of those that are kept.</param>
internal sealed record PlanView(Guid RunId, int ScopeId, bool IsDryRun, string? Digest, DateTimeOffset? ForgottenAt, IReadOnlyList<PlanCount> Counts)
{
    /// <summary>Whether somebody can have exactly this applied.</summary>
    public bool CanBeApplied => IsDryRun && Digest is not null && ForgottenAt is null;
}

/// <summary>How many entries of a plan do the same.</summary>
internal sealed record PlanCount(PlannedChange Change, string ElementName, int Number);

/// <summary>What people ask about plans. Reads only, each page by an index and in its order. It holds values of people: whoever shows it masks them, or notes who has seen them.</summary>
internal sealed class PlanQueries(IDbContextFactory<HokifyDbContext> contexts)
{
    /// <summary>A run's plan; null where there is no such run, or it neither is a dry run nor applies a plan.</summary>
    public async Task<PlanView?> FindAsync(Guid runId, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var run = await db.ImportRuns.AsNoTracking().Where(r => r.Id == runId).Select(r => new { r.ScopeId, r.DryRun, r.PlanDigest, r.PlanForgottenAt }).SingleOrDefaultAsync(cancellationToken);
        if (run is null || (!run.DryRun && run.PlanDigest is null))
        {
            return null;
        }

        var counts = await db.PlanEntries.Where(e => e.RunId == runId && e.Kind != PlannedChange.Confirmed && (e.Difference == null || e.Difference != PlanDifference.Gone))
            .GroupBy(e => new { e.Kind, e.ElementName }).Select(of => new { of.Key.Kind, of.Key.ElementName, Number = of.Count() }).ToListAsync(cancellationToken);
        return new PlanView(
            runId, run.ScopeId, run.DryRun, run.PlanDigest, run.PlanForgottenAt, [.. counts.OrderBy(c => c.Kind).ThenBy(c => c.ElementName, StringComparer.Ordinal).Select(c => new PlanCount(c.Kind, c.ElementName, c.Number))]);
    }

    /// <summary>What would be done, in the order in which it was planned. What only remembers a newer record is counted as unchanged and not listed.</summary>
    public async Task<IReadOnlyList<PlannedEntry>> EntriesAsync(Guid runId, PlanFilter filter, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var entries = db.PlanEntries.AsNoTracking().Where(e => e.RunId == runId && e.Number > filter.After);
        entries = filter.Change is { } change ? entries.Where(e => e.Kind == change) : entries.Where(e => e.Kind != PlannedChange.Confirmed);
        if (filter.OnlyDifferences)
        {
            entries = entries.Where(e => e.Difference != null);
        }

        var page = await entries.OrderBy(e => e.Number).Take(filter.Limit).ToListAsync(cancellationToken);
        return [.. page.Select(PlannedEntry.Of)];
    }
}
