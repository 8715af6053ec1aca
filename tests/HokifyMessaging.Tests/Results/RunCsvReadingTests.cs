using System.Data.Common;
using HokifyMessaging.Applications;
using HokifyMessaging.Privacy;
using HokifyMessaging.Results;
using HokifyMessaging.Storage;
using HokifyMessaging.Tests.Storage;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using static HokifyMessaging.Tests.Results.CsvSetup;

namespace HokifyMessaging.Tests.Results;

/// <summary>A file of any length takes little: from memory, and from the database. Alone, because the heap is the process's.</summary>
[Collection(nameof(Alone))]
public sealed class RunCsvReadingTests
{
    private const int Megabyte = 1024 * 1024;

    [Fact]
    public async Task A_run_with_50000_activity_logs_is_written_in_the_memory_of_a_few_pages()
    {
        await using var setup = await StartAsync();
        var (run, empty) = (Guid.NewGuid(), Guid.NewGuid());
        var waiting = Touch(run, 1, 1);
        waiting.Data = new string('d', 200);
        await setup.AddAsync(Scope(), Run(run), Run(empty), Person(), Profile(1, new ProfileColumns { CoverLetter = new string('x', 1200) }), waiting);
        await setup.MultiplyAsync("CandidateProfile", 20_000, ("ReferenceId", "'a' || i"));
        await setup.MultiplyAsync(
            "ActivityLog",
            50_000,
            ("ElementId", "CASE WHEN i <= 20000 THEN i END"),
            ("Status", "CASE WHEN i <= 20000 THEN 'Done' ELSE 'Open' END"),
            ("ReferenceId", "'a' || i"));
        await using var destination = new Sink { Every = 3 * Megabyte };

        // What is made once, such as EF Core's queries, is made before.
        await setup.WriteAsync(empty, Stream.Null);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        await setup.WriteAsync(run, destination);

        // Its text alone would take twice the file's length.
        Assert.InRange(destination.Length, 40 * Megabyte, 100 * Megabyte);
        Assert.InRange(destination.Heap.Count, 12, 34);
        Assert.InRange(destination.Heap.Max() - before, long.MinValue, 15 * Megabyte);
    }

    [Fact]
    public async Task A_sheet_of_20000_applications_is_written_in_the_memory_of_a_few_pages()
    {
        await using var setup = await StartAsync();
        var (run, empty) = (Guid.NewGuid(), Guid.NewGuid());
        await setup.AddAsync(Scope(), Run(run), Run(empty), Person(), Profile(1, new ProfileColumns { Name = new string('x', 400), CandidateName = "Mizzi Muster" }), Touch(run, 1, 1));
        await setup.MultiplyAsync("CandidateProfile", 20_000, ("ReferenceId", "'a' || i"), ("Name", "hex(randomblob(200))"));
        await setup.MultiplyAsync("ActivityLog", 20_000, ("ElementId", "i"), ("ReferenceId", "'a' || i"));
        await using var destination = new Sink { Every = Megabyte / 2, MayBlock = true };

        await setup.WriteAsync(empty, Stream.Null, RunFileFormat.Workbook);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        await setup.WriteAsync(run, destination, RunFileFormat.Workbook);

        // The jobs alone are 16 megabytes in memory, and four when they are compressed.
        Assert.InRange(destination.Length, 4 * Megabyte, 12 * Megabyte);
        Assert.InRange(destination.Heap.Count, 8, 24);
        Assert.InRange(destination.Heap.Max() - before, long.MinValue, 10 * Megabyte);
    }

    [Fact]
    public async Task While_the_file_is_written_nothing_is_open_in_the_database_and_nobody_blocks()
    {
        var connections = new OpenConnections();
        await using var setup = await StartAsync([connections]);
        var run = Guid.NewGuid();
        await setup.AddAsync(Scope(), Run(run), Person(), Profile(1, new ProfileColumns { CoverLetter = new string('x', 1000) }), Touch(run, 1, 1));
        await setup.MultiplyAsync("CandidateProfile", 1200, ("ReferenceId", "'a' || i"));
        await setup.MultiplyAsync("ActivityLog", 1200, ("ElementId", "i"));
        var (before, opened, open) = (connections.Open, connections.Opened, new List<int>());
        await using var destination = new Sink { Written = () => open.Add(connections.Open) };

        await setup.WriteAsync(run, destination);

        Assert.True(open.Count > 50 && connections.Opened > opened);
        Assert.All(open.Append(connections.Open), count => Assert.Equal(before, count));
    }

    [Fact]
    public async Task Each_page_is_found_by_an_index_however_many_logs_the_run_has()
    {
        var plans = new SqlitePlans();
        await using var setup = await StartAsync(plans.Interceptors);
        var run = await setup.AddRunOfAsync(new ProfileColumns());
        plans.Forget();

        await setup.WriteAsync(run, Stream.Null);

        Assert.DoesNotContain(plans.Sent, sql => sql.Contains("SourcePayload", StringComparison.Ordinal));
        Assert.Equal(
            [
                "ActivityLog by INDEX IX_ActivityLog_ElementId (ElementId=?)",
                "ActivityLog by INDEX IX_ActivityLog_LastRunId (LastRunId=? AND rowid>?)",
                "ActivityLog by INDEX IX_ActivityLog_RunId (RunId=? AND rowid>?)",
                "CandidateProfile by INTEGER PRIMARY KEY (rowid=?)",
                "ImportRun by INDEX sqlite_autoindex_ImportRun_1 (Id=?)",
            ],
            await plans.OfSentAsync(setup.Worker));
    }

    [Fact]
    public async Task Each_page_of_the_sheet_is_found_by_an_index_too()
    {
        var plans = new SqlitePlans();
        await using var setup = await StartAsync(plans.Interceptors);
        var run = await setup.AddRunOfAsync(new ProfileColumns());
        var (person, waiting) = (Touch(run, 2, 1, ActivityName.Updated), Touch(run, 3, 1, ActivityName.Rejected));
        (person.ElementName, waiting.Status, waiting.LastRunId) = (ElementNames.Candidate, ActivityStatus.Closed, run);
        await setup.AddAsync(person, waiting);
        plans.Forget();

        await setup.WriteAsync(run, Stream.Null, RunFileFormat.Workbook);

        Assert.DoesNotContain(plans.Sent, sql => sql.Contains("SourcePayload", StringComparison.Ordinal));
        Assert.Equal(
            [
                "ActivityLog by INDEX IX_ActivityLog_ElementId (ElementId=?)",
                "ActivityLog by INDEX IX_ActivityLog_LastRunId (LastRunId=? AND rowid>?)",
                "ActivityLog by INDEX IX_ActivityLog_RunId (RunId=? AND rowid>?)",
                "Candidate by INTEGER PRIMARY KEY (rowid=?)",
                "CandidateProfile by INDEX IX_CandidateProfile_CandidateId (CandidateId=?)",
                "CandidateProfile by INDEX IX_CandidateProfile_ScopeId_ReferenceId (ScopeId=? AND ReferenceId=?)",
                "CandidateProfile by INTEGER PRIMARY KEY (rowid=?)",
                "ImportRun by INDEX sqlite_autoindex_ImportRun_1 (Id=?)",
            ],
            await plans.OfSentAsync(setup.Worker));
    }

    [Fact]
    public async Task Who_gives_up_gets_no_more()
    {
        await using var setup = await StartAsync();
        var run = Guid.NewGuid();
        await setup.AddAsync(Scope(), Run(run), Person(), Profile(1, new ProfileColumns { CoverLetter = new string('x', 1000) }), Touch(run, 1, 1));
        await setup.MultiplyAsync("CandidateProfile", 400, ("ReferenceId", "'a' || i"));
        await setup.MultiplyAsync("ActivityLog", 400, ("ElementId", "i"));
        using var givesUp = new CancellationTokenSource();
        await using var destination = new Sink { Written = givesUp.Cancel };
        var csv = setup.Worker.Services.GetRequiredService<RunCsv>();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => csv.WriteAsync(run, PeopleValues.Shown, destination, givesUp.Token));

        Assert.InRange(destination.Length, 1, 100_000);
    }

    /// <summary>Where the file goes: nowhere. Refuses to make its writer wait, unless it may.</summary>
    private sealed class Sink : Stream
    {
        private long _length;

        /// <summary>After how many bytes the living part of the heap is measured again.</summary>
        public long Every { get; init; } = long.MaxValue;

        public Action? Written { get; init; }

        /// <summary>An archive ends with what is written at once.</summary>
        public bool MayBlock { get; init; }

        public List<long> Heap { get; } = [];

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => _length;

        public override long Position { get => _length; set => throw new NotSupportedException(); }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            _length += buffer.Length;
            Written?.Invoke();
            if (_length / Every > Heap.Count)
            {
                Heap.Add(GC.GetTotalMemory(forceFullCollection: true));
            }

            return ValueTask.CompletedTask;
        }

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public override void Write(byte[] buffer, int offset, int count)
        {
            Flush();
            _length += count;
        }

        public override void Flush()
        {
            if (!MayBlock)
            {
                throw new NotSupportedException("Kestrel would refuse to block as well.");
            }
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }

    /// <summary>Counts connections as they are opened and closed; what the setup leaves to a disposal is not told.</summary>
    private sealed class OpenConnections : DbConnectionInterceptor
    {
        public int Opened { get; private set; }

        public int Open { get; private set; }

        public override Task ConnectionOpenedAsync(DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
        {
            ConnectionOpened(connection, eventData);
            return Task.CompletedTask;
        }

        public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData) => (Opened, Open) = (Opened + 1, Open + 1);

        public override Task ConnectionClosedAsync(DbConnection connection, ConnectionEndEventData eventData)
        {
            ConnectionClosed(connection, eventData);
            return Task.CompletedTask;
        }

        public override void ConnectionClosed(DbConnection connection, ConnectionEndEventData eventData) => Open--;
    }
}
