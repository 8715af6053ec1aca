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
/// <param name="database">An open connection.</param>
/// <param name="run">Whose activity logs they are.</param>
/// <param name="now">When all of it happens.</param>
/// <param name="atOnce">The rows of so many records in one statement; divides what is committed together.</param>
internal sealed class BareInserts(sqlite3 database, Guid run, DateTimeOffset now, int atOnce)
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
    private readonly Dictionary<(string Table, int Rows), sqlite3_stmt> _inserts = [];
    private readonly sqlite3_stmt _confirm = Prepare(database, "UPDATE Candidate SET Version = ?1, VersionReferenceId = ?2 WHERE Id = ?3");
    private readonly Dictionary<string, Person> _people = [];
    private byte[] _text = new byte[64 * 1024];
    private long _profiles;

    public static async Task<Func<Task<int>>> PrepareAsync(Setup setup, bool rowsAtHand, int atOnce = 1)
    {
        await EmptyAsync(setup);
        var run = await Contestant.OpenRunAsync(setup);
        var rows = rowsAtHand ? await setup.MapAsync().ToListAsync() : null;
        return async () =>
        {
            await using var db = setup.Open();
            await db.Database.OpenConnectionAsync();
            var connection = (SqliteConnection)db.Database.GetDbConnection();
            return await new BareInserts(connection.Handle!, run, setup.Clock.GetUtcNow(), atOnce).WriteAsync(rows?.ToAsyncEnumerable() ?? setup.MapAsync());
        };
    }

    /// <summary>What the warm-up before has left must not be in the way.</summary>
    public static async Task EmptyAsync(Setup setup)
    {
        await using var db = setup.Open();
        await db.ActivityLogs.ExecuteDeleteAsync();
        await db.CandidateProfiles.ExecuteDeleteAsync();
        await db.Candidates.ExecuteDeleteAsync();
    }

    private async Task<int> WriteAsync(IAsyncEnumerable<MappedApplication> rows)
    {
        var records = 0;
        Require(raw.sqlite3_exec(database, "BEGIN IMMEDIATE"));
        await foreach (var some in rows.Chunk(atOnce))
        {
            Write(some);
            records += some.Length;
            if (records % RecordsPerCommit == 0)
            {
                Require(raw.sqlite3_exec(database, "COMMIT; BEGIN IMMEDIATE"));
            }
        }

        Require(raw.sqlite3_exec(database, "COMMIT"));
        _confirm.Dispose();
        foreach (var insert in _inserts.Values)
        {
            insert.Dispose();
        }

        return records;
    }

    private void Write(MappedApplication[] rows)
    {
        var (created, confirmed) = (new List<MappedApplication>(), new List<MappedApplication>());
        foreach (var row in rows)
        {
            if (!_people.TryGetValue(row.PersonId.Value, out var known))
            {
                _people[row.PersonId.Value] = new Person(_people.Count + 1L, row.Instant, row.Id.Value);
                created.Add(row);
            }
            else if (Copies.Outranks(row, known.Version, known.Application))
            {
                _people[row.PersonId.Value] = known with { Version = row.Instant, Application = row.Id.Value };
                confirmed.Add(row);
            }
        }

        WriteCandidates(created);
        confirmed.ForEach(Confirm);
        WriteProfiles(rows);
        WriteLogs(created, rows);
        _profiles += rows.Length;
    }

    private void WriteCandidates(List<MappedApplication> created)
    {
        if (created.Count == 0)
        {
            return;
        }

        var (insert, at) = (Insert("Candidate", CandidateNames, created.Count), 0);
        foreach (var row in created)
        {
            Bind(insert, ++at, CandidateOf(row));
            Bind(insert, ++at, Setup.ScopeId);
            Bind(insert, ++at, row.PersonId.Value);
            Require(raw.sqlite3_bind_blob(insert, ++at, row.CandidateHash.ToBytes()));
            Bind(insert, ++at, row.Instant is { } told ? Utc(told) : null);
            Bind(insert, ++at, row.Id.Value);
            Bind(insert, ++at, 0);
            Bind(insert, ++at, _now);
            Bind(insert, ++at, _now);
            foreach (var column in CandidateColumns.All)
            {
                BindAny(insert, ++at, column.Value(row.Candidate));
            }
        }

        Step(insert);
    }

    private void Confirm(MappedApplication row)
    {
        Bind(_confirm, 1, row.Instant is { } told ? Utc(told) : null);
        Bind(_confirm, 2, row.Id.Value);
        Bind(_confirm, 3, CandidateOf(row));
        Step(_confirm);
    }

    private void WriteProfiles(MappedApplication[] rows)
    {
        var (insert, at) = (Insert("CandidateProfile", ProfileNames, rows.Length), 0);
        foreach (var (index, row) in rows.Index())
        {
            Bind(insert, ++at, _profiles + index + 1);
            Bind(insert, ++at, Setup.ScopeId);
            Bind(insert, ++at, row.Id.Value);
            Bind(insert, ++at, CandidateOf(row));
            Require(raw.sqlite3_bind_blob(insert, ++at, row.ProfileHash.ToBytes()));
            Bind(insert, ++at, row.Version is { } changed ? Utc(changed) : null);
            Bind(insert, ++at, 0);
            Bind(insert, ++at, _now);
            Bind(insert, ++at, _now);
            Bind(insert, ++at, row.Payload);
            Require(raw.sqlite3_bind_blob(insert, ++at, row.Digest.ToBytes()));
            foreach (var column in ProfileColumns.All)
            {
                BindAny(insert, ++at, column.Value(row.Profile));
            }
        }

        Step(insert);
    }

    private void WriteLogs(List<MappedApplication> created, MappedApplication[] rows)
    {
        var (insert, at) = (Insert("ActivityLog", LogNames, created.Count + rows.Length), 0);
        foreach (var row in created)
        {
            Log(insert, ref at, ElementNames.Candidate, row.PersonId.Value, CandidateOf(row), null);
        }

        foreach (var (index, row) in rows.Index())
        {
            Log(insert, ref at, ElementNames.CandidateProfile, row.Id.Value, _profiles + index + 1, row.Profile.Name);
        }

        Step(insert);
    }

    private long CandidateOf(MappedApplication row) => _people[row.PersonId.Value].Candidate;

    private void Log(sqlite3_stmt insert, ref int at, string element, string reference, long id, string? name)
    {
        Bind(insert, ++at, Setup.ScopeId);
        Bind(insert, ++at, _run);
        Bind(insert, ++at, "Created");
        Bind(insert, ++at, "Done");
        Bind(insert, ++at, reference);
        Bind(insert, ++at, element);
        Bind(insert, ++at, id);
        Bind(insert, ++at, name);
        Bind(insert, ++at, "HokifyImport");
        Bind(insert, ++at, _now);
        Bind(insert, ++at, _now);
        Bind(insert, ++at, 0);
        Bind(insert, ++at, 0);
        Bind(insert, ++at, 0);
    }

    private static string Utc(DateTimeOffset instant) => instant.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);

    private sqlite3_stmt Insert(string table, string[] columns, int rows)
    {
        if (!_inserts.TryGetValue((table, rows), out var insert))
        {
            var values = $"({string.Join(", ", columns.Select(_ => "?"))})";
            _inserts[(table, rows)] = insert = Prepare(database, $"INSERT INTO {table} ({string.Join(", ", columns)}) VALUES {string.Join(", ", Enumerable.Repeat(values, rows))}");
        }

        return insert;
    }

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
