using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using HokifyMessaging.Tests.Deployment;

namespace HokifyMessaging.IntegrationTests.Broker;

public sealed class RabbitMqNodeTests(SharedBroker shared)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_test_gets_a_virtual_host_of_its_own_that_goes_with_it()
    {
        var broker = await shared.RequireAsync(Cancellation);
        await using var other = await shared.CreateVirtualHostAsync(Cancellation);
        string name;
        await using (var mine = await shared.CreateVirtualHostAsync(Cancellation))
        {
            name = mine.Name;
            using var declared = await broker.Management.PutAsJsonAsync($"queues/{name}/q", new { durable = true }, Cancellation);
            Assert.Equal(HttpStatusCode.Created, declared.StatusCode);
            Assert.Equal(["q"], await QueuesAsync(mine));
            Assert.Empty(await QueuesAsync(other));
            Assert.Equal($"/{name}", mine.Amqp.AbsolutePath);
        }

        using var gone = await broker.Management.GetAsync($"vhosts/{name}", Cancellation);
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
    }

    [Fact]
    public async Task Two_nodes_run_side_by_side_and_leave_nothing_behind()
    {
        var nodes = await Task.WhenAll(RabbitMqNode.RequireAsync(Cancellation), RabbitMqNode.RequireAsync(Cancellation));
        var (first, second) = (nodes[0], nodes[1]);
        await using (second)
        {
            await using (first)
            {
                Assert.NotEqual(first.Broker.Amqp, second.Broker.Amqp);
                Assert.NotEqual(await NameAsync(first), await NameAsync(second));
                Assert.True(IsRunning(first.ProcessId));
                Assert.True(IsRunning(first.PortMapperProcessId));
            }

            Assert.False(IsRunning(first.ProcessId));
            Assert.False(IsRunning(first.PortMapperProcessId));
            Assert.StartsWith("hokify-", await NameAsync(second), StringComparison.Ordinal);
        }

        Assert.False(IsRunning(second.ProcessId));
        Assert.False(IsRunning(second.PortMapperProcessId));
        Assert.False(Directory.Exists(second.Folder));
    }

    [Fact]
    public async Task A_stopped_broker_refuses_connections_until_it_is_started_again_and_keeps_its_queues()
    {
        await using var node = await RabbitMqNode.RequireAsync(Cancellation);
        var host = await node.Broker.CreateVirtualHostAsync(Cancellation);
        using var declared = await node.Broker.Management.PutAsJsonAsync($"queues/{host.Name}/q", new { durable = true }, Cancellation);
        declared.EnsureSuccessStatusCode();

        await node.StopAppAsync(Cancellation);
        using (var client = new TcpClient())
        {
            await Assert.ThrowsAsync<SocketException>(() => client.ConnectAsync(IPAddress.Loopback, node.Broker.Amqp.Port, Cancellation).AsTask());
        }

        await node.StartAppAsync(Cancellation);
        Assert.Equal(["q"], await QueuesAsync(host));
    }

    [Fact]
    public async Task A_node_that_cannot_start_says_why_and_leaves_nothing_behind()
    {
        RabbitMqInstallation.Chosen.Require();

        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => RabbitMqNode.RequireAsync(Cancellation, "consumer_timeout = soon"));

        Assert.Contains("consumer_timeout", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_broker_is_the_one_that_was_asked_for()
    {
        Assert.Contains($"root={RabbitMqInstallation.NewestRoot}\n", Checkout.Read(".ci/newest-rabbitmq").ReplaceLineEndings("\n"), StringComparison.Ordinal);
        await using var node = await RabbitMqNode.RequireAsync(Cancellation);

        var version = await node.Broker.VersionAsync(Cancellation);

        Assert.Equal(RabbitMqInstallation.Chosen.IsNewest, version >= new Version(4, 3));
    }

    private static async Task<string[]> QueuesAsync(BrokerVirtualHost host)
    {
        var queues = await host.Broker.Management.GetFromJsonAsync<JsonElement>($"queues/{host.Name}", Cancellation);
        return [.. queues.EnumerateArray().Select(queue => queue.GetProperty("name").GetString()!)];
    }

    private static async Task<string> NameAsync(RabbitMqNode node)
        => (await node.Broker.Management.GetFromJsonAsync<JsonElement>("overview", Cancellation)).GetProperty("node").GetString()!;

    private static bool IsRunning(int processId) => Process.GetProcesses().Any(process => process.Id == processId);
}
