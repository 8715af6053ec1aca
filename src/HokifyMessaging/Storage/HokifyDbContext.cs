using Microsoft.AspNetCore.DataProtection.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace HokifyMessaging.Storage;

/// <summary>The applicant database. One context type per provider, because each has its own migrations.</summary>
internal abstract class HokifyDbContext : DbContext, IDataProtectionKeyContext
{
    public const int KeyLength = 200;

    /// <summary>How long a text may be that says who asked.</summary>
    public const int RequestedByLength = 200;

    /// <summary>How much is kept of what the source said when it failed.</summary>
    public const int SourceSaidLength = 500;

    /// <summary>The longest name of a source.</summary>
    public const int SourceLength = 50;

    /// <summary>The longest name of an API key.</summary>
    public const int KeyNameLength = 64;

    /// <summary>How many decimal places of a second are kept.</summary>
    public const int UnixSecondsScale = 9;

    /// <summary>As long as W3C makes a <c>traceparent</c>.</summary>
    public const int TraceParentLength = 55;

    /// <summary>Letters of a plan's digest.</summary>
    public const int PlanDigestLength = 64;

    /// <summary>By these names each provider adds to an index what it needs there.</summary>
    protected const string TurnIndex = "IX_ImportRun_Turn";
    protected const string UnannouncedIndex = "IX_ImportRun_Unannounced";

    private const int FirstMappedColumn = 100;

    protected HokifyDbContext(DbContextOptions options)
        : base(options)
    {
        // A transaction is kept whole or not at all, so nobody goes back to a savepoint: two calls to the server less.
        Database.AutoSavepointsEnabled = false;
    }

    /// <summary>Where those of this process line up who write to a SQLite file (see <see cref="WriteTurns"/>); null where the server sees to that, or nobody else is there.</summary>
    public SemaphoreSlim? WriteLine { get; set; }

    public DbSet<Candidate> Candidates => Set<Candidate>();
    public DbSet<CandidateProfile> CandidateProfiles => Set<CandidateProfile>();
    public DbSet<ActivityLog> ActivityLogs => Set<ActivityLog>();
    public DbSet<ImportRun> ImportRuns => Set<ImportRun>();
    public DbSet<RunBatch> RunBatches => Set<RunBatch>();
    public DbSet<PlanEntry> PlanEntries => Set<PlanEntry>();
    public DbSet<ScopeState> Scopes => Set<ScopeState>();
    public DbSet<ErasedKey> ErasedKeys => Set<ErasedKey>();
    public DbSet<ErasureRequest> ErasureRequests => Set<ErasureRequest>();
    public DbSet<RetentionState> Retention => Set<RetentionState>();
    public DbSet<LegalHold> LegalHolds => Set<LegalHold>();
    public DbSet<ScheduleState> Schedules => Set<ScheduleState>();
    public DbSet<RetryRamp> Ramps => Set<RetryRamp>();
    public DbSet<RetryRampStep> RampSteps => Set<RetryRampStep>();
    public DbSet<PendingEvent> PendingEvents => Set<PendingEvent>();
    public DbSet<AuditEntry> Audit => Set<AuditEntry>();
    public DbSet<EndedSession> EndedSessions => Set<EndedSession>();

    /// <summary>The keys that sign download links and sessions of the console, so that those of one process are good at every other.</summary>
    public DbSet<DataProtectionKey> DataProtectionKeys => Set<DataProtectionKey>();

    /// <summary>
    /// Ids are compared byte by byte; SQL Server's default collation would take 'a' for 'A'. A list of ids that is sent as
    /// one parameter has to name it too, or SQL Server finds two collations in the comparison and refuses it (error 468).
    /// </summary>
    public abstract string IdCollation { get; }

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<Candidate>(candidate =>
        {
            candidate.ToTable("Candidate");
            candidate.Property(c => c.ReferenceId).HasMaxLength(PersonId.MaxLength).UseCollation(IdCollation);
            candidate.Property(c => c.ContentHash).HasMaxLength(16);
            candidate.Property(c => c.VersionReferenceId).HasMaxLength(ApplicationId.MaxLength).UseCollation(IdCollation);
            candidate.ComplexProperty(c => c.Columns, columns => MapColumns(columns, CandidateColumns.All));
            candidate.HasIndex(c => new { c.ScopeId, c.ReferenceId }).IsUnique();
        });

        modelBuilder.Entity<CandidateProfile>(profile =>
        {
            profile.ToTable("CandidateProfile");
            profile.Property(p => p.ReferenceId).HasMaxLength(ApplicationId.MaxLength).UseCollation(IdCollation);
            profile.Property(p => p.ContentHash).HasMaxLength(16);
            profile.Property(p => p.SourceDigest).HasMaxLength(SourceDigest.Length);
            profile.Property(p => p.PersonKey).HasMaxLength(PersonKey.Length);
            profile.ComplexProperty(p => p.Columns, columns => MapColumns(columns, ProfileColumns.All));
            profile.HasIndex(p => new { p.ScopeId, p.ReferenceId }).IsUnique();
            profile.HasIndex(p => new { p.ScopeId, p.PersonKey });

            // The records that are the oldest, for whoever keeps them for a time only.
            profile.HasIndex(p => new { p.ScopeId, p.PayloadAt }, "IX_CandidateProfile_Payload").HasFilter("PayloadAt IS NOT NULL");

            // What is old enough to be forgotten, whatever was forgotten before.
            profile.HasIndex(p => new { p.ScopeId, p.ReceivedAt, p.Id }, "IX_CandidateProfile_Received").HasFilter("ReceivedAt IS NOT NULL");
            profile.HasOne(p => p.Candidate).WithMany().HasForeignKey(p => p.CandidateId).OnDelete(DeleteBehavior.Restrict);
        });

        modelBuilder.Entity<ActivityLog>(log => ActivityLog.Map(log, IdCollation));

        modelBuilder.Entity<ImportRun>(run =>
        {
            run.ToTable("ImportRun", table =>
            {
                table.HasCheckConstraint("CK_ImportRun_ResumeAt", "ResumeAt IS NULL OR State = 'Failed'");
                table.HasCheckConstraint(
                    "CK_ImportRun_Completed",
                    "(State = 'Completed' AND CompletedAt IS NOT NULL AND CompletedEvent IS NOT NULL) OR (State <> 'Completed' AND CompletedAt IS NULL AND CompletedEvent IS NULL)");
            });
            run.Property(r => r.Id).ValueGeneratedNever();
            run.Property(r => r.IdempotencyKey).HasMaxLength(KeyLength).UseCollation(IdCollation);
            run.Property(r => r.ImportMode).HasConversion<string>().HasMaxLength(20);
            run.Property(r => r.UnixSecondsFrom).HasPrecision(20, UnixSecondsScale);
            run.Property(r => r.RequestedBy).HasMaxLength(RequestedByLength);
            run.Property(r => r.State).HasConversion<string>().HasMaxLength(20);
            run.Property(r => r.Phase).HasConversion<string>().HasMaxLength(20);
            run.Property(r => r.Checkpoint).HasMaxLength(2000);
            run.Property(r => r.SourceSaid).HasMaxLength(SourceSaidLength);
            run.Property(r => r.AskedByKey).HasMaxLength(KeyNameLength).UseCollation(IdCollation);
            run.Property(r => r.PlanDigest).HasMaxLength(PlanDigestLength).UseCollation(IdCollation);
            run.Property(r => r.TraceParent).HasMaxLength(TraceParentLength);
            run.HasOne<ScopeState>().WithMany().HasForeignKey(r => r.ScopeId).OnDelete(DeleteBehavior.Restrict);
            run.HasIndex(r => new { r.ScopeId, r.IdempotencyKey }).IsUnique();
            run.HasIndex(r => r.IdempotencyKey);
            run.HasIndex(r => new { r.CreatedAt, r.Id });
            run.HasIndex(r => new { r.ScopeId, r.CreatedAt });
            run.HasIndex(r => new { r.State, r.CreatedAt });

            // What the broker may not have heard of: the sweeper's look at completed runs.
            run.HasIndex(r => new { r.State, r.CompletedAt }, UnannouncedIndex).HasFilter("AnnouncedAt IS NULL");
            run.HasIndex(r => new { r.AskedByKey, r.State }, "IX_ImportRun_AskedByKey").HasFilter("AskedByKey IS NOT NULL");

            // The completed runs whose details are still kept, the oldest first.
            run.HasIndex(r => new { r.ScopeId, r.CompletedAt }, "IX_ImportRun_Details").HasFilter("DetailsForgottenAt IS NULL");

            // The dry run whose plan is asked for, and those whose plans are still kept, the oldest first.
            run.HasIndex(r => new { r.ScopeId, r.PlanDigest }, "IX_ImportRun_Plan").HasFilter("PlanDigest IS NOT NULL");
            run.HasIndex(r => new { r.ScopeId, r.PlanKeptSince }, "IX_ImportRun_PlanKept").HasFilter("PlanKeptSince IS NOT NULL");

            // The words of the source that an erasure takes back, whoever they name.
            run.HasIndex(r => r.ScopeId, "IX_ImportRun_SourceSaid").HasFilter("SourceSaid IS NOT NULL");

            // The sentences from which it takes ids.
            run.HasIndex(r => r.ScopeId, "IX_ImportRun_Sentences").HasFilter("Sentences IS NOT NULL");
        });

        modelBuilder.Entity<RunBatch>(RunBatch.Map);
        modelBuilder.Entity<PlanEntry>(entry => PlanEntry.Map(entry, IdCollation));

        modelBuilder.Entity<ScopeState>(scope =>
        {
            scope.ToTable("Scope");
            scope.HasKey(s => s.ScopeId);
            scope.Property(s => s.ScopeId).ValueGeneratedNever();
            scope.Property(s => s.LeaseOwner).HasMaxLength(200);
            scope.Property(s => s.Source).HasMaxLength(SourceLength);
        });

        modelBuilder.Entity<ErasedKey>(ErasedKey.Map);
        modelBuilder.Entity<ErasureRequest>(ErasureRequest.Map);
        modelBuilder.Entity<RetentionState>(RetentionState.Map);
        modelBuilder.Entity<LegalHold>(LegalHold.Map);
        modelBuilder.Entity<ScheduleState>(ScheduleState.Map);
        modelBuilder.Entity<RetryRamp>(RetryRamp.Map);
        modelBuilder.Entity<RetryRampStep>(RetryRampStep.Map);
        modelBuilder.Entity<PendingEvent>(PendingEvent.Map);
        modelBuilder.Entity<AuditEntry>(AuditEntry.Map);
        modelBuilder.Entity<EndedSession>(EndedSession.Map);
        modelBuilder.Entity<DataProtectionKey>().ToTable("DataProtectionKey");

        foreach (var table in modelBuilder.Model.GetEntityTypes())
        {
            OrderColumns(table);
        }
    }

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) => configurationBuilder.Conventions.Add(_ => new SchemaIndexes.Noted());

    /// <summary>A row's own columns first, as its class declares them, then those that hokify fills, as their list has them.</summary>
    private static void OrderColumns(IMutableEntityType table)
    {
        var order = 0;
        var declared = table.ClrType.GetProperties().Select(property => property.Name).ToList();
        foreach (var property in table.GetProperties().OrderBy(property => declared.IndexOf(property.Name)))
        {
            property.SetColumnOrder(order++);
        }
    }

    /// <summary>The lengths of the database are those that are checked before writing: both come from the same table.</summary>
    private static void MapColumns<TRow>(ComplexPropertyBuilder<TRow> columns, IReadOnlyList<Column<TRow>> all)
        where TRow : notnull
    {
        foreach (var (index, column) in all.Index())
        {
            var property = columns.Property(typeof(TRow).GetProperty(column.Name)!.PropertyType, column.Name);
            property.HasColumnName(column.Name);
            property.HasColumnOrder(FirstMappedColumn + index);
            if (column.MaxLength is { } length)
            {
                property.HasMaxLength(length);
            }
        }
    }
}

/// <summary>The applicant database in an embedded SQLite file.</summary>
internal sealed class SqliteHokifyDbContext(DbContextOptions<SqliteHokifyDbContext> options) : HokifyDbContext(options)
{
    public override string IdCollation => "BINARY";

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        base.OnModelCreating(modelBuilder);

        // The one run of a scope whose turn it is, however many wait behind it; and, of those that failed, which is to be resumed,
        // without a look at every other.
        modelBuilder.Entity<ImportRun>().HasIndex(r => new { r.ScopeId, r.State, r.CreatedAt, r.Id, r.ResumeAt }, TurnIndex);
    }

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        base.ConfigureConventions(configurationBuilder);

        // SQLite has no instant: UTC text of fixed width sorts and compares as time does, and a person can read it.
        configurationBuilder.Properties<DateTimeOffset>().HaveConversion<UtcText>();
    }
}

/// <summary>The applicant database on SQL Server.</summary>
internal sealed class SqlServerHokifyDbContext(DbContextOptions<SqlServerHokifyDbContext> options) : HokifyDbContext(options)
{
    /// <summary>One call to the server for so many new rows of a table; a gap in the keys costs nothing.</summary>
    private const int KeysAtATime = 500;

    public override string IdCollation => "Latin1_General_100_BIN2";

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        base.OnModelCreating(modelBuilder);

        // The one run of a scope whose turn it is, however many wait behind it; and, of those that failed, which is to be resumed,
        // without a look at every other.
        modelBuilder.Entity<ImportRun>().HasIndex(r => new { r.ScopeId, r.State, r.CreatedAt, r.Id }, TurnIndex).IncludeProperties(r => r.ResumeAt);

        // The sweeper's look at completed runs reads nothing else. Without AnnouncedAt, which the filter already speaks of, SQL
        // Server would fetch each row to make sure that it is null.
        modelBuilder.Entity<ImportRun>().HasIndex(r => new { r.State, r.CompletedAt }, UnannouncedIndex).IncludeProperties(r => new { r.NudgedAt, r.AnnouncedAt });

        // A full import's search for what the source no longer has reads every id of the scope, and whether it is still active.
        modelBuilder.Entity<CandidateProfile>().HasIndex(p => new { p.ScopeId, p.ReferenceId }).IncludeProperties(p => p.IsDeleted);

        // Keys are known before a row is written, so that many rows are one plain INSERT. With IDENTITY, EF Core would read
        // the keys back through a MERGE with an OUTPUT clause: slower, and its locks are known for deadlocks.
        UseKeysOf<Candidate>("CandidateIds");
        UseKeysOf<CandidateProfile>("CandidateProfileIds");
        UseKeysOf<ActivityLog>("ActivityLogIds");

        foreach (var table in modelBuilder.Model.GetEntityTypes())
        {
            // The rows that an UPDATE changed are counted by @@ROWCOUNT: with an OUTPUT clause, any trigger that somebody
            // puts on a table of theirs would make every write of ours fail (error 334).
            table.UseSqlOutputClause(false);
        }

        void UseKeysOf<TRow>(string sequence)
            where TRow : class
        {
            modelBuilder.HasSequence<long>(sequence).IncrementsBy(KeysAtATime);
            modelBuilder.Entity<TRow>().Property<long>("Id").UseHiLo(sequence);
        }
    }
}
