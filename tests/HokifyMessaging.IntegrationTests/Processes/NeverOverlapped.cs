using System.Globalization;
using System.Text.RegularExpressions;
using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.IntegrationTests.Processes;

/// <summary>Reads from what two processes left behind that no scope was ever worked on by both at the same time.</summary>
internal static partial class NeverOverlapped
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task AssertAsync(Installation site)
    {
        var runs = await site.Database.QueryAsync(db => db.ImportRuns.AsNoTracking().OrderBy(r => r.Fence).ToListAsync(Cancel));
        var logs = await site.Database.QueryAsync(db => db.ActivityLogs.AsNoTracking().OrderBy(l => l.Id).Select(l => new { l.ScopeId, l.RunId }).ToListAsync(Cancel));
        foreach (var scope in runs.GroupBy(r => r.ScopeId))
        {
            Assert.All(scope, run => Assert.Equal(RunState.Completed, run.State));

            // One after the other: each ends before the next begins.
            Assert.All(scope.Zip(scope.Skip(1)), pair => Assert.True(
                pair.First.CompletedAt <= pair.Second.StartedAt, $"{pair.Second.IdempotencyKey} began before {pair.First.IdempotencyKey} had ended"));

            // What they wrote.
            var writers = logs.Where(l => l.ScopeId == scope.Key).Select(l => l.RunId).ToList();
            Assert.Equal(scope.Select(r => r.Id).Where(writers.Contains), Stretches(writers));

            // A fence is given out once, whoever gets it.
            var fences = site.Processes.SelectMany(p => p.Lines).Select(line => Claim().Match(line))
                .Where(claim => claim.Success && claim.Groups["scope"].Value == scope.Key.ToString(CultureInfo.InvariantCulture))
                .Select(claim => long.Parse(claim.Groups["fence"].Value, CultureInfo.InvariantCulture)).Order().ToList();
            Assert.Equal(Enumerable.Range(1, fences.Count).Select(fence => (long)fence), fences);
            Assert.True(fences.Count > scope.Count(), "no run was sliced: this shows less than it should");
        }
    }

    private static List<T> Stretches<T>(IEnumerable<T> values)
    {
        var stretches = new List<T>();
        foreach (var value in values)
        {
            if (stretches.Count == 0 || !EqualityComparer<T>.Default.Equals(stretches[^1], value))
            {
                stretches.Add(value);
            }
        }

        return stretches;
    }

    [GeneratedRegex("of scope (?<scope>[0-9]+) is worked on under fence (?<fence>[0-9]+)")]
    private static partial Regex Claim();
}
