using System.Globalization;
using System.Linq.Expressions;
using System.Reflection;
using System.Runtime.CompilerServices;
using HokifyMessaging.Applications;
using HokifyMessaging.Storage;
using LinqToDB;
using LinqToDB.Data;
using LinqToDB.DataProvider.SQLite;
using LinqToDB.Linq;
using LinqToDB.Mapping;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Benchmarks;

/// <summary>
/// linq2db as its documentation advises for many rows: BulkCopy into a temporary table, and from there to the stored rows in
/// a few statements. SQLite has no MERGE, so these are UPDATE ... FROM and INSERT ... SELECT. The connection is one of EF
/// Core's, with the settings of all others; like EF Core's peer it keeps neither history nor a checkpoint nor a lease.
/// </summary>
internal sealed class Linq2DbPeer(DataConnection db, Guid run, TimeProvider clock) : IDisposable
{
    private const BindingFlags Declared = BindingFlags.Instance | BindingFlags.Public;

    private static readonly HashSet<string> Lasting = ["Id", "ScopeId", "ReferenceId", "CreatedAt", "History", nameof(CandidateProfile.Candidate)];
    private static readonly DataOptions Options = new DataOptions().UseMappingSchema(Mapping());
    private static readonly Expression<Func<Pair<Candidate>, Candidate>> ChangedCandidate = Incoming<Candidate>();
    private static readonly Expression<Func<Pair<Candidate>, Candidate>> ConfirmedCandidate = Incoming<Candidate>("Version", "VersionReferenceId");
    private static readonly Expression<Func<Pair<CandidateProfile>, CandidateProfile>> ChangedProfile = Incoming<CandidateProfile>();
    private static readonly Expression<Func<Pair<CandidateProfile>, CandidateProfile>> ConfirmedProfile = Incoming<CandidateProfile>("Version", "SourcePayload");

    private readonly ITable<Candidate> _candidates = db.GetTable<Candidate>();
    private readonly ITable<CandidateProfile> _profiles = db.GetTable<CandidateProfile>();
    private readonly ITable<ActivityLog> _logs = db.GetTable<ActivityLog>();
    private readonly TempTable<Candidate> _people = db.CreateTempTable<Candidate>("IncomingCandidate", tableOptions: TableOptions.IsTemporary);
    private readonly TempTable<CandidateProfile> _applications = db.CreateTempTable<CandidateProfile>("IncomingProfile", tableOptions: TableOptions.IsTemporary);

    public static async Task<Func<Task<int>>> PrepareAsync(Setup setup, int batchSize)
    {
        var run = await Contestant.OpenRunAsync(setup);
        return async () =>
        {
            await using var context = setup.Open();
            await context.Database.OpenConnectionAsync();
            await using var db = new DataConnection(Options.UseConnection(SQLiteTools.GetDataProvider(SQLiteProvider.Microsoft), context.Database.GetDbConnection(), false));
            using var peer = new Linq2DbPeer(db, run, setup.Clock);
            var records = 0;
            await foreach (var batch in setup.MapAsync().Chunk(batchSize))
            {
                await peer.WriteAsync(batch);
                records += batch.Length;
            }

            return records;
        };
    }

    public void Dispose()
    {
        _people.Dispose();
        _applications.Dispose();
    }

    private async Task WriteAsync(MappedApplication[] batch)
    {
        var now = clock.GetUtcNow();
        await using var transaction = await db.BeginTransactionAsync();
        await _people.DeleteAsync();
        await _people.BulkCopyAsync(batch
            .GroupBy(a => a.PersonId)
            .Select(copies => copies.Aggregate((kept, next) => Copies.Outranks(next, kept.Instant, kept.Id.Value) ? next : kept))
            .Select(newest => new Candidate
            {
                ScopeId = Setup.ScopeId,
                ReferenceId = newest.PersonId.Value,
                Columns = newest.Candidate,
                ContentHash = newest.CandidateHash.ToBytes(),
                Version = newest.Instant,
                VersionReferenceId = newest.Id.Value,
                CreatedAt = now,
                ChangedAt = now,
            }));
        await StoreCandidatesAsync(now);

        var keys = await _people.Join(_candidates, n => new { n.ScopeId, n.ReferenceId }, c => new { c.ScopeId, c.ReferenceId }, (n, c) => new { c.ReferenceId, c.Id })
            .ToDictionaryAsync(c => c.ReferenceId, c => c.Id);
        await _applications.DeleteAsync();
        await _applications.BulkCopyAsync(batch.Select(application => new CandidateProfile
        {
            ScopeId = Setup.ScopeId,
            ReferenceId = application.Id.Value,
            CandidateId = keys[application.PersonId.Value],
            Columns = application.Profile,
            ContentHash = application.ProfileHash.ToBytes(),
            Version = application.Version,
            SourcePayload = application.Payload,
            CreatedAt = now,
            ChangedAt = now,
        }));
        await StoreProfilesAsync(now);
        await transaction.CommitAsync();
    }

    private async Task StoreCandidatesAsync(DateTimeOffset now)
    {
        var known = _people.Join(_candidates, n => new { n.ScopeId, n.ReferenceId }, c => new { c.ScopeId, c.ReferenceId }, (n, c) => new Pair<Candidate> { Incoming = n, Stored = c });
        var newer = known.Where(p => p.Incoming.Version == null || p.Stored.Version == null || p.Incoming.Version > p.Stored.Version
            || (p.Incoming.Version == p.Stored.Version && p.Incoming.VersionReferenceId!.CompareTo(p.Stored.VersionReferenceId) >= 0));
        var changed = newer.Where(p => p.Incoming.ContentHash != p.Stored.ContentHash);
        await LogAsync(changed, ActivityName.Updated, now);
        await changed.UpdateAsync(p => p.Stored, ChangedCandidate);
        await newer.Where(p => p.Incoming.Version != null).UpdateAsync(p => p.Stored, ConfirmedCandidate);
        await _people.Where(n => !_candidates.Any(c => c.ScopeId == n.ScopeId && c.ReferenceId == n.ReferenceId)).InsertAsync(_candidates, n => n);
        await LogAsync(known.Where(p => p.Stored.CreatedAt == now), ActivityName.Created, now);
    }

    private async Task StoreProfilesAsync(DateTimeOffset now)
    {
        var known = _applications.Join(_profiles, n => new { n.ScopeId, n.ReferenceId }, p => new { p.ScopeId, p.ReferenceId }, (n, p) => new Pair<CandidateProfile> { Incoming = n, Stored = p });
        var changed = known.Where(p => (p.Incoming.Version == null || p.Stored.Version == null || p.Incoming.Version >= p.Stored.Version)
            && (p.Incoming.ContentHash != p.Stored.ContentHash || p.Incoming.CandidateId != p.Stored.CandidateId));
        await LogAsync(changed, ActivityName.Updated, now);
        await changed.UpdateAsync(p => p.Stored, ChangedProfile);
        await known.Where(p => p.Incoming.Version != null && (p.Stored.Version == null || p.Incoming.Version > p.Stored.Version)).UpdateAsync(p => p.Stored, ConfirmedProfile);
        await _applications.Where(n => !_profiles.Any(p => p.ScopeId == n.ScopeId && p.ReferenceId == n.ReferenceId)).InsertAsync(_profiles, n => n);
        await LogAsync(known.Where(p => p.Stored.CreatedAt == now), ActivityName.Created, now);
    }

    private Task<int> LogAsync(IQueryable<Pair<Candidate>> candidates, ActivityName name, DateTimeOffset now) => Log(candidates, name, ElementNames.Candidate, now)
        .Value(l => l.ReferenceId, p => p.Stored.ReferenceId)
        .Value(l => l.ElementId, p => p.Stored.Id)
        .InsertAsync();

    private Task<int> LogAsync(IQueryable<Pair<CandidateProfile>> profiles, ActivityName name, DateTimeOffset now) => Log(profiles, name, ElementNames.CandidateProfile, now)
        .Value(l => l.ReferenceId, p => p.Stored.ReferenceId)
        .Value(l => l.ElementId, p => p.Stored.Id)
        .Value(l => l.ElementDisplayName, p => p.Incoming.Columns.Name)
        .InsertAsync();

    private ISelectInsertable<T, ActivityLog> Log<T>(IQueryable<T> rows, ActivityName name, string element, DateTimeOffset now) => rows.Into(_logs)
        .Value(l => l.ScopeId, Setup.ScopeId)
        .Value(l => l.RunId, run)
        .Value(l => l.Name, name)
        .Value(l => l.Status, ActivityStatus.Done)
        .Value(l => l.ElementName, element)
        .Value(l => l.Command, ActivityLog.Import)
        .Value(l => l.Date, now)
        .Value(l => l.DateExecuted, now)
        .Value(l => l.ResultCode, 0)
        .Value(l => l.RetryCount, 0)
        .Value(l => l.RetryInterval, 0);

    /// <summary>The names, types and conversions of EF Core's model.</summary>
    private static MappingSchema Mapping()
    {
        var schema = new MappingSchema();
        Store<DateTimeOffset>(instant => instant.UtcDateTime.ToString("O", CultureInfo.InvariantCulture));
        Store<DateTime>(time => time.ToString("yyyy-MM-dd HH:mm:ss.FFFFFFF", CultureInfo.InvariantCulture));
        Store<DateOnly>(day => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        Store<Guid>(id => id.ToString().ToUpperInvariant());
        Store<ActivityName>(name => name.ToString());
        Store<ActivityStatus>(status => status.ToString());

        var mapping = new FluentMappingBuilder(schema);
        Map<Candidate>(nameof(Candidate), typeof(CandidateColumns));
        Map<CandidateProfile>(nameof(CandidateProfile), typeof(ProfileColumns));
        Map<ActivityLog>(nameof(ActivityLog), null);
        mapping.Build();
        return schema;

        void Store<T>(Func<T, string> text)
            where T : struct
        {
            schema.SetDataType(typeof(T), DataType.NVarChar);
            schema.SetConverter<T, DataParameter>(value => new DataParameter(null, text(value), DataType.NVarChar));
            schema.SetValueToSqlConverter(typeof(T), (sql, _, value) => sql.Append('\'').Append(text((T)value)).Append('\''));
        }

        void Map<T>(string table, Type? nested)
        {
            var entity = mapping.Entity<T>().HasTableName(table);
            entity.HasAttribute(new ColumnAttribute("Id", "Id") { IsPrimaryKey = true, IsIdentity = true });
            // Where null is possible, it is compared as well, and then SQLite uses no index.
            foreach (var required in typeof(T).GetProperties(Declared).Where(property => property.PropertyType.IsClass && property.IsDefined(typeof(RequiredMemberAttribute)) && property.PropertyType != nested))
            {
                entity.HasAttribute(new ColumnAttribute(required.Name, required.Name) { CanBeNull = false });
            }

            foreach (var property in nested?.GetProperties(Declared) ?? [])
            {
                entity.HasAttribute(new ColumnAttribute(property.Name, $"Columns.{property.Name}"));
            }
        }
    }

    /// <summary>The stored row with these members of the incoming one; all but what never changes when none is named.</summary>
    private static Expression<Func<Pair<T>, T>> Incoming<T>(params string[] names)
    {
        var pair = Expression.Parameter(typeof(Pair<T>));
        return Expression.Lambda<Func<Pair<T>, T>>(Of(typeof(T), Expression.Property(pair, nameof(Pair<>.Incoming)), names), pair);

        static MemberInitExpression Of(Type type, Expression incoming, string[] names) => Expression.MemberInit(
            Expression.New(type),
            type.GetProperties(Declared).Where(p => names.Length == 0 ? !Lasting.Contains(p.Name) : names.Contains(p.Name)).Select(p => Expression.Bind(
                p, p.Name == nameof(Candidate.Columns) ? Of(p.PropertyType, Expression.Property(incoming, p), []) : Expression.Property(incoming, p))));
    }

    private sealed class Pair<T>
    {
        public required T Incoming { get; init; }

        public required T Stored { get; init; }
    }
}
