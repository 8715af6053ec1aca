using System.Net.Http.Json;
using System.Text.Json.Nodes;
using HokifyMessaging.Sandbox;
using static HokifyMessaging.Tests.Sandbox.Reader;

namespace HokifyMessaging.Tests.Sandbox;

public sealed class SwaggerTruthTests
{
    private static readonly Swagger AtsApi = new("ats-api-v1-swagger.json");
    private static readonly Swagger ExternApi = new("extern-api-swagger.json");

    [Fact]
    public async Task Every_match_of_2019_is_what_the_Swagger_file_says_and_nothing_else()
    {
        var (sandbox, reader) = await LoggedInAsync(new SandboxOptions { Applications = 300 });
        await using var _ = sandbox;
        using var __ = reader;
        sandbox.Advance(@new: 10, changed: 20, erased: 10);

        var matches = await reader.MatchesAsync();

        Assert.Equal(310, matches.Count);
        Assert.Empty(matches.SelectMany(match => AtsApi.Objections("IAPIMatchWithUserAndRecruiterJob", match)).Distinct());
        foreach (var list in new[] { "experiences", "educations", "skills" })
        {
            Assert.Contains(matches, match => match["user"]!["cvInfo"]![list]!.AsArray().Count > 0);
        }

        Assert.Contains(matches, match => match["answers"]!.AsArray().Count > 0);
    }

    [Fact]
    public async Task Todays_user_job_and_questions_are_those_of_2019()
    {
        var (sandbox, reader) = await LoggedInAsync(new SandboxOptions { Applications = 100 });
        await using var _ = sandbox;
        using var __ = reader;

        var applications = await reader.AllApplicationsAsync();

        Assert.Empty(applications.SelectMany(a => AtsApi.Objections("IAPIUser", a["user"])).Distinct());
        Assert.Empty(applications.Where(a => a["job"] is not null).SelectMany(a => AtsApi.Objections("IAPIJobForRecruiter", a["job"])).Distinct());
        Assert.Empty(applications.SelectMany(a => a["interviewQuestions"]!.AsArray()).SelectMany(q => AtsApi.Objections("IInterviewQuestion", q)).Distinct());
        Assert.All(applications, a => Assert.NotEmpty((string?)a["contactStage"] ?? ""));
    }

    [Fact]
    public async Task Every_row_of_2018_is_what_the_Swagger_file_says()
    {
        await using var sandbox = await HokifySandbox.StartAsync(new SandboxOptions { Applications = 300 }, Cancellation);
        using var reader = new Reader(sandbox);
        await reader.LogInExternAsync();
        sandbox.Advance(erased: 10);

        var rows = await reader.ListAsync("api/get-all-applications-extern");

        Assert.Empty(rows.SelectMany(row => ExternApi.Objections("AllApplicantsResponseElement", row)).Distinct());
        Assert.All(new[] { "jobId", "jobSourceId", "matchId", "name", "email", "hokifyMail", "fileProfile", "fileCV", "nationality", "phone", "birthday", "gender" },
            member => Assert.Contains(rows, row => row[member] is not null));
    }

    [Fact]
    public async Task Logins_answer_as_the_Swagger_files_say()
    {
        await using var sandbox = await HokifySandbox.StartAsync(new SandboxOptions { Applications = 0 }, Cancellation);
        using var reader = new Reader(sandbox);

        using var token = await reader.TokenAsync("ats-api/v1/auth/token", "demo", "demo-token");
        using var session = await reader.PostAsync("api/api-login", new { mandator = "demo", token = "demo-token" });

        Assert.Empty(AtsApi.Objections("AuthTokenResponse", await token.Content.ReadFromJsonAsync<JsonNode>(Cancellation)));
        Assert.Empty(ExternApi.Objections("APILoginResponse", await session.Content.ReadFromJsonAsync<JsonNode>(Cancellation)));
    }

    [Fact]
    public async Task The_Swagger_file_would_notice_a_departure()
    {
        var (sandbox, reader) = await LoggedInAsync(new SandboxOptions { Applications = 1 });
        await using var _ = sandbox;
        using var __ = reader;
        var match = (await reader.MatchesAsync())[0];

        match.Remove("openMessages");
        match["likeuser"] = "maybe";
        match["user"]!["language"] = 1;
        match["user"]!["mood"] = "fine";
        match["job"]!["date"] = "today";

        Assert.Equal(
            ["openMessages is missing", "likeuser is not one of the enumerated values", "user.language is a Number, not a string", "user.mood is unknown", "job.date is not a date"],
            AtsApi.Objections("IAPIMatchWithUserAndRecruiterJob", match).Select(o => o["IAPIMatchWithUserAndRecruiterJob.".Length..]));
    }
}
