namespace HokifyMessaging.IntegrationTests.Broker;

/// <summary>
/// The RabbitMQ whose nodes the tests start: that of the machine's own package <c>rabbitmq-server</c> or, with <c>HOKIFY_TEST_NEWEST_BROKER=1</c>, the
/// newest one that Debian has, which <c>.ci/newest-rabbitmq</c> installs into a root of its own.
/// </summary>
internal sealed record RabbitMqInstallation
{
    /// <summary>Where <c>.ci/newest-rabbitmq</c> installs it.</summary>
    public const string NewestRoot = "/var/cache/hokify-rabbitmq-newest";

    private const string Variable = "HOKIFY_TEST_NEWEST_BROKER";

    // The commands of the same names on the path are wrappers that insist on the package's own user.
    private const string Scripts = "/usr/lib/rabbitmq/bin";

    /// <summary>The one that is asked for.</summary>
    public static RabbitMqInstallation Chosen { get; } = new(Environment.GetEnvironmentVariable(Variable) == "1" ? NewestRoot : "");

    private RabbitMqInstallation(string root) => Root = root;

    /// <summary>The root that it is in; empty for the machine's own.</summary>
    public string Root { get; }

    public bool IsNewest => Root.Length > 0;

    public bool IsThere => File.Exists($"{Root}{Server}");

    /// <summary>By the paths of its root.</summary>
    public static string Server => $"{Scripts}/rabbitmq-server";

    /// <inheritdoc cref="Server"/>
    public static string Control => $"{Scripts}/rabbitmqctl";

    /// <summary>Skips the calling test where no node can be started; fails it where <c>CI</c> is <c>true</c>, and where this one was asked for.</summary>
    public void Require()
    {
        if (Missing() is { } reason)
        {
            Assert.SkipUnless(IsNewest || Environment.GetEnvironmentVariable("CI") == "true", reason);
            Assert.Fail(reason);
        }
    }

    /// <summary>One sentence about what is missing; null where nothing is.</summary>
    private string? Missing() => (IsNewest, IsThere) switch
    {
        (true, false) => $"{Variable} asks for the newest RabbitMQ, and there is none in {Root}: run .ci/newest-rabbitmq as root.",
        (true, true) when !Environment.IsPrivilegedProcess => $"{Variable} asks for the newest RabbitMQ, and only root can start it in {Root}: run the tests as root.",
        (false, false) =>
            "There is no RabbitMQ: install the package rabbitmq-server. Tests that leave their broker as it is also use one that "
            + "HOKIFY_TEST_RABBITMQ and HOKIFY_TEST_RABBITMQ_MANAGEMENT name, or Docker.",
        _ => null,
    };
}
