using HokifyMessaging.Applications;
using HokifyMessaging.IntegrationTests.Processes;
using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.IntegrationTests.WebConsole;

/// <summary>Records that failed before and wait, of which only the payload says what becomes of them now.</summary>
internal static class WaitingRecords
{
    public const string GoodDate = "2025-02-15T08:00:00Z";
    public const string NoDate = "31.02.2025";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <param name="site">After its first import.</param>
    /// <param name="count">How many.</param>
    /// <param name="date">What the payload of each has as its date.</param>
    /// <param name="name">What their reason says at its end.</param>
    public static Task<int> LayOutAsync(Installation site, int count, Func<int, string> date, string name = "Mizzi Muster") => site.Database.QueryAsync(async db =>
    {
        var run = await db.ImportRuns.OrderBy(r => r.CreatedAt).Select(r => r.Id).FirstAsync(Cancel);
        foreach (var i in Enumerable.Range(0, count))
        {
            var id = FormattableString.Invariant($"{i:x8}0000000000abcdef");
            db.ActivityLogs.Add(new ActivityLog
            {
                ScopeId = 1,
                RunId = run,
                LastRunId = run,
                Name = ActivityName.Rejected,
                Status = ActivityStatus.Open,
                DueAt = new DateTimeOffset(2090, 1, 1, 0, 0, 0, TimeSpan.Zero),
                ReferenceId = id,
                ElementName = ElementNames.CandidateProfile,
                Command = ActivityLog.Import,
                Date = DateTimeOffset.UnixEpoch.AddYears(55),
                Cause = FailureCause.BadDate,
                Field = "datematch",
                ResultData = $"page 1, item {i}, application {id}: datematch is not a date; {name}.",
                Data = $$"""{"_id":"{{id}}","datematch":"{{date(i)}}","user":{"_id":"{{id[..8]}}1111111111abcdef","displayName":"Mizzi Muster"} }""",
            });
        }

        return await db.SaveChangesAsync(Cancel);
    });
}
