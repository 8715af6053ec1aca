using HokifyMessaging.Applications;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace HokifyMessaging.Storage;

/// <summary>The applicant database. One context type per provider, because each has its own migrations.</summary>
internal abstract class HokifyDbContext(DbContextOptions options) : DbContext(options)
{
    public const int KeyLength = 200;
    public const int ReferenceIdLength = 100;

    public DbSet<Candidate> Candidates => Set<Candidate>();
    public DbSet<CandidateProfile> CandidateProfiles => Set<CandidateProfile>();
    public DbSet<ActivityLog> ActivityLogs => Set<ActivityLog>();
    public DbSet<ImportRun> ImportRuns => Set<ImportRun>();
    public DbSet<RunBatch> RunBatches => Set<RunBatch>();
    public DbSet<ScopeState> Scopes => Set<ScopeState>();
    public DbSet<ErasedKey> ErasedKeys => Set<ErasedKey>();

    /// <summary>Ids are compared byte by byte; SQL Server's default collation would take 'a' for 'A'.</summary>
    protected abstract string IdCollation { get; }

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<Candidate>(candidate =>
        {
            candidate.ToTable("Candidate");
            candidate.Property(c => c.ReferenceId).HasMaxLength(ReferenceIdLength).UseCollation(IdCollation);
            candidate.Property(c => c.ContentHash).HasMaxLength(16);
            candidate.Property(c => c.VersionReferenceId).HasMaxLength(ReferenceIdLength).UseCollation(IdCollation);
            candidate.ComplexProperty(c => c.Columns, columns => MapColumns(columns, CandidateColumns.All));
            candidate.HasIndex(c => new { c.ScopeId, c.ReferenceId }).IsUnique();
        });

        modelBuilder.Entity<CandidateProfile>(profile =>
        {
            profile.ToTable("CandidateProfile");
            profile.Property(p => p.ReferenceId).HasMaxLength(ReferenceIdLength).UseCollation(IdCollation);
            profile.Property(p => p.ContentHash).HasMaxLength(16);
            profile.ComplexProperty(p => p.Columns, columns => MapColumns(columns, ProfileColumns.All));
            profile.HasIndex(p => new { p.ScopeId, p.ReferenceId }).IsUnique();
            profile.HasOne(p => p.Candidate).WithMany().HasForeignKey(p => p.CandidateId).OnDelete(DeleteBehavior.Restrict);
        });

        modelBuilder.Entity<ActivityLog>(log =>
        {
            log.ToTable("ActivityLog");
            log.Property(l => l.Name).HasMaxLength(50);
            log.Property(l => l.Status).HasMaxLength(20);
            log.Property(l => l.ReferenceId).HasMaxLength(ReferenceIdLength).UseCollation(IdCollation);
            log.Property(l => l.PersonReferenceId).HasMaxLength(ReferenceIdLength).UseCollation(IdCollation);
            log.Property(l => l.ElementName).HasMaxLength(50);
            log.Property(l => l.ElementDisplayName).HasMaxLength(400);
            log.Property(l => l.Command).HasMaxLength(50);
            log.HasOne<ImportRun>().WithMany().HasForeignKey(l => l.RunId).OnDelete(DeleteBehavior.Restrict);
            log.HasIndex(l => l.ElementId);

            // Only what waits is looked up by key or by time, so only that is indexed; and one record waits at most once.
            log.HasIndex(l => new { l.ScopeId, l.ReferenceId }, "IX_ActivityLog_Ledger").IsUnique()
                .HasFilter($"Status IN ('{ActivityStatus.Open}', '{ActivityStatus.Parked}')");
            log.HasIndex(l => new { l.ScopeId, l.DueAt }, "IX_ActivityLog_Due").HasFilter($"Status = '{ActivityStatus.Open}'");
        });

        modelBuilder.Entity<ImportRun>(run =>
        {
            run.ToTable("ImportRun");
            run.Property(r => r.Id).ValueGeneratedNever();
            run.Property(r => r.IdempotencyKey).HasMaxLength(KeyLength).UseCollation(IdCollation);
            run.Property(r => r.ImportMode).HasConversion<string>().HasMaxLength(20);
            run.Property(r => r.UnixSecondsFrom).HasPrecision(20, 9);
            run.Property(r => r.RequestedBy).HasMaxLength(200);
            run.Property(r => r.State).HasConversion<string>().HasMaxLength(20);
            run.Property(r => r.Phase).HasConversion<string>().HasMaxLength(20);
            run.Property(r => r.Checkpoint).HasMaxLength(2000);
            run.HasOne<ScopeState>().WithMany().HasForeignKey(r => r.ScopeId).OnDelete(DeleteBehavior.Restrict);
            run.HasIndex(r => r.IdempotencyKey).IsUnique();
            run.HasIndex(r => new { r.ScopeId, r.CreatedAt });
            run.HasIndex(r => new { r.State, r.CreatedAt });
        });

        modelBuilder.Entity<RunBatch>(batch =>
        {
            batch.ToTable("RunBatch");
            batch.HasKey(b => new { b.RunId, b.Number });
            batch.Property(b => b.Phase).HasConversion<string>().HasMaxLength(20);
            batch.HasOne<ImportRun>().WithMany().HasForeignKey(b => b.RunId).OnDelete(DeleteBehavior.Cascade);
        });

        modelBuilder.Entity<ScopeState>(scope =>
        {
            scope.ToTable("Scope");
            scope.HasKey(s => s.ScopeId);
            scope.Property(s => s.ScopeId).ValueGeneratedNever();
            scope.Property(s => s.LeaseOwner).HasMaxLength(200);
        });

        modelBuilder.Entity<ErasedKey>(erased =>
        {
            erased.ToTable("ErasedKey");
            erased.HasKey(e => new { e.ScopeId, e.Hash });
            erased.Property(e => e.Hash).HasMaxLength(32);
        });
    }

    /// <summary>The lengths of the database are those that are checked before writing: both come from the same table.</summary>
    private static void MapColumns<TRow>(ComplexPropertyBuilder<TRow> columns, IReadOnlyList<Column<TRow>> all)
        where TRow : notnull
    {
        foreach (var column in all)
        {
            var property = columns.Property(typeof(TRow).GetProperty(column.Name)!.PropertyType, column.Name);
            property.HasColumnName(column.Name);
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
    protected override string IdCollation => "BINARY";

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        // SQLite has no instant: UTC text of fixed width sorts and compares as time does, and a person can read it.
        configurationBuilder.Properties<DateTimeOffset>().HaveConversion<UtcText>();
    }

    private sealed class UtcText() : ValueConverter<DateTimeOffset, string>(
        instant => instant.UtcDateTime.ToString("O", System.Globalization.CultureInfo.InvariantCulture),
        text => DateTimeOffset.Parse(text, System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.AssumeUniversal));
}

/// <summary>The applicant database on SQL Server.</summary>
internal sealed class SqlServerHokifyDbContext(DbContextOptions<SqlServerHokifyDbContext> options) : HokifyDbContext(options)
{
    protected override string IdCollation => "Latin1_General_100_BIN2";
}
