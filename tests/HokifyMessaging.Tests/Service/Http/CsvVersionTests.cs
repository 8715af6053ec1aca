using System.Net;
using HokifyMessaging.Contracts;
using HokifyMessaging.Storage;
using HokifyMessaging.Waiting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace HokifyMessaging.Tests.Service.Http;

/// <summary>The entity tag of a run's CSV is had without the file, and changes with it: 304 never hides what has changed.</summary>
public sealed class CsvVersionTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_stays_the_same_while_nothing_changes_and_over_a_restart()
    {
        await using var service = await HttpService.StartAsync(applications: 3);
        var run = await service.ImportAsync();
        var (tag, file) = await ReadAsync(service, run);

        Assert.Equal(HttpStatusCode.NotModified, await AskAgainAsync(service, run, tag));
        await service.StopApplicationAsync();
        await service.StartApplicationAsync();
        Assert.Equal(HttpStatusCode.NotModified, await AskAgainAsync(service, run, tag));
        Assert.Equal((tag, file), await ReadAsync(service, run));
    }

    [Fact]
    public async Task It_changes_when_a_later_import_changes_an_application()
    {
        await using var service = await HttpService.StartAsync(applications: 3);
        var run = await service.ImportAsync();
        await ChangesAsync(service, run, async () =>
        {
            service.Sandbox.Advance(changed: 3);
            await FullAsync(service);
        });
    }

    [Fact]
    public async Task It_changes_when_a_person_is_erased_and_the_file_holds_that_person_no_more()
    {
        await using var service = await HttpService.StartAsync(applications: 3);
        var run = await service.ImportAsync();
        var ids = service.Sandbox.ApplicationIds().ToList();
        var before = await ChangesAsync(service, run, async () =>
        {
            service.Sandbox.Advance(erased: 3);
            await FullAsync(service);
        });

        var (_, file) = await ReadAsync(service, run);
        Assert.All(ids, id => Assert.Contains(id, before, StringComparison.Ordinal));
        Assert.All(ids, id => Assert.DoesNotContain(id, file, StringComparison.Ordinal));
    }

    [Fact]
    public async Task It_changes_when_an_operator_reopens_its_parked_records()
    {
        await using var service = await HttpService.StartAsync(applications: 1);
        var run = await service.ImportAsync();
        await service.GrowAsync(run, 1);
        await service.QueryAsync(db => db.ActivityLogs.Where(l => l.Name == ActivityName.Rejected).ExecuteUpdateAsync(set => set.SetProperty(l => l.Status, ActivityStatus.Parked), Cancel));

        await ChangesAsync(service, run, () => service.Services.GetRequiredService<WaitingChanges>().TryNowAsync(new WaitingFilter { RunId = LargeRuns.IdOf(run), Status = ActivityStatus.Parked }, Actor.OfUser(), Cancel));
    }

    [Fact]
    public async Task It_changes_with_the_settings_that_the_file_depends_on()
    {
        await using var service = await HttpService.StartAsync(applications: 1);
        var run = await service.ImportAsync();
        foreach (var (setting, value) in new[] { ("Hokify:Csv:TimeZone", "UTC"), ("Hokify:Scopes:1:Name", "Wirtshaus") })
        {
            await ChangesAsync(service, run, async () =>
            {
                await service.StopApplicationAsync();
                service.Settings[setting] = value;
                await service.StartApplicationAsync();
            });
        }
    }

    [Fact]
    public async Task That_of_an_import_that_has_not_ended_promises_no_bytes()
    {
        await using var service = await HttpService.StartAsync(applications: 1);
        var run = await service.ImportAsync();
        await service.QueryAsync(db => db.ImportRuns.ExecuteUpdateAsync(set => set.SetProperty(r => r.State, RunState.Cancelled).SetProperty(r => r.CompletedAt, (DateTimeOffset?)null).SetProperty(r => r.CompletedEvent, (string?)null), Cancel));

        using var cancelled = await service.GetAsync(LargeRuns.CsvOf(run));
        using var part = await service.GetAsync(LargeRuns.CsvOf(run), ("Range", "bytes=0-9"), ("If-Range", cancelled.Headers.ETag!.ToString()));

        Assert.True(cancelled.Headers.ETag.IsWeak);
        Assert.Equal(HttpStatusCode.OK, part.StatusCode);
    }

    /// <returns>The file as it was before.</returns>
    private static async Task<string> ChangesAsync(HttpService service, string run, Func<Task> change)
    {
        var (tag, before) = await ReadAsync(service, run);
        await change();

        Assert.Equal(HttpStatusCode.OK, await AskAgainAsync(service, run, tag));
        var (newTag, after) = await ReadAsync(service, run);
        Assert.NotEqual(before, after);
        Assert.NotEqual(tag, newTag);
        return before;
    }

    private static async Task FullAsync(HttpService service)
    {
        using var created = await service.PostAsync("/api/imports", $$"""{"importMode": "{{ImportMode.Full}}"}""");
        await service.UntilAsync(created.Headers.Location!.ToString(), "Completed");
    }

    private static async Task<(string Tag, string File)> ReadAsync(HttpService service, string run)
    {
        using var response = await service.GetAsync(LargeRuns.CsvOf(run));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return (response.Headers.ETag!.ToString(), await response.Content.ReadAsStringAsync(Cancel));
    }

    private static async Task<HttpStatusCode> AskAgainAsync(HttpService service, string run, string tag)
    {
        using var response = await service.GetAsync(LargeRuns.CsvOf(run), ("If-None-Match", tag));
        return response.StatusCode;
    }
}
