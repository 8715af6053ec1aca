using System.Globalization;
using System.Text;
using HokifyMessaging.IntegrationTests.Broker;
using HokifyMessaging.Sandbox;
using HokifyMessaging.Storage;
using HokifyMessaging.Tests;

namespace HokifyMessaging.IntegrationTests.Privacy;

/// <summary>
/// People of whom every word is marked are imported while all that can fails; whatever the service shows is searched for the mark; they are
/// erased, and everything is searched again; and ways back are tried, from a backup in which they all still are: every day some that the seed
/// chooses, and all in the long form. <c>HOKIFY_TEST_MARKED_SEED</c> repeats a seed that was printed.
/// </summary>
public sealed class MarkedPeopleTests(SharedBroker shared, ITestOutputHelper output)
{
    private const int FewWays = 4;
    private const string DeadLetter = "dead letter";
    private const string Planned = "planned";
    private const string PlannedChanges = "planned changes";

    private static readonly SandboxFaultKind[] CallFaults =
    [
        SandboxFaultKind.InternalServerError, SandboxFaultKind.NotJson, SandboxFaultKind.WrongShape, SandboxFaultKind.CutConnection, SandboxFaultKind.TooManyRequests,
        SandboxFaultKind.ServiceUnavailable, SandboxFaultKind.Unauthorized, SandboxFaultKind.RepeatedPage, SandboxFaultKind.IgnoredOffset, SandboxFaultKind.RepeatedRecord,
    ];

    private static readonly SandboxFaultKind[] RecordFaults =
    [
        SandboxFaultKind.MissingId, SandboxFaultKind.BrokenBirthday, SandboxFaultKind.OverlongText, SandboxFaultKind.DuplicateId, SandboxFaultKind.NullUser, SandboxFaultKind.BrokenLastUpdate,
    ];

    private static readonly string[] Places =
    [
        "FirstName", "LastName", "DisplayName", "Email", "HokifyMail", "Phone", "Gender", "Nationality", "Street", "City", "File", "Title", "FileName", "Position", "Summary", "Employer", "School",
        "Skill", "Answer", "Theme", "Achievement", "Member", "Origin", "Birthday", "Changed",
    ];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nobody_sees_them_who_has_no_business_with_them_and_once_erased_they_are_nowhere_and_never_come_back()
    {
        var seed = Environment.GetEnvironmentVariable("HOKIFY_TEST_MARKED_SEED") is { Length: > 0 } given ? int.Parse(given, CultureInfo.InvariantCulture) : Random.Shared.Next(1_000_000);
        output.WriteLine($"HOKIFY_TEST_MARKED_SEED={seed}");
        await using var world = await MarkedWorld.StartAsync(shared, seed);

        var (random, applications) = (new Random(seed), world.Site.Sandbox.ApplicationIds().ToArray());
        random.Shuffle(applications);
        var people = await world.PeopleAsync();

        await ImportWithEveryFailureAsync(world, random, applications);
        AssertNotIn(await world.ShownAsync(), [MarkedWorld.Mark]);
        await AssertStoredAsync(world);
        await LeaveWaysBackAsync(world, applications);

        var ids = await EraseAsync(world, people.Ids, people.Addresses);
        Assert.Equal(0, (await world.RunAsync("retention", "run", "--yes")).ExitCode);
        await AssertGoneAsync(world, ids, "after the erasures");

        foreach (var (way, goAsync) in WaysOfToday(random))
        {
            await RestoreAsync(world);
            await AssertGoneAsync(world, ids, "in the backup that was restored");
            await goAsync(world, way);
            await AssertGoneAsync(world, ids, $"after {way}");
            output.WriteLine($"Nobody came back: {way}");
        }
    }

    private static async Task ImportWithEveryFailureAsync(MarkedWorld world, Random random, string[] applications)
    {
        await world.ExportFileAsync();
        await world.PlanAsync(1, Planned);
        await world.ImportAsync(MarkedWorld.NeighbourScope, "neighbours");
        foreach (var kind in CallFaults)
        {
            world.Site.Sandbox.Faults.Add(new SandboxFault(kind) { Times = 2, After = random.Next(3), RetryAfterSeconds = 0 });
            await world.TryImportAsync(1, $"call {kind}");
            world.Site.Sandbox.Faults.Clear();
            await world.ImportAsync(1, $"call {kind}");
        }

        BreakRecords(world, applications);
        world.Site.Sandbox.Advance(changed: 3);
        await world.ExecuteAsync(
            $"CREATE TRIGGER refuse BEFORE UPDATE ON CandidateProfile WHEN NEW.ScopeId < 4 AND NEW.IsDeleted = 0 AND NEW.ReferenceId NOT LIKE 'erased:%' BEGIN SELECT RAISE(ABORT, 'of {MarkedWorld.Mark}, so the server says'); END");
        foreach (var scope in MarkedWorld.Scopes)
        {
            await world.ImportAsync(scope, $"flawed {scope}");
            await world.ImportAsync(scope, $"flawed {scope} again");
        }

        await world.ExecuteAsync("DROP TRIGGER refuse");
        await KillInTheMiddleAsync(world);
        foreach (var verb in new string[][] { ["runs"], ["runs", "--failed", "--json"], ["runs", "show", "flawed 1"], ["find", applications[0]], ["queues", "--all"], ["scopes"], ["audit"], ["doctor"] })
        {
            await world.RunAsync(verb);
        }
    }

    /// <summary>One of each kind, and members that nobody knows in all.</summary>
    private static void BreakRecords(MarkedWorld world, string[] applications)
    {
        foreach (var (kind, application) in RecordFaults.Zip(applications))
        {
            world.Site.Sandbox.Faults.Add(new SandboxFault(kind) { ApplicationId = application });
        }

        world.Site.Sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.UnknownMembers) { Times = null });
    }

    /// <summary>Who looks for what was never there finds nothing, too.</summary>
    private static async Task AssertStoredAsync(MarkedWorld world)
    {
        foreach (var scope in MarkedWorld.Scopes)
        {
            // Some are refused: that is what is tried here.
            Assert.InRange(await world.ApplicationsOfAsync(scope), MarkedWorld.Applications / 2, MarkedWorld.Applications);
        }

        var stored = await world.Site.Database.DumpAsync();
        Assert.All(Places, place => Assert.Contains($"{MarkedWorld.Mark}{place}", stored, StringComparison.OrdinalIgnoreCase));
    }

    private static async Task KillInTheMiddleAsync(MarkedWorld world)
    {
        world.Site.SlowDown(milliseconds: 200);
        await world.AskAsync(1, "killed");
        await world.Service.UntilAsync(() => world.HasFetchedAsync("killed", 5), "a batch is committed");
        await world.Service.KillAsync();
        world.Site.SpeedUp();
        await world.ServeAsync();
        await world.UntilAnnouncedAsync("killed");
    }

    /// <summary>A request that waits for an operator, records that wait to be tried again, and a run that is at work in the instant of the backup.</summary>
    private static async Task LeaveWaysBackAsync(MarkedWorld world, string[] applications)
    {
        BreakRecords(world, applications);
        await world.ImportAsync(1, "left waiting");
        world.Site.Sandbox.Advance(changed: 4);
        await world.PlanAsync(1, PlannedChanges);
        world.Site.Sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.InternalServerError) { Times = 2 });
        await world.TryImportAsync(1, DeadLetter);
        Assert.True(await world.Site.Database.IsAsync(DeadLetter, run => run.State == RunState.Failed));
        world.Site.SlowDown(milliseconds: 300);
        await world.AskAsync(1, "at work");
        await world.Service.UntilAsync(() => world.HasFetchedAsync("at work", 5), "a batch is committed");
        var backup = await world.RunAsync("backup", world.Backup);
        Assert.True(backup.ExitCode == 0, backup.Error);
        world.Site.SpeedUp();
        await world.UntilAnnouncedAsync("at work");
        using var http = await world.HttpAsync();
        Assert.Contains(MarkedWorld.Mark, await http.GetStringAsync($"api/imports/{await world.RunIdAsync("call InternalServerError")}/records.csv", Cancel), StringComparison.Ordinal);

        // What is refused comes again, too, from everywhere.
        BreakRecords(world, applications);
        await world.ExportFileAsync();
    }

    /// <returns>By what these people are known.</returns>
    private static async Task<IReadOnlyList<string>> EraseAsync(MarkedWorld world, IReadOnlySet<string> people, IReadOnlySet<string> addresses)
    {
        using var http = await world.HttpAsync();
        var erased = await world.RunOnPeopleAsync("people", "erase", "--person", people.First(), "--reason", "file 17", "--yes");
        Assert.True(erased.ExitCode == 0, erased.Error);
        foreach (var person in people)
        {
            await MarkedWorld.EraseAsync(http, new { scopeId = 1, personId = person });
        }

        foreach (var scope in MarkedWorld.Scopes)
        {
            foreach (var address in addresses)
            {
                await MarkedWorld.EraseAsync(http, new { scopeId = scope, email = address, all = true });
            }

            foreach (var application in world.Site.Sandbox.ApplicationIds())
            {
                await MarkedWorld.EraseAsync(http, new { scopeId = scope, applicationId = application });
            }
        }

        return [.. people, .. world.Site.Sandbox.ApplicationIds()];
    }

    private static async Task RestoreAsync(MarkedWorld world)
    {
        Assert.Equal(0, await world.Service.TerminateAsync());
        var restored = await world.RunAsync("restore", world.Backup, "--yes");
        Assert.True(restored.ExitCode == 0, restored.Error);
        await AssertGoneFromFilesAsync(world, "in what the restore left");
        await world.ServeAsync();
        await world.UntilAnnouncedAsync("at work");
    }

    /// <summary>All of them, or in the short form some that the seed chooses.</summary>
    private static IEnumerable<(string Way, Func<MarkedWorld, string, Task> GoAsync)> WaysOfToday(Random random)
    {
        var chosen = Enumerable.Range(0, Ways.Count).ToArray();
        random.Shuffle(chosen);
        return chosen.Take(LongForm.IsAsked ? Ways.Count : FewWays).Order().Select(number => Ways[number]);
    }

    private static IReadOnlyList<(string Way, Func<MarkedWorld, string, Task> GoAsync)> Ways =>
    [
        ("a full import", (world, way) => world.ImportAsync(1, way)),
        ("an incremental import", (world, way) => world.ImportAsync(1, way, isFull: false)),
        ("records that are tried again", async (world, way) =>
        {
            Assert.Equal(0, (await world.RunAsync("runs", "retry", "left waiting")).ExitCode);
            await world.ImportAsync(1, way, isFull: false);
        }),
        ("a dead letter that is moved back", async (world, _) =>
        {
            Assert.False(await world.Site.Database.IsAnnouncedAsync(DeadLetter));
            Assert.Equal(0, (await world.RunAsync("queues", "--move", "error")).ExitCode);
            await world.UntilAnnouncedAsync(DeadLetter);
        }),
        ("an old file", (world, way) => world.ImportAsync(3, way)),
        ("the API of 2018", (world, way) => world.ImportAsync(2, way)),
        ("a plan of all of them", (world, way) => world.ApplyAsync(1, way, Planned)),
        ("a plan of changes", (world, way) => world.ApplyAsync(1, way, PlannedChanges)),
        ("a replay", async (world, way) =>
        {
            Assert.Equal(0, (await world.RunAsync("replay", "flawed 1")).ExitCode);
            await world.ImportAsync(1, way);
        }),
        ("a change of the key", async (world, way) =>
        {
            Assert.Equal(0, await world.Service.TerminateAsync());
            var changed = await world.RunAsync("erasures", "rekey", "--yes");
            Assert.True(changed.ExitCode == 0, changed.Error);
            await world.ServeAsync();
            await world.ImportAsync(1, way);
        }),
    ];

    private static async Task AssertGoneAsync(MarkedWorld world, IReadOnlyList<string> ids, string when)
    {
        await world.UntilQuietAsync();
        AssertNotIn(world.Stored(), [MarkedWorld.Mark], when);
        AssertNotIn([("the database", Encoding.UTF8.GetBytes(await world.Site.Database.DumpAsync()))], ids, when);
        foreach (var scope in MarkedWorld.Scopes)
        {
            Assert.Equal(0, await world.ApplicationsOfAsync(scope));
        }

        Assert.Equal(MarkedWorld.Neighbours, await world.ApplicationsOfAsync(MarkedWorld.NeighbourScope));
        AssertNotIn(await world.ShownAsync(), [MarkedWorld.Mark], when);
    }

    private static Task AssertGoneFromFilesAsync(MarkedWorld world, string when)
    {
        AssertNotIn(world.Stored(), [MarkedWorld.Mark], when);
        return Task.CompletedTask;
    }

    private static void AssertNotIn(IEnumerable<(string Place, byte[] Written)> places, IReadOnlyList<string> words, string when = "")
    {
        // As it is, and as what makes everything small: addresses, hosts, keys.
        var wanted = words.SelectMany(word => new[] { word, word.ToLowerInvariant() }).Distinct().Select(Encoding.UTF8.GetBytes).ToList();
        var found = new List<string>();
        foreach (var (place, written) in places)
        {
            found.AddRange(wanted.Select(word => written.AsSpan().IndexOf(word)).Where(at => at >= 0).Select(at => $"{place}: …{Around(written, at)}…"));
        }

        Assert.True(found.Count == 0, $"{when}\n{string.Join('\n', found.Distinct().Take(40))}");
    }

    private static string Around(byte[] written, int at) =>
        Encoding.UTF8.GetString(written.AsSpan()[Math.Max(0, at - 200)..Math.Min(written.Length, at + 200)]).ReplaceLineEndings(" ");
}
