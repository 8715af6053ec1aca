namespace HokifyMessaging.Storage;

/// <summary>Who does something, for the audit log.</summary>
/// <param name="Name">The user of the operating system, the API key, or that it was a link.</param>
/// <param name="Machine">The machine of the program that is asked.</param>
internal sealed record Actor(string Name, string Machine)
{
    /// <summary>Whoever has the signed link of a result. No key has a blank in its name.</summary>
    public static Actor Link => OfKey("download link");

    /// <summary>The user who has started this process.</summary>
    public static Actor OfUser() => new(Environment.UserName, Environment.MachineName);

    /// <summary>The holder of an API key.</summary>
    public static Actor OfKey(string name) => new(name, Environment.MachineName);
}

/// <summary>
/// Something that is done by hand, as the audit log names it: in one place, so that it is the same whether it was a command or came over HTTP. None holds a value of
/// an applicant; a run goes by its id, and nobody's id stands here.
/// </summary>
/// <param name="Action">What it is.</param>
/// <param name="ScopeId">To which scope; null for what concerns all of them.</param>
/// <param name="Detail">What it changed or handed out, in one sentence or two.</param>
internal sealed record Deed(AuditAction Action, int? ScopeId, string Detail)
{
    public static Deed RequestImport(ImportRun run) => new(AuditAction.RequestImport, run.ScopeId, $"Run {run.Id}, {(run.DryRun ? "a dry run of " : "")}{(run.ImportMode == ImportMode.Full ? "a full" : "an incremental")} import{(run is { DryRun: false, PlanDigest: { } plan } ? $" that applies exactly the plan {plan}" : "")}.");

    /// <summary>One that failed or was cancelled.</summary>
    public static Deed ResumeImport(int scopeId, Guid runId) => new(AuditAction.ResumeImport, scopeId, $"Run {runId}.");

    public static Deed CancelImport(int scopeId, Guid runId) => new(AuditAction.CancelImport, scopeId, $"Run {runId}.");

    public static Deed AnnounceImport(int scopeId, Guid runId) => new(AuditAction.AnnounceImport, scopeId, $"Run {runId}.");

    /// <param name="scopeId">In which scope.</param>
    /// <param name="which">Which records that wait, in words without anybody's.</param>
    /// <param name="outcome">With how many it was done.</param>
    public static Deed RetryRecords(int scopeId, string which, string outcome) => new(AuditAction.RetryRecords, scopeId, $"Records that the next import tries again ({which}): {outcome}.");

    public static Deed ParkRecords(int scopeId, string which, string outcome) => new(AuditAction.ParkRecords, scopeId, $"Records that wait for an operator from now on ({which}): {outcome}.");

    public static Deed DropRecords(int scopeId, string which, string outcome, string reason) => new(AuditAction.DropRecords, scopeId, $"Records that were dropped ({which}): {outcome}. Reason: {reason}.");

    public static Deed StartRamp(RetryRamp ramp, string which) => new(AuditAction.StartRamp, ramp.ScopeId, $"Records that are tried step by step: {which}.");

    public static Deed StopRamp(RetryRamp ramp) => new(AuditAction.StopRamp, ramp.ScopeId, Invariant($"Ramp {ramp.Id}, at step {ramp.Step}."));

    /// <param name="scopeId">Of which scope.</param>
    /// <param name="runId">Of which run.</param>
    /// <param name="format">As what.</param>
    /// <param name="isMasked">Whether values of people were left out.</param>
    public static Deed TakeFile(int scopeId, Guid runId, string format, bool isMasked) =>
        new(AuditAction.TakeFile, scopeId, $"Run {runId} as {format}, {(isMasked ? "without" : "with")} values of people.");

    /// <summary>Somebody has looked at a plan with values of people.</summary>
    public static Deed ShowPlan(int scopeId, Guid runId) => new(AuditAction.ShowPlan, scopeId, $"Run {runId}.");

    public static Deed ExportPeople(int scopeId, int people, int applications, string format) =>
        new(AuditAction.ExportPeople, scopeId, Invariant($"People whose data was exported: {people}; their applications: {applications}; as {format}."));

    public static Deed ErasePeople(ErasureRequest done) => new(
        AuditAction.ErasePeople, done.ScopeId, Invariant($"Request {done.Id}: people {done.People}, applications {done.Applications}, records that waited {done.Waiting}."));

    public static Deed HoldPeople(LegalHold hold, int people, int applications) => new(
        AuditAction.HoldPeople,
        hold.ScopeId,
        Invariant($"Hold {hold.Id} {(hold.Until is { } until ? $"until {Instant.Of(until)}" : "until it is released")}: people {people}, single applications {applications}."));

    public static Deed ReleasePeople(LegalHold hold) => new(AuditAction.ReleasePeople, hold.ScopeId, $"Hold {hold.Id} was released.");

    public static Deed ImportErasures(int scopeId, int hashes, int people) =>
        new(AuditAction.ImportErasures, scopeId, Invariant($"Hashes that were new: {hashes}; people who were erased: {people}."));

    public static Deed ExportErasures(int hashes) => new(AuditAction.ExportErasures, ScopeId: null, Invariant($"Hashes of erased ids and addresses: {hashes}."));

    public static Deed ChangeErasureKey(int hashes) => new(AuditAction.ChangeErasureKey, ScopeId: null, Invariant($"Hashes of erased ids and addresses that were made anew: {hashes}."));

    public static Deed ForgetErasureKey(int hashes) => new(AuditAction.ForgetErasureKey, ScopeId: null, Invariant($"Hashes of erased ids and addresses that were deleted: {hashes}."));

    public static Deed SetWatermark(int scopeId, string from, string to) => new(AuditAction.SetWatermark, scopeId, $"From {from} to {to}.");

    /// <param name="scopeId">In which scope; null for what belongs to none.</param>
    /// <param name="forgotten">How much of what.</param>
    public static Deed ForgetDue(int? scopeId, IEnumerable<(string What, long Forgotten)> forgotten) =>
        new(AuditAction.ForgetDue, scopeId, $"Forgotten: {string.Join(", ", forgotten.Select(one => Invariant($"{one.What} {one.Forgotten}")))}.");

    public static Deed PauseSchedule(int scopeId, string name) => new(AuditAction.PauseSchedule, scopeId, $"Schedule {name}.");

    public static Deed ResumeSchedule(int scopeId, string name) => new(AuditAction.ResumeSchedule, scopeId, $"Schedule {name}.");

    public static Deed AddSchedule(int scopeId, string name, ScheduleOptions schedule) => new(AuditAction.AddSchedule, scopeId, $"Schedule {name}: {Text(schedule)}.");

    public static Deed ChangeSchedule(int scopeId, string name, ScheduleOptions before, ScheduleOptions after) =>
        new(AuditAction.ChangeSchedule, scopeId, $"Schedule {name}: {Text(before)} became {Text(after)}.");

    public static Deed RemoveSchedule(int scopeId, string name, ScheduleOptions schedule) => new(AuditAction.RemoveSchedule, scopeId, $"Schedule {name}: {Text(schedule)}.");

    /// <param name="scopeId">In which scope.</param>
    /// <param name="records">How many people and applications values were shown of.</param>
    public static Deed LookAtPerson(int scopeId, int records) =>
        new(AuditAction.LookAtPerson, scopeId, Invariant($"People and applications of which values were shown: {records}."));

    public static Deed MoveMessages(string queue, long messages) => new(AuditAction.MoveMessages, ScopeId: null, Invariant($"From {queue}: {messages}."));

    public static Deed ClearMessages(string queue, long messages) => new(AuditAction.ClearMessages, ScopeId: null, Invariant($"Out of {queue}: {messages}."));

    public static Deed Migrate(SchemaChanges changes) => new(AuditAction.Migrate, ScopeId: null, $"Applied: {string.Join(", ", [.. changes.Migrations, .. changes.Indexes])}.");

    public static Deed TakeBackup() => new(AuditAction.TakeBackup, ScopeId: null, "The whole database, as it was at that instant.");

    public static Deed Restore(DateTimeOffset takenAt) => new(AuditAction.Restore, ScopeId: null, $"The backup of {Instant.Of(takenAt)}.");

    private static string Text(ScheduleOptions schedule) =>
        $"'{schedule.Cron}' by {schedule.TimeZone}, {schedule.Mode}, Overlap {schedule.Overlap}, Missed {schedule.Missed}";

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
