using HokifyMessaging.IntegrationTests.Processes;
using HokifyMessaging.Tests;

namespace HokifyMessaging.IntegrationTests.Service;

/// <summary>One demonstration, run once, that leaves its database to the tests that look at it.</summary>
public sealed class DemoRun : IAsyncLifetime
{
    public const int Applications = 120;

    private readonly OwnFolder _folder = new();

    internal HokifyOutcome Outcome { get; private set; } = null!;

    internal string Folder => _folder.Path;

    /// <summary>The environment of a verb that looks at the demonstration's database.</summary>
    internal Dictionary<string, string> Settings => new()
    {
        ["Database__ConnectionString"] = $"Data Source={Path.Combine(Directory.GetDirectories(Folder, "hokify-demo-*").Single(), "hokify.db")}",
    };

    public async ValueTask InitializeAsync()
    {
        // The machine's configuration must not reach the demonstration: with this one nothing would work.
        var elsewhere = new Dictionary<string, string> { ["Transport__Kind"] = "RabbitMq", ["Transport__RabbitMq__Port"] = "1", ["Database__Provider"] = "SqlServer" };
        Outcome = await HokifyProcess.RunAsync(Folder, elsewhere, "demo", "--applications", "120", "--seed", "7", "--keep");
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }
}
