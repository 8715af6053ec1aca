using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace HokifyMessaging.Tests.Reading.ExternApi;

public sealed class ExternApiTests
{
    private const string LoginPath = "/api/api-login";
    internal const string ListPath = "/api/get-all-applications-extern";

    internal static Task<HokifyStub> StartAsync(Func<HttpContext, int, Task> answer) =>
        HokifyStub.StartAsync((context, count) => context.Request.Path == LoginPath
            ? context.JsonAsync($$"""{"success":true,"sessionToken":"session-{{count}}"}""")
            : answer(context, count));

    internal static ReadingSetup Setup(HokifyStub stub, bool csv = false, TimeProvider? clock = null) => new(
        new ScopeOptions
        {
            Name = "Test",
            Source = SourceKind.ExternApi,
            ExternApi = new ExternApiOptions
            {
                BaseAddress = new Uri(stub.Address, "/api"),
                Mandator = "company",
                Token = "s3cret",
                Csv = csv,
                Http = ReadingSetup.Impatient,
            },
        },
        clock);

    private static string List(int count) =>
        $"[{string.Join(',', Enumerable.Range(1, count).Select(number => $$"""{"matchId":"m{{number}}","jobId":"j","email":"m{{number}}@example.org"}"""))}]";

    internal static string Csv(int count) =>
        "matchId,jobId,email\r\n" + string.Concat(Enumerable.Range(1, count).Select(number => $"m{number},j,m{number}@example.org\r\n"));

    internal static string[] Ids(int first, int last) => [.. Enumerable.Range(first, last - first + 1).Select(number => $"m{number}")];

    [Fact]
    public async Task The_window_is_asked_for_within_a_session()
    {
        await using var stub = await StartAsync((context, _) => context.JsonAsync(List(3)));
        using var setup = Setup(stub);

        Assert.Equal(Ids(1, 3), (await setup.ReadAsync()).Ids());
        await setup.ReadAsync(ReadingSetup.Window with { From = null });

        var login = JsonSerializer.Deserialize<Dictionary<string, string>>(Assert.Single(stub.To(LoginPath)).Body)!;
        Assert.Equal(("company", "s3cret", 2), (login["mandator"], login["token"], login.Count));
        Assert.All(stub.To(ListPath), asked => Assert.Equal("session-1", asked.Headers["x-session-token"]));
        Assert.All(stub.To(ListPath), asked => Assert.Equal("2026-03-01T12:00:00.000Z", asked["endTime"]));
        Assert.All(stub.To(ListPath), asked => Assert.Null(asked["csv"]));
        Assert.Equal(["2026-02-01T00:30:00.250Z", null], stub.To(ListPath).Select(asked => asked["startTime"]));
    }

    [Fact]
    public async Task A_long_answer_comes_in_slices_and_can_be_resumed_behind_each()
    {
        await using var stub = await StartAsync((context, _) => context.JsonAsync(List(1200)));
        using var setup = Setup(stub);

        var pages = await setup.ReadAsync();
        Assert.Equal([500, 500, 200], pages.Select(page => page.Records.Count));
        Assert.Equal([true, false, false], pages.Select(page => page.StartsResponse));
        Assert.Equal(Ids(1, 1200), pages.Ids());
        Assert.Equal("ExternApi item 501", pages[1].Position);
        Assert.Equal("ExternApi item 502", pages[1].Records[1].Position);

        Assert.Equal(Ids(1001, 1200), (await setup.ReadAsync(checkpoint: pages[1].Checkpoint)).Ids());
    }

    [Fact]
    public async Task A_list_that_breaks_off_behind_a_slice_is_read_on()
    {
        await using var stub = await StartAsync((context, count) =>
            count == 1 ? context.CutAsync(List(700)[..^1] + ",") : context.JsonAsync(List(800)));
        using var setup = Setup(stub);

        Assert.Equal(Ids(1, 800), (await setup.ReadAsync()).Ids());
    }

    [Fact]
    public async Task CSV_is_asked_for_and_read()
    {
        await using var stub = await StartAsync((context, _) => context.JsonAsync(Csv(700)));
        using var setup = Setup(stub, csv: true);

        var pages = await setup.ReadAsync();

        Assert.Equal(Ids(1, 700), pages.Ids());
        Assert.Equal("ExternApi line 3", pages[0].Records[1].Position);
        Assert.Equal("true", Assert.Single(stub.To(ListPath))["csv"]);
        Assert.Equal(Ids(501, 700), (await setup.ReadAsync(checkpoint: pages[0].Checkpoint)).Ids());
    }

    [Fact]
    public async Task CSV_that_breaks_off_is_read_on()
    {
        await using var stub = await StartAsync((context, count) => count == 1 ? context.CutAsync(Csv(600)) : context.JsonAsync(Csv(700)));
        using var setup = Setup(stub, csv: true);

        Assert.Equal(Ids(1, 700), (await setup.ReadAsync()).Ids());
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("")]
    public async Task A_window_without_applications_is_empty_in_CSV_too(string body)
    {
        await using var stub = await StartAsync((context, _) => context.JsonAsync(body));
        using var setup = Setup(stub, csv: true);

        Assert.Empty(await setup.ReadAsync());
    }

    [Fact]
    public async Task A_page_of_HTML_is_no_CSV()
    {
        await using var stub = await StartAsync((context, _) => context.JsonAsync("<html>matchId"));
        using var setup = Setup(stub, csv: true);

        Assert.Equal("ExternApi: the answer is not CSV (it begins with '<').", await setup.FailureAsync());
    }

    [Theory]
    [InlineData("<html>", "(it begins with '<')")]
    [InlineData("""{"items":[]}""", "(it begins with '{')")]
    [InlineData("", "(it is empty)")]
    public async Task An_answer_that_is_no_list_is_refused(string body, string problem)
    {
        await using var stub = await StartAsync((context, _) => context.JsonAsync(body));
        using var setup = Setup(stub);

        Assert.Equal($"ExternApi: the answer is not a JSON array {problem}.", await setup.FailureAsync());
    }

    [Fact]
    public async Task A_bad_element_is_a_rejection_and_stops_nothing()
    {
        await using var stub = await StartAsync((context, _) => context.JsonAsync("""[7,{"matchId":"m2","email":"m2@example.org"},{"jobId":"j"}]"""));
        using var setup = Setup(stub);

        Assert.Equal(["(ExternApi item 1)", "m2", "(ExternApi item 3)"], (await setup.ReadAsync()).Ids());
    }

    [Fact]
    public async Task A_session_is_renewed_before_its_24_hours_are_over()
    {
        var clock = new TimerClock();
        await using var stub = await StartAsync((context, _) => context.JsonAsync("[]"));
        using var setup = Setup(stub, clock: clock);

        await setup.ReadAsync();
        clock.Advance(TimeSpan.FromHours(23.9));
        await setup.ReadAsync();
        Assert.Single(stub.To(LoginPath));

        clock.Advance(TimeSpan.FromHours(0.09));
        await setup.ReadAsync();
        Assert.Equal(2, stub.To(LoginPath).Count);
    }

    [Theory]
    [InlineData(401)]
    [InlineData(403)]
    public async Task A_session_that_has_ended_is_replaced_once(int status)
    {
        await using var stub = await StartAsync((context, _) =>
            context.Request.Headers["x-session-token"] == "session-1" ? context.JsonAsync("{}", status) : context.JsonAsync(List(1)));
        using var setup = Setup(stub);

        Assert.Equal(["m1"], (await setup.ReadAsync()).Ids());
        Assert.Equal(2, stub.To(LoginPath).Count);
    }

    [Theory]
    [InlineData(401)]
    [InlineData(403)]
    public async Task A_second_refusal_says_that_the_credentials_were_refused(int status)
    {
        await using var stub = await StartAsync((context, _) => context.JsonAsync("{}", status));
        using var setup = Setup(stub);

        var failure = await setup.FailureAsync();

        Assert.Contains("refused the scope's credentials", failure, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", failure, StringComparison.Ordinal);
        Assert.Equal(2, stub.To(ListPath).Count);
    }

    [Theory]
    [InlineData(200)]
    [InlineData(400)]
    public async Task A_login_without_success_gives_hokifys_code_and_neither_its_words_nor_the_token(int status)
    {
        await using var stub = await HokifyStub.StartAsync((context, _) => context.JsonAsync(
            JsonSerializer.Serialize(new { success = false, code = "unknown_token", msg = "token s3cret of Erika Mustermann\nis unknown" }), status));
        using var setup = Setup(stub);

        var failure = await setup.FailureAsync();

        Assert.Equal(
            $"ExternApi, POST api-login: hokify answered {(status == 200 ? "200 (OK)" : "400 (BadRequest)")} without success with the code unknown_token; the run's details have its words.",
            failure);
        Assert.Single(stub.Requests);
    }

    [Theory]
    [InlineData(200)]
    [InlineData(400)]
    public async Task A_refusal_instead_of_the_list_gives_its_status(int status)
    {
        await using var stub = await StartAsync((context, _) => context.JsonAsync("""{"success":false,"msg":"startTime is invalid"}""", status));
        using var setup = Setup(stub);

        Assert.Equal(
            $"ExternApi: hokify answered {(status == 200 ? "200 (OK)" : "400 (BadRequest)")} without success; the run's details have its words.",
            await setup.FailureAsync());
        Assert.Single(stub.To(ListPath));
    }

    [Fact]
    public async Task A_fault_that_passes_costs_nothing_but_time()
    {
        await using var stub = await StartAsync((context, count) => count < 3 ? context.JsonAsync("later", 502) : context.JsonAsync(List(2)));
        using var setup = Setup(stub);

        Assert.Equal(["m1", "m2"], (await setup.ReadAsync()).Ids());
    }
}
