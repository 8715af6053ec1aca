using System.Net.Http.Json;

namespace HokifyMessaging.IntegrationTests.Broker;

/// <summary>What Docker is asked for; a program that stands in for it writes that down, and a real node answers in the container's place.</summary>
public sealed class RabbitMqContainerTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hokify-docker-");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_container_of_the_composed_version_is_published_on_loopback_and_removed_at_the_end()
    {
        await using var node = await RabbitMqNode.RequireAsync(Cancel);
        using var user = await node.Broker.Management.PutAsJsonAsync(
            $"users/{RabbitMqContainer.User}", new { password = RabbitMqContainer.Password, tags = "administrator" }, Cancel);
        user.EnsureSuccessStatusCode();
        var docker = Docker($$"""
            case "$1" in
                version) echo 28.0.4 ;;
                run) echo the-container ;;
                port) case "$3" in 5672/tcp) echo {{node.Broker.Amqp.Authority}} ;; *) echo {{node.Broker.Management.BaseAddress!.Authority}} ;; esac ;;
            esac
            """);

        Assert.True(await RabbitMqContainer.IsPossibleAsync(docker, Cancel));
        await using (var container = await RabbitMqContainer.StartAsync(docker, Cancel))
        {
            await using var host = await container.Broker.CreateVirtualHostAsync(Cancel);
            Assert.Equal(
                [
                    "version --format {{.Server.Version}}",
                    "run --detach --rm --publish 127.0.0.1::5672 --publish 127.0.0.1::15672 "
                        + "--env RABBITMQ_DEFAULT_USER=hokify-test --env RABBITMQ_DEFAULT_PASS=hokify-test "
                        + "--env RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS=-rabbit collect_statistics_interval 500 "
                        + "rabbitmq:4.1.4-management sh -c rabbitmq-plugins enable --offline rabbitmq_management rabbitmq_shovel rabbitmq_shovel_management && exec docker-entrypoint.sh rabbitmq-server",
                    "port the-container 5672/tcp",
                    "port the-container 15672/tcp",
                ],
                await AskedAsync());
        }

        Assert.Equal("rm --force the-container", (await AskedAsync())[^1]);
    }

    [Fact]
    public async Task A_client_without_an_engine_and_no_client_at_all_are_no_Docker()
    {
        var refusing = Docker("echo 'Cannot connect to the Docker daemon' >&2; exit 1");

        Assert.False(await RabbitMqContainer.IsPossibleAsync(refusing, Cancel));
        Assert.False(await RabbitMqContainer.IsPossibleAsync(Path.Combine(_folder.FullName, "nothing"), Cancel));
    }

    [Fact]
    public async Task A_container_that_cannot_be_started_says_why()
    {
        var docker = Docker("echo 'no such image' >&2; exit 125");

        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => RabbitMqContainer.StartAsync(docker, Cancel));

        Assert.Contains("no such image", error.Message, StringComparison.Ordinal);
    }

    private string Docker(string script)
    {
        var docker = Path.Combine(_folder.FullName, "docker");
        File.WriteAllText(docker, $"#!/bin/sh\necho \"$*\" >>'{_folder.FullName}/asked'\n{script}\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(docker, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        return docker;
    }

    private Task<string[]> AskedAsync() => File.ReadAllLinesAsync(Path.Combine(_folder.FullName, "asked"), Cancel);
}
