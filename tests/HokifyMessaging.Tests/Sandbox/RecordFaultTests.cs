using System.Text.Json.Nodes;
using HokifyMessaging.Sandbox;
using static HokifyMessaging.Tests.Sandbox.Reader;

namespace HokifyMessaging.Tests.Sandbox;

/// <summary>Faults of single records, in answers that are fine otherwise.</summary>
public sealed class RecordFaultTests
{
    [Theory]
    [InlineData(SandboxFaultKind.MissingId)]
    [InlineData(SandboxFaultKind.BrokenBirthday)]
    [InlineData(SandboxFaultKind.OverlongText)]
    [InlineData(SandboxFaultKind.DuplicateId)]
    [InlineData(SandboxFaultKind.NullUser)]
    [InlineData(SandboxFaultKind.BrokenLastUpdate)]
    public async Task A_broken_record_stays_broken_and_alone_until_the_faults_are_cleared(SandboxFaultKind kind)
    {
        var (sandbox, reader) = await LoggedInAsync(new SandboxOptions { Applications = 30 });
        await using var _ = sandbox;
        using var __ = reader;
        await reader.LogInExternAsync();
        var (healthy, healthyRows) = (await reader.ApplicationsAsync("", "latestApplications"), await reader.ListAsync("api/get-all-applications-extern"));
        sandbox.Faults.Add(kind, after: 3);

        for (var reading = 0; reading < 2; reading++)
        {
            var applications = await reader.ApplicationsAsync("", "latestApplications");
            var rows = await reader.ListAsync("api/get-all-applications-extern");

            Assert.Equal([3], Differing(healthy, applications));
            Assert.Equal([3], Differing(healthyRows, rows));
            Assert.True(IsBroken(kind, applications, rows));
        }

        sandbox.Faults.Clear();
        Assert.Empty(Differing(healthy, await reader.ApplicationsAsync("", "latestApplications")));

        static IEnumerable<int> Differing(IReadOnlyList<JsonObject> expected, IReadOnlyList<JsonObject> actual) =>
            Enumerable.Range(0, expected.Count).Where(i => !JsonNode.DeepEquals(expected[i], actual[i]));
    }

    [Fact]
    public async Task One_application_can_be_named_to_be_broken()
    {
        var (sandbox, reader) = await LoggedInAsync(new SandboxOptions { Applications = 30 });
        await using var _ = sandbox;
        using var __ = reader;
        var id = sandbox.ApplicationIds().ElementAt(17);
        sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.NullUser) { ApplicationId = id });

        var broken = Assert.Single(await reader.AllApplicationsAsync(), a => a["user"] is null);

        Assert.Equal(id, Id(broken));
    }

    private static bool IsBroken(SandboxFaultKind kind, IReadOnlyList<JsonObject> applications, IReadOnlyList<JsonObject> rows)
    {
        var (application, row) = (applications[3], rows[3]);
        return kind switch
        {
            SandboxFaultKind.MissingId => !application.ContainsKey("_id") && !row.ContainsKey("matchId"),
            SandboxFaultKind.BrokenBirthday => !IsDate(application["user"]!["general"]!["birthday"]) && !IsDate(row["birthday"]),
            SandboxFaultKind.OverlongText => ((string)application["user"]!["displayName"]!).Length == 10_000 && ((string)row["name"]!).Length == 10_000,
            SandboxFaultKind.DuplicateId => applications.Count(a => Id(a) == Id(application)) == 2
                && applications.Where(a => Id(a) == Id(application)).Select(a => (string?)a["user"]!["_id"]).Distinct().Count() == 2,
            SandboxFaultKind.NullUser => application.ContainsKey("user") && application["user"] is null && row["email"] is null && row["name"] is null,
            _ => !IsDate(application["lastupdate"]) && !IsDate(row["applicationDate"]),
        };

        static bool IsDate(JsonNode? value) => value!.AsValue().TryGetValue<DateTimeOffset>(out var _);
    }
}
