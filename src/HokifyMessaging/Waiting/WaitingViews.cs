using HokifyMessaging.Storage;

namespace HokifyMessaging.Waiting;

/// <summary>Records that wait for the same reason.</summary>
/// <param name="ScopeId">In which scope.</param>
/// <param name="Status">Open, where they are tried again by themselves; or parked.</param>
/// <param name="Cause">Why, as a kind.</param>
/// <param name="Field">The field at fault; null where it is of none.</param>
/// <param name="Count">How many.</param>
/// <param name="InRamp">How many of them a ramp has.</param>
/// <param name="Oldest">Since when the first of them waits.</param>
/// <param name="NextDue">When the next of them is tried; null where none is by itself.</param>
/// <param name="Example">Why one of them failed, as a sentence; says nothing of a person but ids.</param>
internal sealed record WaitingGroup(
    int ScopeId, ActivityStatus Status, FailureCause? Cause, string? Field, int Count, int InRamp, DateTimeOffset Oldest, DateTimeOffset? NextDue, string? Example)
{
    /// <summary>Which they are.</summary>
    public WaitingFilter Filter => new() { ScopeIds = [ScopeId], Status = Status, Cause = Cause, Field = Field ?? "" };
}

/// <summary>One record that waits.</summary>
/// <param name="Id">The row.</param>
/// <param name="ScopeId">The scope.</param>
/// <param name="ReferenceId">The application's or person's id at hokify; for a record without one, a hash.</param>
/// <param name="ElementName">The element name.</param>
/// <param name="Status">Open or parked.</param>
/// <param name="Cause">Why, as a kind.</param>
/// <param name="Field">The field at fault; null where it is of none.</param>
/// <param name="Reason">Why, as a sentence.</param>
/// <param name="RetryCount">How often it was tried again.</param>
/// <param name="Since">When it failed first.</param>
/// <param name="LastTried">When it was last tried.</param>
/// <param name="DueAt">When it is tried again; null where it waits for somebody.</param>
/// <param name="LastRunId">The run that tried it last.</param>
/// <param name="RampId">The ramp that has it; null for none.</param>
internal sealed record WaitingEntry(
    long Id, int ScopeId, string ReferenceId, string ElementName, ActivityStatus Status, FailureCause? Cause, string? Field, string? Reason, int RetryCount,
    DateTimeOffset Since, DateTimeOffset? LastTried, DateTimeOffset? DueAt, Guid? LastRunId, long? RampId);

/// <summary>Some of the records that wait, the oldest first.</summary>
/// <param name="Entries">These.</param>
/// <param name="Total">How many there are in all.</param>
/// <param name="Next">Behind which the next page begins; null where this is the last.</param>
internal sealed record WaitingPage(IReadOnlyList<WaitingEntry> Entries, int Total, WaitingPosition? Next);

/// <summary>The place of a record in the list.</summary>
/// <param name="Since">When it failed first.</param>
/// <param name="Id">Its row.</param>
internal sealed record WaitingPosition(DateTimeOffset Since, long Id)
{
    /// <summary>Reads what <see cref="ToString"/> writes; null for anything else.</summary>
    public static WaitingPosition? Parse(string? text) =>
        text?.Split('-') is [var ticks, var row]
        && long.TryParse(ticks, NumberStyles.None, CultureInfo.InvariantCulture, out var at) && at <= DateTime.MaxValue.Ticks
        && long.TryParse(row, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            ? new WaitingPosition(new DateTimeOffset(at, TimeSpan.Zero), id)
            : null;

    /// <summary>As it stands in a URL.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Since.UtcTicks}-{Id}");
}

/// <summary>What became of records that somebody has decided on.</summary>
/// <param name="Done">With so many it was done.</param>
/// <param name="Ignored">So many were let be, because they have changed since somebody looked: they are stored, gone or in another state.</param>
/// <param name="OnHold">So many were let be, because a legal hold keeps them.</param>
/// <param name="InRamp">So many were let be, because a ramp has them.</param>
internal readonly record struct WaitingOutcome(int Done, int Ignored, int OnHold, int InRamp)
{
    public static WaitingOutcome operator +(WaitingOutcome left, WaitingOutcome right) =>
        new(left.Done + right.Done, left.Ignored + right.Ignored, left.OnHold + right.OnHold, left.InRamp + right.InRamp);

    /// <summary>For the audit log.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Done}{(Ignored > 0 ? $"; changed meanwhile: {Ignored}" : "")}{(OnHold > 0 ? $"; on hold: {OnHold}" : "")}{(InRamp > 0 ? $"; in a ramp: {InRamp}" : "")}");
}
