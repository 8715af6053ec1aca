using System.Net;
using System.Text.Json.Nodes;
using HokifyMessaging.Contracts;
using HokifyMessaging.Receiving;
using HokifyMessaging.Sandbox;
using HokifyMessaging.Tests.Importing;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace HokifyMessaging.Tests.Service.Http;

/// <summary>Imports as resources.</summary>
public sealed class ImportsEndpointsTests
{
    private const string Imports = "/api/imports";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string, string, string> Unreadable => new()
    {
        { "[]", "body", "The body is an array, not a JSON object. A good body is {\"scopeId\": 1, \"importMode\": \"Incremental\"}." },
        { "null", "body", "The body is null, not a JSON object." },
        { "{", "body", "The body is not JSON from line 1, byte 2 on." },
        { """{"dry_run": true}""", "body", "The body cannot be read ('dry_run' is not known; did you mean 'dryRun'?)." },
        { """{"dryRun": true, "DryRun": false}""", "body", "The body cannot be read ('dryRun' is given twice)." },
        { """{"dryRun": "yes"}""", "body", "The body cannot be read (dryRun is a text; it must be true or false; path $.dryRun)." },
        { """{"requestedBy": "\ud800"}""", "body", "The body has half a character (a lone surrogate) in the text at byte 17." },
        { $"{{\"scopeId\": {new string('[', 99)}{new string(']', 99)}}}", "body", "The body is nested more than 64 levels deep." },
        { """{"idempotencyKey": "a\u202eb"}""", "idempotencyKey", "The idempotency key has a control, format or bidirectional character (U+202E) at position 2; leave it out." },
        { """{"importMode": "Sometimes"}""", "body", "Incremental" },
        { """{"scopeID2": 1}""", "body", "scopeID2" },
        { """{"unixSecondsFrom": ""}""", "body", "The body cannot be read (" },
        { """{"scopeId": 7}""", "scopeId", "ScopeId 7 is not configured; the configured scopes are 1, 2." },
    };

    [Fact]
    public async Task An_import_is_asked_for_looked_at_and_found_in_the_list()
    {
        await using var service = await HttpService.StartAsync();

        using var created = await service.PostAsync(Imports, """{"scopeId": 2, "importMode": "Full", "requestedBy": "scheduler"}""", ("Idempotency-Key", "nightly"));
        var address = created.Headers.Location!.ToString();
        var run = await service.UntilAsync(address, "Completed");
        var list = await HttpService.JsonAsync(await service.GetAsync($"{Imports}?scopeId=2&state=completed&from=2020-01-01T00:00:00Z"));
        var none = await HttpService.JsonAsync(await service.GetAsync($"{Imports}?to=2020-01-01"));

        Assert.Equal(HttpStatusCode.Accepted, created.StatusCode);
        Assert.Equal(("nightly", "local (on behalf of scheduler)", 2), (run["summary"]!["idempotencyKey"]!.GetValue<string>(), run["summary"]!["requestedBy"]!.GetValue<string>(), run["summary"]!["scopeId"]!.GetValue<int>()));
        Assert.Equal(20, run["result"]!["CreatedCounts"]!["CandidateProfile"]!.GetValue<int>());
        Assert.Equal(address, $"{Imports}/{list["items"]![0]!["runId"]!.GetValue<string>()}");
        Assert.Equal((1, 0), (list["total"]!.GetValue<int>(), none["total"]!.GetValue<int>()));
    }

    [Fact]
    public async Task The_same_request_again_finds_the_same_import_and_another_is_422()
    {
        await using var service = await HttpService.StartAsync();

        using var first = await service.PostAsync(Imports, "{}", ("Idempotency-Key", "nightly"));
        await service.UntilAsync(first.Headers.Location!.ToString(), "Completed");
        using var again = await service.PostAsync(Imports, """{"idempotencyKey": "nightly"}""");
        using var other = await service.PostAsync(Imports, """{"dryRun": true}""", ("Idempotency-Key", "nightly"));
        using var both = await service.PostAsync(Imports, """{"idempotencyKey": "weekly"}""", ("Idempotency-Key", "nightly"));

        Assert.Equal((HttpStatusCode.OK, "true"), (again.StatusCode, Assert.Single(again.Headers.GetValues("Idempotent-Replayed"))));
        Assert.Equal(first.Headers.Location!.ToString(), (await HttpService.JsonAsync(again))["href"]!.GetValue<string>());
        await HttpService.ProblemAsync(other, HttpStatusCode.UnprocessableEntity, "Idempotency-Key");
        await HttpService.ProblemAsync(both, HttpStatusCode.BadRequest, "Idempotency-Key");
        Assert.Equal(1, await service.QueryAsync(db => db.ImportRuns.CountAsync(Cancel)));
    }

    [Theory]
    [MemberData(nameof(Unreadable))]
    public async Task A_body_that_cannot_be_read_is_refused_with_a_sentence_and_nothing_is_stored(string body, string parameter, string sentence)
    {
        await using var service = await HttpService.StartAsync(applications: 1);

        using var response = await service.PostAsync(Imports, body);

        Assert.Contains(sentence, await HttpService.ProblemAsync(response, HttpStatusCode.BadRequest, parameter), StringComparison.Ordinal);
        Assert.Equal(0, await service.QueryAsync(db => db.ImportRuns.CountAsync(Cancel)));
    }

    [Fact]
    public async Task A_body_of_another_content_type_is_415()
    {
        await using var service = await HttpService.StartAsync(applications: 1);

        using var response = await service.SendAsync(HttpMethod.Post, Imports, new StringContent("scopeId=1"));

        await HttpService.ProblemAsync(response, HttpStatusCode.UnsupportedMediaType);
    }

    [Theory]
    [InlineData("/api/imports/0195f7a0-0000-7000-8000-000000000001")]
    [InlineData("/api/imports/0195f7a0-0000-7000-8000-000000000001/records")]
    [InlineData("/api/imports/0195f7a0-0000-7000-8000-000000000001/records.xlsx")]
    [InlineData("/api/imports/0195f7a0-0000-7000-8000-000000000001/events")]
    [InlineData("/api/imports/nonsense")]
    [InlineData("/api/nonsense")]
    public async Task What_is_not_there_is_a_404_problem(string address)
    {
        await using var service = await HttpService.StartAsync(applications: 1);

        using var response = await service.GetAsync(address);

        Assert.Equal((HttpStatusCode.NotFound, "application/problem+json"), (response.StatusCode, response.Content.Headers.ContentType?.MediaType));
    }

    [Theory]
    [InlineData("?state=gone", "state", "state is 'gone'; it must be one of Queued, Running, Interrupted, Failed, Completed, Cancelled.")]
    [InlineData("?limit=0", "limit", "limit is '0'; it must be a whole number from 1 to 500.")]
    [InlineData("?offset=-1", "offset", "offset is '-1'; it must be a whole number from 0 to 2147483647.")]
    [InlineData("?from=yesterday", "from", "from is 'yesterday'; it must be a date and time such as 2026-03-01T04:30:00Z.")]
    public async Task A_filter_that_cannot_be_read_is_named(string query, string parameter, string sentence)
    {
        await using var service = await HttpService.StartAsync(applications: 1);

        using var response = await service.GetAsync(Imports + query);

        Assert.Equal(sentence, await HttpService.ProblemAsync(response, HttpStatusCode.BadRequest, parameter));
    }

    [Fact]
    public async Task Lists_are_paged_without_losing_or_repeating_anything()
    {
        await using var service = await HttpService.StartAsync(applications: 12);
        var address = "";
        for (var number = 0; number < 5; number++)
        {
            using var created = await service.PostAsync(Imports, """{"importMode": "Full"}""");
            address = number == 0 ? created.Headers.Location!.ToString() : address;
            await service.UntilAsync(created.Headers.Location!.ToString(), "Completed");
        }

        var runs = await PagesAsync(service, $"{Imports}?limit=2");
        var records = await PagesAsync(service, $"{address}/records?limit=5&outcome=created&elementName=CandidateProfile");

        Assert.Equal((5, 5), (runs.Count, runs.Select(run => run["runId"]!.GetValue<string>()).Distinct().Count()));
        Assert.Equal(
            service.Sandbox.ApplicationIds().Order(),
            records.Select(record => record["referenceId"]!.GetValue<string>()).Order());
        Assert.All(records, record => Assert.Equal((1, "Created"), (record["attempts"]!.GetValue<int>(), record["outcome"]!.GetValue<string>())));
    }

    [Fact]
    public async Task A_record_that_could_not_be_stored_says_why_and_how_often_it_was_tried()
    {
        await using var service = await HttpService.StartAsync(settings: [new("Hokify:Ledger:FirstInterval", "00:00:00")]);
        service.Sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.OverlongText) { Times = 1 });

        using var first = await service.PostAsync(Imports, """{"importMode": "Full"}""");
        await service.UntilAsync(first.Headers.Location!.ToString(), "Completed");
        using var second = await service.PostAsync(Imports, """{"unixSecondsFrom": 946684800}""");
        await service.UntilAsync(second.Headers.Location!.ToString(), "Completed");

        var record = Assert.Single(await PagesAsync(service, $"{second.Headers.Location}/records?outcome=waiting"));
        Assert.Equal((2, "Candidate"), (record["attempts"]!.GetValue<int>(), record["elementName"]!.GetValue<string>()));
        Assert.Contains("10000", record["reason"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Empty(await PagesAsync(service, $"{second.Headers.Location}/records?referenceId=nobody"));
    }

    [Fact]
    public async Task A_cancelled_import_stops_between_two_batches_and_goes_on_from_there_when_it_is_asked_for_again()
    {
        await using var service = await HttpService.StartAsync(applications: 60);
        service.Sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.Slow) { After = 1, Times = null, Delay = TimeSpan.FromMilliseconds(300) });
        using var created = await service.PostAsync(Imports, """{"importMode": "Full"}""", ("Idempotency-Key", "k"));
        var address = created.Headers.Location!.ToString();
        await ImportSetup.Until(async () => (await service.QueryAsync(db => db.ImportRuns.SingleAsync(Cancel))).Checkpoint is not null);

        using var cancelled = await service.SendAsync(HttpMethod.Delete, address);
        var stopped = await service.UntilAsync(address, "Cancelled");
        using var twice = await service.SendAsync(HttpMethod.Delete, address);

        Assert.Equal((HttpStatusCode.Accepted, HttpStatusCode.OK), (cancelled.StatusCode, twice.StatusCode));
        var fetched = stopped["summary"]!["fetched"]!.GetValue<int>();
        Assert.InRange(fetched, 10, 50);
        Assert.StartsWith($"offset:{fetched}:", stopped["checkpoint"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal(fetched, await service.QueryAsync(db => db.CandidateProfiles.CountAsync(Cancel)));
        Assert.Null((await service.QueryAsync(db => db.Scopes.SingleAsync(Cancel))).LeaseOwner);

        service.Sandbox.Faults.Clear();
        using var again = await service.PostAsync(Imports, """{"importMode": "Full"}""", ("Idempotency-Key", "k"));
        var completed = await service.UntilAsync(address, "Completed");
        using var tooLate = await service.SendAsync(HttpMethod.Delete, address);

        Assert.Equal((HttpStatusCode.Accepted, address), (again.StatusCode, again.Headers.Location!.ToString()));
        Assert.Equal((60, 60), (completed["result"]!["CreatedCounts"]!["CandidateProfile"]!.GetValue<int>(), completed["result"]!["StatsCounter"]!["Fetched"]!.GetValue<int>()));
        await HttpService.ProblemAsync(tooLate, HttpStatusCode.Conflict);
    }

    [Fact]
    public async Task A_cancelled_import_is_woken_by_a_message_of_anybody_but_not_by_a_nudge_that_was_under_way()
    {
        await using var service = await HttpService.StartAsync();
        service.Sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.Slow) { Times = null, Delay = TimeSpan.FromMilliseconds(500) });
        using var first = await service.PostAsync(Imports, "{}", ("Idempotency-Key", "first"));
        using var second = await service.PostAsync(Imports, "{}", ("Idempotency-Key", "second"));
        using var cancelled = await service.SendAsync(HttpMethod.Delete, second.Headers.Location!.ToString());
        service.Sandbox.Faults.Clear();

        // A nudge that the first run's end may have sent, and one that was delayed, come to nothing.
        await service.UntilAsync(first.Headers.Location!.ToString(), "Completed");
        var bus = service.Services.GetRequiredService<IBus>();
        await bus.Publish(new HokifyImportRequested { IdempotencyKey = "second" }, context => Nudges.MarkAsNudge(context, TimeProvider.System.GetUtcNow()), Cancel);
        using var third = await service.PostAsync(Imports, "{}", ("Idempotency-Key", "third"));
        await service.UntilAsync(third.Headers.Location!.ToString(), "Completed");
        var still = await HttpService.JsonAsync(await service.GetAsync(second.Headers.Location!.ToString()));
        await bus.Publish(new HokifyImportRequested { IdempotencyKey = "second" }, Cancel);
        await service.UntilAsync(second.Headers.Location!.ToString(), "Completed");

        Assert.Equal(HttpStatusCode.OK, cancelled.StatusCode);
        Assert.Equal("Cancelled", still["summary"]!["state"]!.GetValue<string>());
    }

    [Fact]
    public async Task What_another_run_wrote_while_a_cancelled_full_import_stood_still_is_not_taken_for_missing()
    {
        await using var service = await HttpService.StartAsync(applications: 60);
        service.Sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.Slow) { After = 1, Times = null, Delay = TimeSpan.FromMilliseconds(300) });
        using var full = await service.PostAsync(Imports, """{"importMode": "Full"}""", ("Idempotency-Key", "full"));
        await ImportSetup.Until(async () => (await service.QueryAsync(db => db.ImportRuns.SingleAsync(Cancel))).Checkpoint is not null);
        using var cancelled = await service.SendAsync(HttpMethod.Delete, full.Headers.Location!.ToString());
        await service.UntilAsync(full.Headers.Location.ToString(), "Cancelled");
        service.Sandbox.Faults.Clear();
        service.Sandbox.Advance(@new: 5);
        using var between = await service.PostAsync(Imports, "{}");
        await service.UntilAsync(between.Headers.Location!.ToString(), "Completed");

        using var again = await service.PostAsync(Imports, """{"importMode": "Full"}""", ("Idempotency-Key", "full"));
        await service.UntilAsync(full.Headers.Location.ToString(), "Completed");

        Assert.Equal((65, 0), await service.QueryAsync(async db => (await db.CandidateProfiles.CountAsync(Cancel), await db.CandidateProfiles.CountAsync(p => p.IsDeleted, Cancel))));
    }

    [Fact]
    public async Task Server_sent_events_follow_an_import_to_its_end()
    {
        await using var service = await HttpService.StartAsync(applications: 60);
        service.Sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.Slow) { Times = null, Delay = TimeSpan.FromMilliseconds(400) });
        using var created = await service.PostAsync(Imports, "{}");

        using var request = new HttpRequestMessage(HttpMethod.Get, $"{created.Headers.Location}/events");
        using var response = await service.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel);
        var lines = (await response.Content.ReadAsStringAsync(Cancel)).Split('\n');

        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        var events = lines.Where(line => line.StartsWith("event: ", StringComparison.Ordinal)).ToList();
        var data = lines.Where(line => line.StartsWith("data: ", StringComparison.Ordinal)).Select(line => JsonNode.Parse(line[6..])!).ToList();
        Assert.Equal("event: end", events[^1]);
        Assert.True(events.Count >= 3, string.Join(", ", events));
        Assert.Equal(("Completed", 60), (data[^1]["state"]!.GetValue<string>(), data[^1]["fetched"]!.GetValue<int>()));
        Assert.Equal(data.Select(progress => progress["fetched"]!.GetValue<int>()).Order(), data.Select(progress => progress["fetched"]!.GetValue<int>()));
    }

    [Fact]
    public async Task The_list_goes_on_behind_the_last_import_of_a_page_or_by_offset_and_not_by_both()
    {
        await using var service = await HttpService.StartAsync(applications: 0);
        for (var index = 0; index < 5; index++)
        {
            using var posted = await service.PostAsync("/api/imports", $$"""{"idempotencyKey":"number {{index}}"}""");
            Assert.Equal(HttpStatusCode.Accepted, posted.StatusCode);
        }

        var first = await HttpService.JsonAsync(await service.GetAsync("/api/imports?limit=2"));
        var second = await HttpService.JsonAsync(await service.GetAsync(first["next"]!.GetValue<string>()));
        var byOffset = await HttpService.JsonAsync(await service.GetAsync("/api/imports?limit=2&offset=2"));

        Assert.Equal($"/api/imports?limit=2&after={first["items"]![1]!["runId"]}", first["next"]!.GetValue<string>());
        Assert.Equal(byOffset["items"]!.AsArray().Select(item => $"{item!["runId"]}"), second["items"]!.AsArray().Select(item => $"{item!["runId"]}"));
        Assert.Equal("/api/imports?limit=2&offset=4", byOffset["next"]!.GetValue<string>());
        Assert.Equal((5, 5, 2), (first["total"]!.GetValue<int>(), second["total"]!.GetValue<int>(), byOffset["offset"]!.GetValue<int>()));
        Assert.Null(second["offset"]);
        foreach (var (query, sentence) in new[]
        {
            ("after=5", "after is '5'; it must be the id of the last import of the page before."),
            ($"after={Guid.Empty}", $"There is no run {Guid.Empty} to go on behind; 'after' must be the id of a listed run."),
            ($"after={first["items"]![1]!["runId"]}&offset=1", "after and offset are two ways to say where the list goes on; leave one of them out."),
        })
        {
            Assert.Equal(sentence, await HttpService.ProblemAsync(await service.GetAsync($"/api/imports?{query}"), HttpStatusCode.BadRequest, "after"));
        }
    }

    private static async Task<List<JsonNode>> PagesAsync(HttpService service, string address)
    {
        var items = new List<JsonNode>();
        for (var next = address; next is not null;)
        {
            var page = await HttpService.JsonAsync(await service.GetAsync(next));
            items.AddRange(page["items"]!.AsArray().Select(item => item!));
            next = page["next"]?.GetValue<string>();
        }

        return items;
    }
}
