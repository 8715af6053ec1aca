using HokifyMessaging.Backups;
using HokifyMessaging.CheckUp;
using HokifyMessaging.Importing;
using HokifyMessaging.Machine;
using HokifyMessaging.Privacy;
using HokifyMessaging.Reading;
using HokifyMessaging.Receiving;
using HokifyMessaging.Results;
using HokifyMessaging.Runs;
using HokifyMessaging.Runs.Coverage;
using HokifyMessaging.Runs.Queries;
using HokifyMessaging.Schedules;
using HokifyMessaging.Storage;
using HokifyMessaging.Telemetry;
using HokifyMessaging.Waiting;
using HokifyMessaging.Writing;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace HokifyMessaging;

/// <summary>Registers the import with a host.</summary>
internal static class HokifyMessagingServices
{
    /// <summary>
    /// Adds the importer, its sources and its database, configured by the sections <c>Hokify</c> and <c>Database</c>; the
    /// configuration is checked when the host starts. A bus comes with <see cref="BusServices"/>.
    /// </summary>
    public static IServiceCollection AddHokifyMessaging(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddVisibleLogs();
        services.AddOptions<HokifyOptions>().BindKnown(HokifyOptions.Section);
        services.AddSingleton<IValidateOptions<HokifyOptions>, HokifyOptionsValidator>();

        services.AddReading();
        services.AddStorage();

        services.AddSingleton(provider => new ApplicationMapping(
            provider.GetRequiredService<IOptions<HokifyOptions>>().Value.Mapping, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<TransientRetries>();
        services.AddSingleton<ScopeTurns>();
        services.AddSingleton<SweepAlarm>();
        services.AddSingleton<PendingEvents>();
        services.AddSingleton<RunStore>();
        services.AddSingleton<RunControl>();
        services.AddSingleton<RunQueries>();
        services.AddSingleton<ScopeFigures>();
        services.AddSingleton<RunCsv>();
        services.AddSingleton<RunSheet>();
        services.AddSingleton<RunFiles>();
        services.AddSingleton<FencedTransactions>();
        services.AddSingleton<LeaseKeeper>();
        services.AddSingleton<ScopeErrands>();
        services.AddSingleton<RetryLedger>();
        services.AddSingleton<ErasureSecret>();

        // Asked for when it is needed: whoever forgets a lost key has none, and need not have scopes that are configured well.
        services.AddSingleton<Func<ErasureSecret>>(provider => provider.GetRequiredService<ErasureSecret>);
        services.AddSingleton<ErasureKeys>();
        services.AddSingleton<ErasureRekeying>();
        services.AddSingleton<ErasureMarks>(provider => (scopeId, asked) =>
            [.. new ErasureHashes(provider.GetRequiredService<ErasureSecret>()).OfAsked(scopeId, asked).Select(mark => new ErasureMark(mark.Hash, mark.IsForgotten))]);
        services.AddSingleton<RecordTrails>();
        services.AddSingleton<Explanations>();
        services.AddSingleton<PeopleFinder>();
        services.AddSingleton<ErasureRequests>();
        services.AddSingleton<PeopleErasure>();
        services.AddSingleton<Erasure>();
        services.AddSingleton<Deletions>();
        services.TryAddSingleton(provider => BatchRows.Of(provider.GetRequiredService<IOptions<DatabaseOptions>>().Value.Provider));
        services.AddSingleton<ApplicationWriter>();
        services.AddSingleton<PlanWriter>();
        services.AddSingleton<StoredPlans>();
        services.AddSingleton<PlanQueries>();
        services.AddSingleton<MissingApplications>();
        services.TryAddSingleton<DownloadLink>((_, _) => null);
        services.AddSingleton<IChapter, RetryingChapter>();
        services.AddSingleton<IChapter, ReadingChapter>();
        services.AddSingleton<IChapter, ConfirmingChapter>();
        services.AddSingleton<IChapter, DeletingChapter>();
        services.AddSingleton<IChapter, ConcludingChapter>();
        services.AddSingleton<IChapter, ComparingChapter>();
        services.AddSingleton<IChapter, ApplyingChapter>();
        services.AddSingleton<HokifyImporter>();
        services.AddSingleton<ForegroundImport>();
        services.AddSingleton<CompletionAnnouncer>();
        services.AddSingleton<RunMessages>();
        services.AddSingleton<HealedMessages>();
        services.AddSingleton<MessagesBack>();
        services.AddSingleton<WaitingMessages>();
        services.AddWaiting();
        services.AddSingleton<ScopeControl>();
        services.AddSingleton<ScopeQueries>();
        services.AddSingleton<CoverageQueries>();
        services.AddSingleton<MovingParts>();
        services.AddSingleton<RunSearch>();
        services.AddSingleton<RunDays>();
        services.AddSingleton<AuditQueries>();
        services.AddSingleton<AuditLog>();
        services.AddSingleton<EndedSessions>();
        services.AddSingleton<KnownSchedules>();
        services.AddSingleton<StoredSchedules>();
        services.AddSingleton<ScheduleBook>();
        services.AddSingleton<ScheduleQueries>();
        services.AddPrivacy();
        services.AddChecks();
        services.AddSingleton<DatabaseBackup>();
        services.AddSingleton<DatabaseRestore>();
        services.AddSingleton<ErasureLists>();
        return services;
    }

    /// <summary>Adds what is done with records that wait.</summary>
    private static void AddWaiting(this IServiceCollection services)
    {
        services.AddSingleton<WaitingQueries>();
        services.AddSingleton<WaitingChanges>();
        services.AddSingleton<TriesNow>();
        services.AddSingleton<RampBook>();
        services.AddSingleton<RampQueries>();
        services.AddSingleton<RampAlarm>();
    }

    /// <summary>Adds what people are told about themselves.</summary>
    private static void AddPrivacy(this IServiceCollection services)
    {
        services.AddSingleton<PersonLookup>();
        services.AddSingleton<PeopleExport>();
        services.AddSingleton<RetentionRules>();
        services.AddSingleton<ErasureDeferrals>();
        services.AddSingleton<LegalHolds>();
        services.AddSingleton<KeptApplications>();
        services.AddSingleton<RetentionJob>();
        services.AddSingleton<RetentionQueries>();
        services.AddSingleton<IRetentionPart, DueApplications>();
        services.AddSingleton<IRetentionPart, AgedPayloads>();
        services.AddSingleton<IRetentionPart, AgedEntries>();
        services.AddSingleton<IRetentionPart, AgedDetails>();
        services.AddSingleton<IRetentionPart, AgedPlans>();
        services.AddSingleton<IRetentionPart, AgedRequests>();
        services.AddSingleton<IRetentionPart, AgedAudit>();
        services.AddSingleton<IRetentionPart, AgedRamps>();
        services.AddSingleton<IRetentionPart, AgedFiles>();
    }

    /// <summary>Adds what looks at the parts of an installation.</summary>
    private static void AddChecks(this IServiceCollection services)
    {
        services.TryAddSingleton<FreeSpace>(Disks.FreeSpaceOf);
        services.AddSingleton<DatabaseCheck>();
        services.AddSingleton<ErasureKeyCheck>();
        services.AddSingleton<WorkersCheck>();
        services.AddSingleton<BrokerCheck>();
        services.AddSingleton<ManagementCheck>();
    }

    /// <summary>What looks at the database, the broker and each scope's source, in the order in which it is told.</summary>
    public static IReadOnlyList<PlannedCheck> PlanChecks(this IServiceProvider services)
    {
        return
        [
            new("database", services.GetRequiredService<DatabaseCheck>),
            new("erasure key", services.GetRequiredService<ErasureKeyCheck>),
            new("workers", services.GetRequiredService<WorkersCheck>),
            new("broker", services.GetRequiredService<BrokerCheck>),
            new("broker's management", services.GetRequiredService<ManagementCheck>),
            .. Sources(),
        ];

        IEnumerable<PlannedCheck> Sources()
        {
            try
            {
                var (sources, clock) = (services.GetRequiredService<ApplicationSources>(), services.GetRequiredService<TimeProvider>());
                return services.GetRequiredService<IOptions<HokifyOptions>>().Value.Scopes.OrderBy(scope => scope.Key)
                    .Select(scope => new SourceCheck(scope.Key, scope.Value, sources, clock))
                    .Select(check => new PlannedCheck(check.Subject, () => check))
                    .ToList();
            }
            catch (Exception exception) when (exception is OptionsValidationException or InvalidOperationException)
            {
                return [new("scopes", () => throw exception)];
            }
        }
    }

    /// <summary>Keeps the keys in the applicant database, so that every process signs and reads alike.</summary>
    /// <param name="builder">Data protection of the host.</param>
    public static IDataProtectionBuilder PersistKeysToHokifyDatabase(this IDataProtectionBuilder builder)
    {
        builder.Services.AddScoped(provider => provider.GetRequiredService<IDbContextFactory<HokifyDbContext>>().CreateDbContext());
        return builder.PersistKeysToDbContext<HokifyDbContext>();
    }

    /// <summary>
    /// Brings the database's schema up to date, or checks that it is, as <c>Database:MigrateAtStartUp</c> says; and checks that
    /// the erasure key is the one that belongs to it.
    /// </summary>
    /// <exception cref="InvalidOperationException">The schema is older than the program and must not be changed here, or lacks an index that keeps records from being stored twice, or the key is missing or another one.</exception>
    public static async Task PrepareDatabaseAsync(this IServiceProvider services, CancellationToken cancellationToken)
    {
        var database = services.GetRequiredService<IOptions<DatabaseOptions>>().Value;
        var schema = services.GetRequiredService<DatabaseSchema>();
        if (database.MigrateAtStartUp ?? database.Provider == DatabaseProvider.Sqlite)
        {
            await schema.MigrateAsync(cancellationToken);
        }
        else
        {
            await schema.RequireCurrentAsync(cancellationToken);
        }

        await services.GetRequiredService<SchemaCheck>().RequireAsync(cancellationToken);
        await services.GetRequiredService<ErasureKeys>().RequireAsync(cancellationToken);
    }

    /// <summary>Brings the database's schema up to date.</summary>
    /// <returns>What was changed; nothing when the schema was up to date.</returns>
    public static Task<SchemaChanges> MigrateDatabaseAsync(this IServiceProvider services, CancellationToken cancellationToken) =>
        services.GetRequiredService<DatabaseSchema>().MigrateAsync(cancellationToken);

    /// <summary>Checks that the database can be reached and that its schema is the one that this version expects.</summary>
    /// <exception cref="InvalidOperationException">Migrations are missing.</exception>
    public static Task RequireCurrentDatabaseAsync(this IServiceProvider services, CancellationToken cancellationToken) =>
        services.GetRequiredService<DatabaseSchema>().RequireCurrentAsync(cancellationToken);

    /// <summary>Whether writes to the database wait, because somebody else has locked it.</summary>
    public static async Task<bool> DatabaseWritesWaitAsync(this IServiceProvider services, CancellationToken cancellationToken) =>
        services.GetRequiredService<TransientRetries>().IsWaiting || await services.GetRequiredService<DatabaseSchema>().IsLockedAsync(cancellationToken);

    /// <summary>
    /// The SQL of all migrations of the configured provider; opens no connection. For SQL Server it is idempotent: it
    /// applies what a database lacks, whatever its version. SQLite's SQL has no conditions: that script makes a new file.
    /// </summary>
    public static Task<string> ScriptDatabaseAsync(this IServiceProvider services, CancellationToken cancellationToken) =>
        services.GetRequiredService<DatabaseSchema>().ScriptAsync(cancellationToken);
}
