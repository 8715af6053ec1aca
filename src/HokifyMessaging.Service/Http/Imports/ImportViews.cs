using HokifyMessaging.Runs.Queries;
using HokifyMessaging.Storage;

namespace HokifyMessaging.Service.Http.Imports;

/// <summary>An import that was asked for.</summary>
/// <param name="RunId">Its id.</param>
/// <param name="IdempotencyKey">The key that it is known by.</param>
/// <param name="State">Where it stands in its life.</param>
/// <param name="Href">Its address.</param>
internal sealed record ImportReference(Guid RunId, string IdempotencyKey, RunState State, string Href)
{
    public static ImportReference Of(Guid runId, string key, RunState state) => new(runId, key, state, ImportsEndpoints.PathOf(runId));
}

/// <summary>A part of the list of imports, newest first.</summary>
/// <param name="Total">How many imports match.</param>
/// <param name="Offset">How many of them stand before this part; null when it was asked for by 'after', which does not count them.</param>
/// <param name="Items">The imports.</param>
/// <param name="Next">The address of the next part; null when this is the last one.</param>
internal sealed record ImportPage(int Total, int? Offset, IReadOnlyList<RunSummary> Items, string? Next);

/// <summary>A part of the list of an import's records, in the order of writing.</summary>
/// <param name="Items">The records.</param>
/// <param name="Next">The address of the next part; null when this is the last one.</param>
internal sealed record RecordPage(IReadOnlyList<RunRecord> Items, string? Next);

/// <summary>How far an import has come.</summary>
/// <param name="State">Where it stands in its life.</param>
/// <param name="Phase">Which chapter it is in: Retrying, Reading, Confirming, Deleting or Concluding; then, where it applies a plan, Comparing or Applying.</param>
/// <param name="Fetched">How many records the source has delivered so far.</param>
/// <param name="OkCount">Created, updated, deleted and unchanged so far, over all element names.</param>
/// <param name="ErrorCount">Failures so far, over all element names.</param>
/// <param name="Failure">Why it failed as a whole the last time; null when it did not.</param>
internal sealed record ImportProgress(RunState State, string Phase, int Fetched, int OkCount, int ErrorCount, string? Failure)
{
    public static ImportProgress Of(RunSummary run) => new(run.State, run.Phase, run.Fetched, run.OkCount, run.ErrorCount, run.Failure);
}
