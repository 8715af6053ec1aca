using System.Globalization;
using System.Text;
using HokifyMessaging.Applications;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using SQLitePCL;

namespace HokifyMessaging.Benchmarks;

/// <summary>
/// The least that can be done for the same rows: SQL by hand, statements prepared once, values bound through SQLite's own
/// interface, a commit every 5,000 records. It looks nothing up, so it can only write into empty tables, and remembers of
/// each person what it needs to write the newest copy's instant.
/// </summary>
internal sealed class BareInserts(sqlite3 database, Guid run, DateTimeOffset now)
{
    private const int RecordsPerCommit = 5_000;

    private static readonly string[] CandidateNames =
        ["Id", "ScopeId", "ReferenceId", "ContentHash", "Version", "VersionReferenceId", "IsDeleted", "CreatedAt", "ChangedAt", .. CandidateColumns.All.Select(c => c.Name)];

    private static readonly string[] ProfileNames =
        ["Id", "ScopeId", "ReferenceId", "CandidateId", "ContentHash", "Version", "IsDeleted", "CreatedAt", "ChangedAt", "SourcePayload", "SourceDigest", .. ProfileColumns.All.Select(c => c.Name)];

    private static readonly string[] LogNames =
    [
        "ScopeId", "RunId", "Name", "Status", "ReferenceId", "ElementName", "ElementId", "ElementDisplayName", "Command", "Date", "DateExecuted",
        "ResultCode", "RetryCount", "RetryInterval",
    ];

    private readonly byte[] _run = Encoding.UTF8.GetBytes(run.ToString().ToUpperInvariant());
    private readonly byte[] _now = Encoding.UTF8.GetBytes(Utc(now));
    private readonly sqlite3_stmt _candidate = Insert(database, "Candidate", CandidateNames);
    private readonly sqlite3_stmt _profile = Insert(database, "CandidateProfile", ProfileNames);
    private readonly sqlite3_stmt _log = Insert(database, "ActivityLog", LogNames);
    private readonly sqlite3_stmt _confirm = Prepare(database, "UPDATE Candidate SET Version = ?1, VersionReferenceId = ?2 WHERE Id = ?3");
    private readonly Dictionary<string, Person> _people = [];
    private byte[] _text = new byte[64 * 1024];
    private long _profiles;

    public static async Task<Func<Task<int>>> PrepareAsync(Setup setup, bool rowsAtHand)
    {
        await using (var db = setup.Open())
        {
            await db.ActivityLogs.ExecuteDeleteAsync();
            await db.CandidateProfiles.ExecuteDeleteAsync();
            await db.Candidates.ExecuteDeleteAsync();
        }

        var run = await Contestant.OpenRunAsync(setup);
        var rows = rowsAtHand ? await setup.MapAsync().ToListAsync() : null;
        return async () =>
        {
            await using var db = setup.Open();
            await db.Database.OpenConnectionAsync();
            var connection = (SqliteConnection)db.Database.GetDbConnection();
            return await new BareInserts(connection.Handle!, run, setup.Clock.GetUtcNow()).WriteAsync(rows?.ToAsyncEnumerable() ?? setup.MapAsync());
        };
    }

    private async Task<int> WriteAsync(IAsyncEnumerable<MappedApplication> rows)
    {
        var records = 0;
        Require(raw.sqlite3_exec(database, "BEGIN IMMEDIATE"));
        await foreach (var row in rows)
        {
            Write(row);
            if (++records % RecordsPerCommit == 0)
            {
                Require(raw.sqlite3_exec(database, "COMMIT; BEGIN IMMEDIATE"));
            }
        }

        Require(raw.sqlite3_exec(database, "COMMIT"));
        _candidate.Dispose();
        _profile.Dispose();
        _log.Dispose();
        _confirm.Dispose();
        return records;
    }

    private void Write(MappedApplication row)
    {
        var version = row.Version is { } changed ? Utc(changed) : null;
        var instant = row.Instant is { } told ? Utc(told) : null;
        if (_people.TryGetValue(row.PersonId.Value, out var known))
        {
            if (Copies.Outranks(row, known.Version, known.Application))
            {
                Bind(_confirm, 1, instant);
                Bind(_confirm, 2, row.Id.Value);
                Bind(_confirm, 3, known.Candidate);
                Step(_confirm);
                _people[row.PersonId.Value] = known with { Version = row.Instant, Application = row.Id.Value };
            }
        }
        else
        {
            var candidate = _people.Count + 1L;
            _people[row.PersonId.Value] = known = new Person(candidate, row.Instant, row.Id.Value);
            var at = 0;
            Bind(_candidate, ++at, candidate);
            Bind(_candidate, ++at, Setup.ScopeId);
            Bind(_candidate, ++at, row.PersonId.Value);
            Require(raw.sqlite3_bind_blob(_candidate, ++at, row.CandidateHash.ToBytes()));
            Bind(_candidate, ++at, instant);
            Bind(_candidate, ++at, row.Id.Value);
            Bind(_candidate, ++at, 0);
            Bind(_candidate, ++at, _now);
            Bind(_candidate, ++at, _now);
            foreach (var column in CandidateColumns.All)
            {
                BindAny(_candidate, ++at, column.Value(row.Candidate));
            }

            Step(_candidate);
            Log(ElementNames.Candidate, row.PersonId.Value, candidate, null);
        }

        var next = 0;
        Bind(_profile, ++next, ++_profiles);
        Bind(_profile, ++next, Setup.ScopeId);
        Bind(_profile, ++next, row.Id.Value);
        Bind(_profile, ++next, known.Candidate);
        Require(raw.sqlite3_bind_blob(_profile, ++next, row.ProfileHash.ToBytes()));
        Bind(_profile, ++next, version);
        Bind(_profile, ++next, 0);
        Bind(_profile, ++next, _now);
        Bind(_profile, ++next, _now);
        Bind(_profile, ++next, row.Payload);
        Require(raw.sqlite3_bind_blob(_profile, ++next, row.Digest.ToBytes()));
        foreach (var column in ProfileColumns.All)
        {
            BindAny(_profile, ++next, column.Value(row.Profile));
        }

        Step(_profile);
        Log(ElementNames.CandidateProfile, row.Id.Value, _profiles, row.Profile.Name);
    }

    private void Log(string element, string reference, long id, string? name)
    {
        var at = 0;
        Bind(_log, ++at, Setup.ScopeId);
        Bind(_log, ++at, _run);
        Bind(_log, ++at, "Created");
        Bind(_log, ++at, "Done");
        Bind(_log, ++at, reference);
        Bind(_log, ++at, element);
        Bind(_log, ++at, id);
        Bind(_log, ++at, name);
        Bind(_log, ++at, "HokifyImport");
        Bind(_log, ++at, _now);
        Bind(_log, ++at, _now);
        Bind(_log, ++at, 0);
        Bind(_log, ++at, 0);
        Bind(_log, ++at, 0);
        Step(_log);
    }

    private static string Utc(DateTimeOffset instant) => instant.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);

    private static sqlite3_stmt Insert(sqlite3 database, string table, string[] columns) =>
        Prepare(database, $"INSERT INTO {table} ({string.Join(", ", columns)}) VALUES ({string.Join(", ", columns.Select((_, i) => $"?{i + 1}"))})");

    private static sqlite3_stmt Prepare(sqlite3 database, string sql)
    {
        SqliteException.ThrowExceptionForRC(raw.sqlite3_prepare_v2(database, sql, out var statement), database);
        return statement;
    }

    private void BindAny(sqlite3_stmt statement, int at, object? value)
    {
        switch (value)
        {
            case null or string:
                Bind(statement, at, (string?)value);
                break;
            case int number:
                Bind(statement, at, number);
                break;
            case bool flag:
                Bind(statement, at, flag ? 1 : 0);
                break;
            case DateTimeOffset instant:
                Bind(statement, at, Utc(instant));
                break;
            case DateOnly day:
                Bind(statement, at, day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
                break;
            case DateTime time:
                Bind(statement, at, time.ToString("yyyy-MM-dd HH:mm:ss.FFFFFFF", CultureInfo.InvariantCulture));
                break;
            default:
                throw new NotSupportedException($"{value.GetType()} is bound nowhere.");
        }
    }

    private void Bind(sqlite3_stmt statement, int at, long value) => Require(raw.sqlite3_bind_int64(statement, at, value));

    private void Bind(sqlite3_stmt statement, int at, byte[] utf8) => Require(raw.sqlite3_bind_text(statement, at, utf8));

    private void Bind(sqlite3_stmt statement, int at, string? text)
    {
        if (text is null)
        {
            Require(raw.sqlite3_bind_null(statement, at));
            return;
        }

        if (_text.Length < text.Length * 3)
        {
            _text = new byte[text.Length * 3];
        }

        Require(raw.sqlite3_bind_text(statement, at, _text.AsSpan(0, Encoding.UTF8.GetBytes(text, _text))));
    }

    private void Step(sqlite3_stmt statement)
    {
        if (raw.sqlite3_step(statement) != raw.SQLITE_DONE)
        {
            Require(raw.sqlite3_errcode(database));
        }

        Require(raw.sqlite3_reset(statement));
    }

    private void Require(int rc)
    {
        if (rc != raw.SQLITE_OK)
        {
            SqliteException.ThrowExceptionForRC(rc, database);
        }
    }

    private readonly record struct Person(long Candidate, DateTimeOffset? Version, string Application);
}
