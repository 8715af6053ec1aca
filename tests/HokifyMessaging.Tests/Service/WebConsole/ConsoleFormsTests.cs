using System.Net;
using System.Text.RegularExpressions;
using HokifyMessaging.Applications;
using HokifyMessaging.Service.Http.Keys;
using HokifyMessaging.Storage;
using HokifyMessaging.Tests.Service.Http;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace HokifyMessaging.Tests.Service.WebConsole;

/// <summary>The forms of all pages: who is shown them, and from where they may come.</summary>
public sealed partial class ConsoleFormsTests : IAsyncLifetime
{
    /// <summary>What whoever may read may press, which changes nothing.</summary>
    private static readonly string[] Harmless = ["/console/language", "/console/sign-out", "/console/explain"];

    private readonly string _reader = ApiKey.Create();
    private readonly string _importer = ApiKey.Create();
    private readonly string _operator = ApiKey.Create();
    private HttpService _service = null!;
    private Guid _done;
    private Guid _dry;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _service = await HttpService.StartAsync(applications: 5, settings:
        [
            new("Hokify:Scopes:1:Schedules:nightly:Cron", "30 2 * * *"),
            .. Key("reader", _reader, "read"),
            .. Key("importer", _importer, "read,import"),
            .. Key("operator", _operator, "read,operate"),
        ]);
        _dry = await ImportAsync("""{"importMode": "Full", "dryRun": true}""");
        _done = await ImportAsync("""{"importMode": "Full"}""");
        await _service.QueryAsync(async db =>
        {
            db.ActivityLogs.Add(new ActivityLog
            {
                ScopeId = 1,
                RunId = _done,
                LastRunId = _done,
                Name = ActivityName.Rejected,
                Status = ActivityStatus.Parked,
                ReferenceId = "000000000000000000abcdef",
                ElementName = ElementNames.CandidateProfile,
                Command = ActivityLog.Import,
                Date = DateTimeOffset.UnixEpoch.AddYears(55),
                Cause = FailureCause.BadDate,
                Field = "datematch",
                ResultData = "it has no date",
                Data = "{}",
            });
            return await db.SaveChangesAsync(Cancel);
        });
    }

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    [Fact]
    public async Task A_page_shows_a_key_the_buttons_that_it_may_press_and_no_others()
    {
        Assert.Equal([], (await FormsOfAsync(_reader)).Except(Harmless));

        // No right implies another.
        string[] imports = [$"/console/runs/{_dry}/plan?handler=apply", "/console/scopes/1?handler=request"];
        string[] operates =
        [
            $"/console/runs/{_done}?handler=announce", $"/console/runs/{_done}?handler=retry", $"/console/runs/{_dry}?handler=announce", "/console/scopes/1?handler=test",
            "/console/schedules?handler=pause", "/console/schedules?handler=add", "/console/waiting",
        ];
        Assert.Equal(imports.Order(), (await FormsOfAsync(_importer)).Except(Harmless).Order());
        Assert.Equal(operates.Order(), (await FormsOfAsync(_operator)).Except(Harmless).Order());
    }

    [Fact]
    public async Task No_button_of_any_page_does_anything_for_a_form_that_comes_from_elsewhere()
    {
        using var client = await ConsoleClient.SignedInAsync(_service, _operator);
        var pages = _service.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.Metadata.GetMetadata<CompiledPageActionDescriptor>() is not null || endpoint.Metadata.GetMetadata<PageActionDescriptor>() is not null)
            .Select(endpoint => endpoint.RoutePattern.RawText!).ToList();
        Assert.True(pages.Count > 15, string.Join(", ", pages));
        foreach (var page in pages)
        {
            using var form = new FormUrlEncodedContent([]);
            using var answer = await client.Http.PostAsync(Parameter().Replace(page, parameter => parameter.Value.Contains("guid", StringComparison.Ordinal) ? $"{_done}" : "1"), form, Cancel);
            Assert.True(answer.StatusCode == HttpStatusCode.BadRequest, $"{page}: {answer.StatusCode}");
            Assert.Contains("This form belongs to another session", WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync(Cancel)), StringComparison.Ordinal);
        }
    }

    private async Task<HashSet<string>> FormsOfAsync(string key)
    {
        using var client = await ConsoleClient.SignedInAsync(_service, key);
        var forms = new HashSet<string>(StringComparer.Ordinal);
        foreach (var page in new[]
        {
            "runs", $"runs/{_done}", $"runs/{_dry}", $"runs/{_dry}/plan", "explain", "waiting", "scopes", "scopes/1", "schedules", "retention",
        })
        {
            forms.UnionWith(Action().Matches(await client.PageAsync($"/console/{page}")).Select(form => form.Groups["to"].Value));
        }

        return forms;
    }

    private async Task<Guid> ImportAsync(string body)
    {
        using var created = await _service.PostAsync("/api/imports", body, ("X-Api-Key", _importer));
        var id = (await HttpService.JsonAsync(created))["runId"]!.GetValue<Guid>();
        await Importing.ImportSetup.Until(async () => await _service.QueryAsync(db => db.ImportRuns.AnyAsync(run => run.Id == id && run.State == RunState.Completed && run.AnnouncedAt != null, Cancel)));
        return id;
    }

    private static IEnumerable<KeyValuePair<string, string?>> Key(string name, string key, string rights) =>
    [
        new($"Http:Keys:{name}:Hash", KeyHash.Of(key).ToString()),
        new($"Http:Keys:{name}:Scopes", "all"),
        new($"Http:Keys:{name}:Rights", rights),
    ];

    /// <summary>Where a button leads: by its form, which may stand elsewhere and then has an id, or by itself.</summary>
    [GeneratedRegex("""<form id="[^"]+" method="post" action="(?<to>[^"]+)"|<form method="post" action="(?<to>[^"]+)"[^>]*>(?:(?!</form>).)*<button|formaction="(?<to>[^"]+)" """, RegexOptions.Singleline)]
    private static partial Regex Action();

    [GeneratedRegex(@"\{[^}]+\}")]
    private static partial Regex Parameter();
}
