using HokifyMessaging.Applications;
using HokifyMessaging.Storage;
using HokifyMessaging.Waiting;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using ApplicationId = HokifyMessaging.Applications.ApplicationId;

namespace HokifyMessaging.Tests.Storage;

/// <summary>The two models, and the migrations that bring a database to them.</summary>
public sealed class ModelTests
{
    /// <summary>What is checked before writing, or cannot come out longer; null where any length fits.</summary>
    private static readonly Dictionary<string, int?> Checked = new()
    {
        ["Candidate.ReferenceId"] = PersonId.MaxLength,
        ["Candidate.VersionReferenceId"] = ApplicationId.MaxLength,
        ["Candidate.History"] = null,
        ["CandidateProfile.ReferenceId"] = ApplicationId.MaxLength,
        ["CandidateProfile.History"] = null,
        ["CandidateProfile.SourcePayload"] = null,
        ["ActivityLog.ReferenceId"] = PersonId.MaxLength,
        ["ActivityLog.PersonReferenceId"] = PersonId.MaxLength,
        ["ActivityLog.ElementName"] = 50,
        ["ActivityLog.ElementDisplayName"] = ProfileColumns.All.Single(c => c.Name == nameof(ProfileColumns.Name)).MaxLength,
        ["ActivityLog.Command"] = 50,
        ["ActivityLog.Data"] = null,
        ["ActivityLog.ResultData"] = null,
        ["AuditEntry.Who"] = AuditEntry.NameLength,
        ["AuditEntry.Machine"] = AuditEntry.NameLength,
        ["AuditEntry.Detail"] = AuditEntry.DetailLength,
        ["DataProtectionKey.FriendlyName"] = null,
        ["DataProtectionKey.Xml"] = null,
        ["ImportRun.IdempotencyKey"] = HokifyDbContext.KeyLength,
        ["ImportRun.RequestedBy"] = 200,
        ["ImportRun.AskedByKey"] = 64,
        ["ImportRun.SourceSaid"] = 500,
        ["ImportRun.Checkpoint"] = 2000,
        ["ImportRun.Tally"] = null,
        ["ImportRun.Failure"] = null,
        ["ImportRun.CompletedEvent"] = null,
        ["ImportRun.Attempts"] = null,
        ["ImportRun.PlanDigest"] = 64,
        ["ImportRun.TraceParent"] = 55,
        ["PlanEntry.ElementName"] = 50,
        ["PlanEntry.Fields"] = null,
        ["PlanEntry.PersonReferenceId"] = PersonId.MaxLength,
        ["PlanEntry.ReferenceId"] = PersonId.MaxLength,
        ["PlanEntry.Sentence"] = null,
        ["PlanEntry.State"] = null,
        ["PlanEntry.Payload"] = null,
        ["ErasureRequest.Who"] = 200,
        ["ErasureRequest.Machine"] = 200,
        ["ErasureRequest.Reason"] = ErasureRequest.ReasonLength,
        ["ErasureRequest.Candidates"] = null,
        ["ErasureRequest.Entries"] = null,
        ["LegalHold.Who"] = 200,
        ["LegalHold.Machine"] = 200,
        ["LegalHold.Reason"] = LegalHold.ReasonLength,
        ["LegalHold.ReleasedBy"] = 200,
        ["LegalHold.Candidates"] = null,
        ["LegalHold.Profiles"] = null,
        ["RetentionState.Counts"] = null,
        ["ScheduleState.Name"] = ScheduleState.NameLength,
        ["ScheduleState.PausedBy"] = 200,
        ["ScheduleState.PauseReason"] = ScheduleState.ReasonLength,
        ["ActivityLog.Field"] = ActivityLog.FieldLength,
        ["RetryRamp.StartedBy"] = 200,
        ["RetryRamp.StoppedBy"] = 200,
        ["RetryRamp.Field"] = ActivityLog.FieldLength,
        ["RetryRamp.Text"] = WaitingFilter.TextLength,
        ["ScheduleState.Cron"] = ScheduleState.CronLength,
        ["ScheduleState.TimeZone"] = ScheduleState.TimeZoneLength,
        ["ScheduleState.ChangedBy"] = 200,
        ["PendingEvent.Event"] = null,
        ["PendingEvent.TraceParent"] = 55,
        ["ScopeState.LeaseOwner"] = 200,
        ["ScopeState.Source"] = HokifyDbContext.SourceLength,
    };

    public static TheoryData<string> Providers => ["Sqlite", "SqlServer"];

    [Theory]
    [MemberData(nameof(Providers))]
    public void The_migrations_are_those_of_the_model(string provider)
    {
        using var db = Context(provider);

        Assert.False(db.Database.HasPendingModelChanges(), $"the model has changed: dotnet ef migrations add ... --context {db.GetType().Name}");
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public void Every_text_column_is_as_long_as_what_is_checked_before_writing(string provider)
    {
        using var db = Context(provider);
        var actual = db.Model.GetEntityTypes()
            .SelectMany(table => table.GetProperties().Where(p => p.ClrType == typeof(string)).Select(p => ($"{table.ClrType.Name}.{p.Name}", p.GetMaxLength())))
            .ToDictionary(p => p.Item1, p => p.Item2);

        Assert.Equal(Checked.OrderBy(c => c.Key), actual.OrderBy(c => c.Key));
        Same(CandidateColumns.All, db.Model.FindEntityType(typeof(Candidate))!);
        Same(ProfileColumns.All, db.Model.FindEntityType(typeof(CandidateProfile))!);

        static void Same<TRow>(IReadOnlyList<Column<TRow>> columns, IEntityType table)
        {
            var mapped = table.GetComplexProperties().Single().ComplexType;
            Assert.Equal(columns.Select(c => (c.Name, c.MaxLength)).Order(), mapped.GetProperties().Select(p => (p.Name, p.GetMaxLength())).Order());
        }
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public void A_closed_set_is_stored_by_its_names_all_of_which_fit(string provider)
    {
        using var db = Context(provider);
        var sets = db.Model.GetEntityTypes()
            .SelectMany(table => table.GetProperties().Where(p => p.ClrType.IsEnum).Select(p => (Column: $"{table.ClrType.Name}.{p.Name}", Property: p)))
            .ToList();

        Assert.Superset(new HashSet<string> { "ActivityLog.Name", "ActivityLog.Status", "ImportRun.ImportMode", "ImportRun.Phase", "ImportRun.State", "RunBatch.Phase" }, sets.Select(set => set.Column).ToHashSet());
        Assert.All(sets, set =>
        {
            Assert.Equal(typeof(string), set.Property.GetTypeMapping().Converter?.ProviderClrType);
            Assert.InRange(Enum.GetNames(set.Property.ClrType).Max(name => name.Length), 1, set.Property.GetMaxLength()!.Value);
        });
    }

    [Fact]
    public void The_longest_ids_fit()
    {
        var longest = new ApplicationId(new string('f', ApplicationId.MaxLength));

        Assert.Equal(PersonId.MaxLength, PersonId.OfApplication(longest).Value.Length);
        Assert.InRange(PersonId.OfAddress(new string('a', 320)).Value.Length, 1, PersonId.MaxLength);
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public void The_columns_that_hokify_fills_stand_in_the_order_of_their_list_behind_the_rows_own(string provider)
    {
        using var db = Context(provider);

        Assert.Equal(
            ["Id", "ScopeId", "ReferenceId", "ContentHash", "Version", "VersionReferenceId", "IsDeleted", "CreatedAt", "ChangedAt", "History", .. CandidateColumns.All.Select(c => c.Name)],
            Columns("Candidate"));
        Assert.Equal(
            ["Id", "ScopeId", "ReferenceId", "CandidateId", "ContentHash", "Version", "IsDeleted", "CreatedAt", "ChangedAt", "ReceivedAt", "History", "SourcePayload", "PayloadAt", "SourceDigest", "PersonKey", "OtherCopies", .. ProfileColumns.All.Select(c => c.Name)],
            Columns("CandidateProfile"));

        IEnumerable<string> Columns(string table) =>
            db.Database.GenerateCreateScript().Split($"CREATE TABLE {Quoted(table)} (")[1].Split("\n);")[0]
                .Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Where(line => line[0] is '"' or '[').Select(line => line.Split(' ')[0].Trim('"', '[', ']'));

        string Quoted(string name) => provider == "Sqlite" ? $"\"{name}\"" : $"[{name}]";
    }

    private static HokifyDbContext Context(string provider) =>
        provider == "Sqlite" ? new SqliteDesignTimeFactory().CreateDbContext([]) : new SqlServerDesignTimeFactory().CreateDbContext([]);
}
