using System.Data.Common;
using System.Diagnostics;
using HokifyMessaging.IntegrationTests.Broker;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace HokifyMessaging.IntegrationTests.Replays;

/// <summary>A database that is away for longer than anybody waits, and a service that is stopped meanwhile.</summary>
public sealed class DatabaseAwayTests(SharedBroker broker)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_request_that_waits_for_the_database_while_the_service_stops_stays_in_its_queue()
    {
        await using var virtualHost = await broker.CreateVirtualHostAsync(Cancel);
        var database = new Away();
        await using var import = await BrokerImport.StartAsync(virtualHost, interceptor: database);
        database.IsAway = true;
        await import.PublishAsync("""{"importMode": "Full", "idempotencyKey": "while away"}""");
        await BrokerImport.Until(() => Task.FromResult(database.Refused > 2));

        var stopped = Stopwatch.StartNew();
        await import.StopHostAsync();

        Assert.True(stopped.Elapsed < TimeSpan.FromSeconds(20), $"it took {stopped.Elapsed} to stop");
        Assert.Equal(1, await import.DepthAsync("hokify-import"));
        database.IsAway = false;
        await import.StartHostAsync();
        Assert.Equal(30, Assert.Single(await import.CompletionsAsync(1)).Event["result"]!["CreatedCounts"]!["CandidateProfile"]!.GetValue<int>());
        Assert.Equal(0, await import.DepthAsync("hokify-import"));
        Assert.Empty(await import.GetAsync("hokify-import_error"));
    }

    /// <summary>Refuses every command of an import as a server does that is not there.</summary>
    private sealed class Away : DbCommandInterceptor
    {
        private int _refused;

        public bool IsAway { get; set; }

        public int Refused => _refused;

        public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
            DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default) => Answer(result);

        public override ValueTask<InterceptionResult<int>> NonQueryExecutingAsync(
            DbCommand command, CommandEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default) => Answer(result);

        private ValueTask<T> Answer<T>(T result)
        {
            if (!IsAway)
            {
                return ValueTask.FromResult(result);
            }

            Interlocked.Increment(ref _refused);
            throw new TimeoutException();
        }
    }
}
