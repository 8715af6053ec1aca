using HokifyMessaging.IntegrationTests.Broker;
using HokifyMessaging.IntegrationTests.Processes;
using HokifyMessaging.IntegrationTests.Service;

namespace HokifyMessaging.IntegrationTests.WebConsole;

/// <summary>What waits at the broker, and back with it.</summary>
[Collection(ConsoleTests.Name)]
public sealed class QueuePageTests(ConsoleBrowser browser, SharedBroker shared)
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Refused_requests_are_shown_with_their_reason_and_moved_back_one_and_all(bool hasScript)
    {
        await using var host = await shared.CreateVirtualHostAsync(TestContext.Current.CancellationToken);
        await using var site = await Installation.StartAsync(applications: 1);
        site.Use(host);
        foreach (var (key, value) in AtBroker.Asking(host))
        {
            site.Settings[key] = value;
        }

        var service = await site.ServeAsync();
        await service.UntilStartedAsync();
        var broker = new OperatorsView(host);
        foreach (var number in Enumerable.Range(1, 3))
        {
            await broker.PublishAsync("""{"scopeId": 77}""", new { message_id = $"order {number}" });
        }

        await broker.UntilErrorsAsync(3);
        await using var visit = await ConsoleVisit.ByLinkAsync(browser, service, new ConsoleLook { HasScript = hasScript });

        // The broker's figures are a few seconds old.
        await visit.GoAsync("/console/queues");
        await visit.UntilAsync("text=77", isMoving: false);
        await visit.CheckAsync();
        await visit.Page.GetByText("Move the oldest of them back").ClickAsync();
        await visit.Page.GetByText("Moved back to where imports are worked on: 1.").WaitForAsync();
        await broker.UntilErrorsAsync(3);
        await visit.GoAsync("/console/queues");
        await visit.UntilAsync("text=Move all 3 back", isMoving: false);
        await visit.Page.GetByText("Move all 3 back").ClickAsync();
        await visit.Page.GetByText("Moved back to where imports are worked on: 3.").WaitForAsync();
        await visit.CheckAsync();
        await visit.GoAsync("/console/audit?action=MoveMessages");
        await visit.Page.GetByText("From hokify-import_error: 3.").WaitForAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_broker_that_does_not_answer_is_named_and_asked_again_by_a_link(bool hasScript)
    {
        await using var host = await shared.CreateVirtualHostAsync(TestContext.Current.CancellationToken);
        await using var site = await Installation.StartAsync(applications: 1);
        site.Use(host);

        // A port at which nobody ever listens.
        site.Settings["Transport:RabbitMq:Management:Address"] = "http://127.0.0.1:9";
        var service = await site.ServeAsync();
        await using var visit = await ConsoleVisit.ByLinkAsync(browser, service, new ConsoleLook { HasScript = hasScript });
        await visit.GoAsync("/console/queues");
        await visit.SeesAsync("main > .error");
        await visit.CheckAsync();
        await visit.ClickAsync("text=Ask again");
        await visit.SeesAsync("main > .error");
        Assert.Contains("127.0.0.1:9", await visit.Page.Locator("main > .error").InnerTextAsync(), StringComparison.Ordinal);
    }
}
