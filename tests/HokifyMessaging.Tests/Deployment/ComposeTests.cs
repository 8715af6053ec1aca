using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using HokifyMessaging.Receiving;
using HokifyMessaging.Service.Http;
using HokifyMessaging.Service.Http.Keys;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using NJsonSchema;

namespace HokifyMessaging.Tests.Deployment;

/// <summary>docker-compose.yml as far as it can be known to be right without an engine that runs it.</summary>
public sealed partial class ComposeTests
{
    private static readonly JsonObject Compose = Yaml.Read(Checkout.PathOf("docker-compose.yml"));

    private static readonly string OperatorsKey = ApiKey.Create();

    private static readonly JsonObject Services = Compose["services"]!.AsObject();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_is_a_compose_file_by_the_specifications_schema()
    {
        var schema = await JsonSchema.FromFileAsync(Path.Combine(AppContext.BaseDirectory, "Samples", "compose-spec.schema.json"), Cancel);
        var wrong = Compose.DeepClone();
        wrong["services"]!["hokify"]!["enviroment"] = new JsonObject();

        Assert.Empty(schema.Validate(Compose.ToJsonString()));
        Assert.NotEmpty(schema.Validate(wrong.ToJsonString()));
    }

    [Fact]
    public void Every_variable_is_explained_in_env_example_and_the_other_way_round() =>
        Assert.Equal(
            Variables().Select(variable => variable.Name).Distinct().Order(StringComparer.Ordinal),
            EnvironmentExample().Select(variable => variable.Name).Order(StringComparer.Ordinal));

    [Fact]
    public void A_variable_without_a_value_stops_the_start_and_no_secret_is_committed()
    {
        Assert.All(Variables(), variable => Assert.StartsWith(":?", variable.Modifier, StringComparison.Ordinal));
        Assert.All(
            EnvironmentExample().Where(variable => Secret().IsMatch(variable.Name)),
            variable => Assert.Equal((variable.Name, ""), variable));
        Assert.DoesNotContain(EnvironmentExample(), variable => Secret().IsMatch(variable.Name));
        Assert.DoesNotContain(Services.SelectMany(service => service.Value!["environment"]?.AsObject() ?? []), setting => Secret().IsMatch(setting.Key));
        foreach (var ignored in new[] { ".gitignore", ".dockerignore" })
        {
            Assert.Superset(new HashSet<string> { ".env", ".secrets" }, Checkout.Read(ignored).Split('\n').Select(line => line.TrimEnd('/')).ToHashSet());
        }
    }

    [Fact]
    public void Every_secret_is_a_file_that_env_example_makes_and_somebody_uses()
    {
        var declared = Compose["secrets"]!.AsObject();
        var used = Services.SelectMany(service => service.Value!["secrets"]?.AsArray() ?? []).Select(secret => (secret as JsonObject)?["source"]!.GetValue<string>() ?? secret!.GetValue<string>());
        var made = MadeSecrets().Matches(Checkout.Read(".env.example")).SelectMany(match => match.Groups["names"].Value.Split(' '));
        var names = declared.Select(secret => secret.Key).Order(StringComparer.Ordinal).ToList();

        Assert.All(declared, secret => Assert.Equal($".secrets/{secret.Key}", secret.Value!["file"]!.GetValue<string>()));
        Assert.Equal(names, made.Order(StringComparer.Ordinal));
        Assert.Equal(names, used.Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void No_command_and_no_health_check_has_a_password_on_its_line()
    {
        var lines = Services.SelectMany(service => new[] { service.Value!["entrypoint"], service.Value["command"], service.Value["healthcheck"]?["test"] }).OfType<JsonNode>().Select(line => line.ToJsonString()).ToList();

        Assert.Equal(10, lines.Count);
        Assert.All(lines, line => Assert.DoesNotMatch(@"(-P|--user|--password)\b", line));
        Assert.All(lines.Where(line => line.Contains("/run/secrets", StringComparison.Ordinal)), line => Assert.Matches(@"\b[A-Z_]+PASS(WORD)?=\S{0,8}\$\$\(cat /run/secrets/", line));
    }

    [Fact]
    public void Every_container_has_limits_and_no_right_that_it_does_not_need()
    {
        Assert.All(Services, service =>
        {
            Assert.Contains("no-new-privileges:true", service.Value!["security_opt"]!.AsArray().Select(option => option!.GetValue<string>()));
            Assert.NotNull(service.Value["mem_limit"]);
            Assert.NotNull(service.Value["pids_limit"]);
        });
        Assert.All(Services.Where(service => service.Key != "sqlserver"), service => Assert.Equal("""["ALL"]""", service.Value!["cap_drop"]!.ToJsonString()));
        Assert.All(Services.Where(service => service.Key is not ("rabbitmq" or "sqlserver")), service =>
            Assert.Equal((true, null), (service.Value!["read_only"]!.GetValue<bool>(), service.Value["cap_add"])));
    }

    [Fact]
    public void Every_image_has_an_explicit_version()
    {
        var images = Services.Select(service => service.Value!["image"]!.GetValue<string>())
            .Concat(BaseImage().Matches(Checkout.Read("Dockerfile")).Select(match => match.Groups["image"].Value))
            .ToList();

        Assert.Equal(9, images.Count);
        Assert.All(images, image => Assert.Matches(@":\d+[.\-]\w+([.\-][\w.\-]+)?$", image));
    }

    [Fact]
    public void The_image_is_built_with_the_pinned_sdk_from_files_that_are_there_and_runs_without_root()
    {
        var dockerfile = Checkout.Read("Dockerfile");
        var ignored = Checkout.Read(".dockerignore").Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => line[0] != '#').ToList();
        var sources = CopyFromContext().Matches(dockerfile).SelectMany(match => match.Groups["sources"].Value.Split(' ')).ToList();
        using var sdk = JsonDocument.Parse(Checkout.Read("global.json"));

        Assert.Contains($"dotnet/sdk:{sdk.RootElement.GetProperty("sdk").GetProperty("version").GetString()} AS build", dockerfile, StringComparison.Ordinal);
        Assert.Equal(8, sources.Count);
        Assert.All(sources, source => Assert.True(Path.Exists(Checkout.PathOf(source)), source));
        Assert.All(sources, source => Assert.DoesNotContain(source.Split('/')[0], ignored));
        Assert.True(File.Exists(Checkout.PathOf(Published().Match(dockerfile).Groups["project"].Value)));
        Assert.Contains($"ENTRYPOINT [\"/app/{typeof(Health).Assembly.GetName().Name}\"]", dockerfile, StringComparison.Ordinal);
        var finalStage = dockerfile[dockerfile.LastIndexOf("FROM ", StringComparison.Ordinal)..];
        Assert.Equal("$APP_UID", User().Matches(finalStage)[^1].Groups["user"].Value);
    }

    [Fact]
    public void Whatever_is_mounted_is_there_or_declared()
    {
        var mounts = Services.SelectMany(service => service.Value!["volumes"]?.AsArray() ?? []).Select(mount => mount!.GetValue<string>().Split(':')[0]).ToList();

        Assert.Equal(8, mounts.Count);
        Assert.All(mounts, mount => Assert.True(mount.StartsWith("./", StringComparison.Ordinal) ? File.Exists(Checkout.PathOf(mount)) : Compose["volumes"]!.AsObject().ContainsKey(mount), mount));
    }

    [Fact]
    public void Services_start_in_the_order_of_their_health()
    {
        var conditions =
            from service in Services
            from dependency in service.Value!["depends_on"]?.AsObject() ?? []
            select (Service: service.Key, On: dependency.Key, Condition: dependency.Value!["condition"]!.GetValue<string>());

        Assert.Equal(
            [
                ("rabbitmq-definitions", "rabbitmq", "service_healthy"),
                ("sqlserver-login", "sqlserver", "service_healthy"),
                ("hokify-migration", "sqlserver-login", "service_completed_successfully"),
                ("hokify", "rabbitmq", "service_healthy"),
                ("hokify", "rabbitmq-definitions", "service_completed_successfully"),
                ("hokify", "sqlserver", "service_healthy"),
                ("hokify", "hokify-migration", "service_completed_successfully"),
                ("sandbox", "hokify", "service_started"),
            ],
            conditions);
        Assert.All(conditions.Where(c => c.Condition == "service_healthy"), c => Assert.NotNull(Services[c.On]!["healthcheck"]));

        // What only has something to do ends with it, and has no health; what is waited for to end does not start again.
        var ending = conditions.Where(c => c.Condition == "service_completed_successfully").Select(c => c.On).ToHashSet();
        Assert.All(Services, service => Assert.Equal(ending.Contains(service.Key), service.Value!["healthcheck"]?["test"] is null));
        Assert.All(Services, service => Assert.Equal(ending.Contains(service.Key), service.Value!["restart"] is null));
        Assert.Equal(["sandbox"], Services.Where(service => service.Value!["profiles"] is not null).Select(service => service.Key));
    }

    [Fact]
    public async Task Its_health_check_calls_an_address_that_the_service_has()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddHealthChecks();
        await using var application = builder.Build();
        application.MapHealth();
        var routes = ((IEndpointRouteBuilder)application).DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>().Select(route => route.RoutePattern.RawText);

        var called = new Uri(Services["hokify"]!["healthcheck"]!["test"]!.GetValue<string>().Split(' ')[^1]);

        Assert.Contains(called.AbsolutePath, routes);
        Assert.Equal(Services["hokify"]!["environment"]!["ASPNETCORE_HTTP_PORTS"]!.GetValue<string>(), $"{called.Port}");
        Assert.Contains($"127.0.0.1:5080:{called.Port}", Services["hokify"]!["ports"]!.AsArray().Select(port => port!.GetValue<string>()));
    }

    [Theory]
    [InlineData("https://hokify.com/ats-api")]
    [InlineData("http://127.0.0.1:5090/ats-api")]
    public void The_service_starts_with_its_environment_and_reads_every_setting(string hokify)
    {
        using var host = Host(hokify);

        host.Services.GetRequiredService<IStartupValidator>().Validate();

        var transport = host.Services.GetRequiredService<IOptions<TransportOptions>>().Value;
        var database = host.Services.GetRequiredService<IOptions<DatabaseOptions>>().Value;
        var scope = host.Services.GetRequiredService<IOptions<HokifyOptions>>().Value.Scopes[1];
        Assert.Equal(
            (TransportKind.RabbitMq, "rabbitmq", "hokify", "hokify", "value-of-rabbitmq_password"),
            (transport.Kind, transport.RabbitMq.Host, transport.RabbitMq.VirtualHost, transport.RabbitMq.Username, transport.RabbitMq.Password));
        Assert.Equal((DatabaseProvider.SqlServer, false), (database.Provider, database.MigrateAtStartUp));
        Assert.Contains("Server=sqlserver;", database.ConnectionString, StringComparison.Ordinal);
        Assert.Equal("value-of-mssql_password", database.Password);
        Assert.Equal(("value-of-HOKIFY_SCOPE_NAME", "value-of-HOKIFY_MANDATOR", "value-of-hokify_token"), (scope.Name, scope.AtsApi.Mandator, scope.AtsApi.Token));
        Assert.Equal(new Uri(hokify), scope.AtsApi.BaseAddress);
        var caller = host.Services.GetRequiredService<ApiKeys>().Find(OperatorsKey)!.Holder;
        Assert.Equal("operator", caller.Identity!.Name);
        Assert.Null(caller.VisibleScopes());
        Assert.All(Rights.All, right => Assert.True(caller.Has(right), right));
    }

    [Fact]
    public void The_broker_gets_the_user_that_the_service_and_the_definitions_name_and_no_more_rights_than_it_needs()
    {
        var broker = Services["rabbitmq"]!["environment"]!;
        var service = Services["hokify"]!["environment"]!;
        var permission = Assert.Single(JsonNode.Parse(Checkout.Read(".config/rabbitmq/definitions.json"))!["permissions"]!.AsArray())!;

        Assert.Equal("operator", broker["RABBITMQ_DEFAULT_USER"]!.GetValue<string>());
        Assert.Contains("\"operator:%s\"", Checkout.Read(".config/rabbitmq/provision.sh"), StringComparison.Ordinal);
        Assert.Equal("hokify", service["Transport__RabbitMq__Username"]!.GetValue<string>());
        Assert.Equal("hokify", broker["RABBITMQ_DEFAULT_VHOST"]!.GetValue<string>());
        Assert.Equal(("hokify", "hokify"), (permission["user"]!.GetValue<string>(), permission["vhost"]!.GetValue<string>()));
        Assert.All(new[] { "configure", "write", "read" }, right => Assert.Equal("^hokify[.-]", permission[right]!.GetValue<string>()));
    }

    [Fact]
    public void It_waits_for_a_running_import_longer_than_the_host_does()
    {
        var transport = new TransportOptions();

        Assert.Equal($"{(transport.StopTimeout + TimeSpan.FromSeconds(20)).TotalSeconds}s", Services["hokify"]!["stop_grace_period"]!.GetValue<string>());
    }

    /// <summary>The service's host with the environment that the container gets; a setting that nobody reads fails it.</summary>
    private static IHost Host(string hokify)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Configuration.AddInMemoryCollection(Services["hokify"]!["environment"]!.AsObject().Select(setting => KeyValuePair.Create(
            setting.Key.Replace("__", ":", StringComparison.Ordinal),
            (string?)Variable().Replace(setting.Value!.GetValue<string>(), match => match.Groups["name"].Value switch
            {
                "HOKIFY_BASE_ADDRESS" => hokify,
                "HOKIFY_API_KEY_HASH" => KeyHash.Of(OperatorsKey).ToString(),
                var name => $"value-of-{name}",
            }))));
        builder.Configuration.AddInMemoryCollection(Services["hokify"]!["secrets"]!.AsArray().Select(secret => KeyValuePair.Create(
            secret!["target"]!.GetValue<string>().Replace("__", ":", StringComparison.Ordinal),
            (string?)(secret["source"]!.GetValue<string>() is "erasure_key" ? Convert.ToBase64String(new byte[32]) : $"value-of-{secret["source"]}"))));
        builder.Services.AddHokifyMessaging();
        builder.Services.AddHokifyBus(builder.Configuration);
        builder.Services.AddKeys();
        return builder.Build();
    }

    private static IEnumerable<(string Name, string Modifier)> Variables() =>
        Variable().Matches(Checkout.Read("docker-compose.yml")).Select(match => (match.Groups["name"].Value, match.Groups["modifier"].Value));

    private static IEnumerable<(string Name, string Value)> EnvironmentExample() =>
        Checkout.Read(".env.example").Split('\n').Where(line => line.Length > 0 && line[0] != '#').Select(line => line.Split('=', 2)).Select(parts => (parts[0], parts[1]));

    [GeneratedRegex(@"(?<!\$)\$\{(?<name>[A-Z_]+)(?<modifier>[^}]*)\}")]
    private static partial Regex Variable();

    [GeneratedRegex("PASS|PASSWORD|TOKEN|KEY$", RegexOptions.IgnoreCase)]
    private static partial Regex Secret();

    [GeneratedRegex(@"for name in (?<names>[\w ]+);|> \.secrets/(?<names>\w+)")]
    private static partial Regex MadeSecrets();

    [GeneratedRegex(@"^FROM (?<image>\S+)", RegexOptions.Multiline)]
    private static partial Regex BaseImage();

    [GeneratedRegex(@"^COPY (?!--from)(?<sources>.+) \S+$", RegexOptions.Multiline)]
    private static partial Regex CopyFromContext();

    [GeneratedRegex(@"dotnet publish (?<project>\S+)")]
    private static partial Regex Published();

    [GeneratedRegex(@"^USER (?<user>\S+)", RegexOptions.Multiline)]
    private static partial Regex User();
}
