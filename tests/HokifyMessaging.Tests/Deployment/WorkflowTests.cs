using System.Text.Json.Nodes;
using HokifyMessaging.Tests.Writing;
using Microsoft.Data.SqlClient;

namespace HokifyMessaging.Tests.Deployment;

/// <summary>What GitHub reads in .github, as far as it can be known to be right without the machine that runs it.</summary>
public sealed class WorkflowTests
{
    public static TheoryData<string> Workflows => [.. Directory.GetFiles(Checkout.PathOf(".github/workflows")).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];

    private static readonly JsonObject Jobs = Yaml.Read(Checkout.PathOf(".github/workflows/ci.yml"))["jobs"]!.AsObject();

    private static readonly JsonNode Job = Jobs["sqlserver"]!;

    private static readonly List<JsonNode> Steps = [.. Job["steps"]!.AsArray().OfType<JsonNode>()];

    [Theory]
    [MemberData(nameof(Workflows))]
    public void Every_action_is_pinned_to_its_content_and_every_job_has_an_end_and_no_right_that_it_does_not_name(string file)
    {
        var workflow = Yaml.Read(Checkout.PathOf($".github/workflows/{file}"));
        var jobs = workflow["jobs"]!.AsObject();
        var actions = jobs.SelectMany(job => job.Value!["steps"]!.AsArray()).Select(step => step!["uses"]?.GetValue<string>()).OfType<string>().ToList();

        Assert.NotEmpty(actions);
        Assert.All(actions, action => Assert.Matches("@[0-9a-f]{40}$", action));
        Assert.All(
            Checkout.Read($".github/workflows/{file}").Split('\n').Where(line => line.Contains("uses:", StringComparison.Ordinal)),
            line => Assert.Matches("@[0-9a-f]{40} # v[0-9.]+$", line));
        Assert.All(jobs, job => Assert.NotNull(job.Value!["timeout-minutes"]));
        Assert.Equal("""{"contents":"read"}""", workflow["permissions"]!.ToJsonString());
        Assert.NotNull(workflow["on"]);
    }

    [Fact]
    public void An_action_has_one_version_in_all_workflows()
    {
        var actions = Workflows.SelectMany(file => Checkout.Read($".github/workflows/{file.Data}").Split('\n'))
            .Where(line => line.Contains("uses:", StringComparison.Ordinal))
            .Select(line => line[(line.IndexOf("uses:", StringComparison.Ordinal) + 5)..].Trim())
            .Distinct().ToList();

        // github/codeql-action/init and …/analyze are one action.
        Assert.All(actions.GroupBy(action => string.Join('/', action.Split('@')[0].Split('/').Take(2))), versions => Assert.Single(versions.Select(action => action.Split('@')[1]).Distinct()));
    }

    [Fact]
    public void A_commit_and_a_release_are_held_to_the_same()
    {
        Assert.Contains(Jobs["run"]!["steps"]!.AsArray(), step => step!["run"]?.GetValue<string>() == ".ci/run");
        Assert.Contains(Yaml.Read(Checkout.PathOf(".github/workflows/release.yml"))["jobs"]!["release"]!["steps"]!.AsArray(), step => step!["run"]?.GetValue<string>() == ".ci/run");
    }

    [Fact]
    public void Dependabot_looks_after_everything_that_has_versions_where_it_stands()
    {
        var updates = Yaml.Read(Checkout.PathOf(".github/dependabot.yml"))["updates"]!.AsArray().ToDictionary(
            update => update!["package-ecosystem"]!.GetValue<string>(), update => update!["directory"]!.GetValue<string>());

        Assert.Equal(["docker", "docker-compose", "github-actions", "npm", "nuget"], updates.Keys.Order(StringComparer.Ordinal));
        Assert.True(File.Exists(Checkout.PathOf($".{updates["npm"]}/package-lock.json")));
        Assert.True(File.Exists(Checkout.PathOf($".{updates["docker"]}/Dockerfile")));
    }

    [Fact]
    public void The_server_is_the_one_that_compose_has_and_is_waited_for()
    {
        var server = Job["services"]!["sqlserver"]!;

        Assert.Equal(
            Yaml.Read(Checkout.PathOf("docker-compose.yml"))["services"]!["sqlserver"]!["image"]!.GetValue<string>(),
            server["image"]!.GetValue<string>());
        Assert.Equal("Y", server["env"]!["ACCEPT_EULA"]!.GetValue<string>());
        Assert.Equal(["127.0.0.1:1433:1433"], server["ports"]!.AsArray().Select(port => port!.GetValue<string>()));
        Assert.Matches("--health-cmd \"SQLCMDPASSWORD=\\$MSSQL_SA_PASSWORD /opt/mssql-tools18/bin/sqlcmd [^\"]+-b[^\"]+\"", server["options"]!.GetValue<string>());
        Assert.Equal(server["env"]!["MSSQL_SA_PASSWORD"]!.GetValue<string>(), new SqlConnectionStringBuilder(Value("ADMINISTRATOR")).Password);
    }

    [Fact]
    public void The_tests_that_need_a_server_run_as_an_administrator_and_as_the_service_and_a_run_of_none_fails()
    {
        var tests = Steps.Where(step => step["env"]?[SqlServerTestDatabase.Variable] is not null).ToList();

        Assert.Equal(["sa", "hokify"], tests.Select(step => Connection(step, SqlServerTestDatabase.Variable).UserID));
        Assert.All(tests, step =>
        {
            var lines = step["run"]!.GetValue<string>().Split('\n', StringSplitOptions.RemoveEmptyEntries);
            Assert.Matches($"^\\.artifacts/bin/HokifyMessaging\\.Tests/debug/HokifyMessaging\\.Tests -noColor -failSkips -trait '{SqlServerTestDatabase.Trait}={SqlServerTestDatabase.TraitValue}' \\| tee \\w+\\.log$", lines[0]);
            Assert.Equal($"grep -qE 'Total: [1-9]' {lines[0].Split(' ')[^1]}", lines[1]);
        });
        Assert.Equal("bash", Job["defaults"]!["run"]!["shell"]!.GetValue<string>());

        var service = Connection(tests[1], SqlServerTestDatabase.Variable);
        var owner = Connection(tests[1], SqlServerTestDatabase.OwnerVariable);
        Assert.Equal(("sa", service.DataSource, service.InitialCatalog), (owner.UserID, owner.DataSource, owner.InitialCatalog));
    }

    [Fact]
    public void The_login_is_made_twice_around_the_migration_as_compose_makes_it()
    {
        var lines = Assert.Single(Steps, step => step["run"]?.GetValue<string>().Contains("provision.sh", StringComparison.Ordinal) == true)["run"]!.GetValue<string>().Split('\n');
        var migration = Assert.Single(lines, line => line.EndsWith("hokify.dll migrate", StringComparison.Ordinal));

        Assert.Equal(["provision", migration, "provision"], lines.Where(line => line == "provision" || line == migration));
        Assert.Contains($"Database__ConnectionString=\"$SERVER;Database={Connection(Steps[^1], SqlServerTestDatabase.Variable).InitialCatalog};$ADMINISTRATOR\"", migration, StringComparison.Ordinal);
    }

    private static string Value(string variable) => Job["env"]![variable]!.GetValue<string>();

    private static SqlConnectionStringBuilder Connection(JsonNode step, string variable) => new(
        Job["env"]!.AsObject().Aggregate(step["env"]![variable]!.GetValue<string>(), (text, value) => text.Replace($"${{{{ env.{value.Key} }}}}", value.Value!.GetValue<string>(), StringComparison.Ordinal)));
}
