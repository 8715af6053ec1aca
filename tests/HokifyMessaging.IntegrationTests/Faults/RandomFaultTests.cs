using System.Globalization;
using HokifyMessaging.IntegrationTests.Broker;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.IntegrationTests.Faults;

/// <summary>
/// Two processes, one database, one broker and one hokify, and everything that can go wrong with them at any time.
/// <c>HOKIFY_TEST_FAULT_ROUNDS</c> says for how many rounds, <c>HOKIFY_TEST_FAULT_SEED</c> where they begin: a round that failed says
/// its seed, with which it alone can be repeated.
/// </summary>
public sealed class RandomFaultTests(ITestOutputHelper output)
{
    private const int FewRounds = 2;

    /// <summary>Both sides take the shorter of what each proposes.</summary>
    private const string ShortHeartbeat = "heartbeat = 5";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nothing_is_lost_doubled_or_stuck_whatever_goes_wrong()
    {
        var rounds = Number("HOKIFY_TEST_FAULT_ROUNDS");
        // The few rounds of every day are always the same; who asks for many wants new ones.
        var first = Number("HOKIFY_TEST_FAULT_SEED") ?? (rounds is null ? 1 : Random.Shared.Next(1_000_000));
        var moving = Environment.GetEnvironmentVariable("HOKIFY_TEST_FAULT_STILL") is null or "";
        await using var node = await RabbitMqNode.RequireAsync(Cancel, ShortHeartbeat);
        var failures = new List<string>();
        for (var seed = first; seed < first + (rounds ?? FewRounds); seed++)
        {
            if (await FaultRound.RunAsync(FaultPlan.Of(seed, moving), node) is { } failure)
            {
                failures.Add($"Round {seed - first + 1} failed; HOKIFY_TEST_FAULT_SEED={seed} HOKIFY_TEST_FAULT_ROUNDS=1 repeats it.\n{failure}");
                output.WriteLine(failures[^1]);
            }
            else
            {
                output.WriteLine($"Round {seed - first + 1} held, with seed {seed}.");
            }
        }

        Assert.True(failures.Count == 0, string.Join("\n\n", failures));
    }

    [Fact]
    public async Task What_is_lost_deleted_stale_mistaken_or_stuck_is_told()
    {
        await using var node = await RabbitMqNode.RequireAsync(Cancel, ShortHeartbeat);

        var told = await FaultRound.RunAsync(FaultPlan.Quiet(1), node, plant: database => database.QueryAsync(async db =>
        {
            var profiles = await db.CandidateProfiles.Where(profile => profile.ScopeId == 1).OrderBy(profile => profile.ReferenceId).Take(3).ToListAsync(Cancel);
            db.CandidateProfiles.Remove(profiles[0]);
            profiles[1].IsDeleted = true;
            profiles[2].Version = profiles[2].Version!.Value.AddSeconds(-1);
            var run = await db.ImportRuns.FirstAsync(Cancel);
            run.DryRun = !run.DryRun;
            (await db.Scopes.SingleAsync(scope => scope.ScopeId == 2, Cancel)).LeaseOwner = "somebody who died";
            return await db.SaveChangesAsync(Cancel);
        }));

        Assert.NotNull(told);
        Assert.All(
            ["lost: ", "lives at hokify and is deleted here", "is stored as of", "was carried out otherwise than asked for", "the lease of scope 2 is held by somebody who died"],
            problem => Assert.Contains(problem, told, StringComparison.Ordinal));
    }

    [Fact]
    public void The_same_seed_gives_the_same_plan()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            Assert.Equal($"{FaultPlan.Of(seed, moving: true)}", $"{FaultPlan.Of(seed, moving: true)}");
        }
    }

    private static int? Number(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;
}
