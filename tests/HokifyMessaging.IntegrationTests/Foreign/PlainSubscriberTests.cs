using HokifyMessaging.Contracts;
using HokifyMessaging.IntegrationTests.Broker;
using HokifyMessaging.IntegrationTests.Replays;
using MassTransit;

namespace HokifyMessaging.IntegrationTests.Foreign;

/// <summary>Another .NET system with a bus of its own, that knows of us no more than the package HokifyMessaging.Contracts.</summary>
public sealed class PlainSubscriberTests(SharedBroker broker)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_plain_MassTransit_bus_publishes_a_request_and_receives_the_completion()
    {
        await using var virtualHost = await broker.CreateVirtualHostAsync(Cancel);
        await using var import = await BrokerImport.StartAsync(virtualHost, applications: 12);
        var received = new TaskCompletionSource<(HokifyImportCompleted Event, Guid? MessageId)>(TaskCreationOptions.RunContinuationsAsynchronously);
        var bus = Bus.Factory.CreateUsingRabbitMq(transport =>
        {
            transport.Host(virtualHost.Amqp);
            transport.ReceiveEndpoint("another-system", endpoint => endpoint.Handler<HokifyImportCompleted>(context =>
            {
                received.TrySetResult((context.Message, context.MessageId));
                return Task.CompletedTask;
            }));
        });
        await bus.StartAsync(Cancel);
        try
        {
            await bus.Publish(new HokifyImportRequested { ImportMode = ImportMode.Full, IdempotencyKey = "from-another-system", RequestedBy = "another system" }, Cancel);
            var (completed, messageId) = await received.Task.WaitAsync(TimeSpan.FromMinutes(1), Cancel);

            Assert.Equal(("from-another-system", "another system", ImportMode.Full, 1), (completed.IdempotencyKey, completed.RequestedBy, completed.ImportMode, completed.ScopeId));
            Assert.Equal(12, completed.Result.CreatedCounts["CandidateProfile"]);
            Assert.Equal(12, await import.ProfilesAsync());
            Assert.Equal(5, messageId!.Value.Version);
            Assert.True(completed.CompletedAt >= completed.StartedAt);
        }
        finally
        {
            await bus.StopAsync(CancellationToken.None);
        }
    }
}
