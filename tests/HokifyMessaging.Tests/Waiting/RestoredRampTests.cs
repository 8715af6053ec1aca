using HokifyMessaging.Storage;
using HokifyMessaging.Tests.Backups;
using HokifyMessaging.Waiting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Record = HokifyMessaging.Tests.Writing.Record;

namespace HokifyMessaging.Tests.Waiting;

/// <summary>What becomes of a ramp when a backup is put in the place of its database.</summary>
public sealed class RestoredRampTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_ramp_of_then_ends_and_its_records_wait_as_they_did()
    {
        await using var site = await BackupSite.CreateAsync();
        await site.Worker.RunAsync(run => site.Worker.Writer.WriteAsync(run, Record.Batch(Record.Rejected("r1"), Record.Rejected("r2")), Cancel));
        var book = site.Worker.Services.GetRequiredService<RampBook>();
        var ramp = Assert.IsType<RampStart.Started>(await book.StartAsync(1, new WaitingFilter(), new Actor("karin", "office"), Cancel)).Ramp;
        while (await book.AdvanceAsync(ramp.Id, Cancel) is RampErrand.GoOn)
        {
        }

        await site.RestoreAsync(await site.BackUpAsync());

        var restored = await site.Worker.QueryAsync(db => db.Ramps.AsNoTracking().SingleAsync(Cancel));
        Assert.Equal((RampState.Ended, RampEnd.Restored), (restored.State, restored.End));
        Assert.Equal(2, await site.Worker.QueryAsync(db => db.ActivityLogs.CountAsync(l => l.Status == ActivityStatus.Open && l.RampId == null && l.RampStep == null, Cancel)));
    }
}
