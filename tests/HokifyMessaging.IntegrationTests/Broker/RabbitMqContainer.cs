using System.ComponentModel;
using System.Diagnostics;
using System.Text.RegularExpressions;

namespace HokifyMessaging.IntegrationTests.Broker;

/// <summary>
/// RabbitMQ in a container, of the version that <c>docker-compose.yml</c> has, on free ports of loopback. Disposing removes
/// it; the same happens when the test process dies.
/// </summary>
internal sealed partial class RabbitMqContainer : IAsyncDisposable
{
    public const string User = "hokify-test";
    public const string Password = "hokify-test";

    private static readonly TimeSpan StopLimit = TimeSpan.FromMinutes(1);

    private readonly Process _keeper;

    private RabbitMqContainer(Process keeper, RabbitMqBroker broker) => (_keeper, Broker) = (keeper, broker);

    public RabbitMqBroker Broker { get; }

    /// <summary>The broker's image, as <c>docker-compose.yml</c> names it.</summary>
    public static string Image =>
        RabbitMqImage().Match(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Broker", "docker-compose.yml"))) is { Success: true, Groups: var parts }
            ? parts["image"].Value
            : throw new InvalidOperationException("docker-compose.yml has no image of rabbitmq.");

    /// <summary>Whether there is a Docker engine that answers; its client alone runs nothing.</summary>
    /// <param name="docker">The client, by name or path.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<bool> IsPossibleAsync(string docker, CancellationToken cancellationToken)
    {
        try
        {
            using var version = Start(docker, "version", "--format", "{{.Server.Version}}");
            version.StandardInput.Close();
            await Task.WhenAll(version.StandardOutput.ReadToEndAsync(cancellationToken), version.StandardError.ReadToEndAsync(cancellationToken));
            await version.WaitForExitAsync(cancellationToken);
            return version.ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }

    /// <param name="docker">The client, by name or path.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    public static async Task<RabbitMqContainer> StartAsync(string docker, CancellationToken cancellationToken)
    {
        var keeper = Start("/bin/sh", Path.Combine(AppContext.BaseDirectory, "Broker", "rabbitmq-container.sh"), docker, Image, User, Password);
        var (amqp, management) = (await keeper.StandardOutput.ReadLineAsync(cancellationToken), await keeper.StandardOutput.ReadLineAsync(cancellationToken));
        if (amqp is null || management is null)
        {
            throw new InvalidOperationException($"RabbitMQ was not started by Docker: {await keeper.StandardError.ReadToEndAsync(cancellationToken)}");
        }

        var container = new RabbitMqContainer(keeper, new RabbitMqBroker(new Uri($"amqp://{User}:{Password}@{amqp}"), new Uri($"http://{management}")));
        try
        {
            await container.Broker.AnswersAsync(async () => keeper.HasExited ? await keeper.StandardError.ReadToEndAsync(CancellationToken.None) : null, cancellationToken);
            return container;
        }
        catch
        {
            await container.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _keeper.StandardInput.Close();
        await _keeper.WaitForExitAsync(CancellationToken.None).WaitAsync(StopLimit, CancellationToken.None);
        _keeper.Dispose();
        Broker.Dispose();
    }

    private static Process Start(string command, params string[] arguments) =>
        Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })
        ?? throw new InvalidOperationException($"{command} could not be started.");

    [GeneratedRegex(@"^\s*image: (?<image>rabbitmq:\S+)", RegexOptions.Multiline)]
    private static partial Regex RabbitMqImage();
}
