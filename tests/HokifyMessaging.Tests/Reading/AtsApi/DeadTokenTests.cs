using HokifyMessaging.Sandbox;
using Microsoft.AspNetCore.Http;

namespace HokifyMessaging.Tests.Reading.AtsApi;

/// <summary>A token that has died is documented to be a 401; gateways before an API say 403, in JSON or as a page.</summary>
public sealed class DeadTokenTests
{
    private const string Page = "<!DOCTYPE html><html><body><h1>403 Forbidden</h1></body></html>";

    [Theory]
    [InlineData("application/json", """{"message":"The security token included in the request is expired"}""")]
    [InlineData("text/html", Page)]
    [InlineData("text/plain", "")]
    public async Task A_403_for_a_dead_token_is_answered_with_a_fresh_one_once(string contentType, string body)
    {
        await using var stub = await AtsApiStub.StartAsync((context, _) =>
            context.Request.Headers.Authorization == "Bearer token-1" ? ForbiddenAsync(context, contentType, body)
            : context.JsonAsync(AtsApiStub.Number(context, "offset") == 0 ? $"[{AtsApiStub.Item(1)}]" : "[]"));
        using var setup = new ReadingSetup(AtsApiStub.Scope(stub));

        Assert.Equal(["a1"], (await setup.ReadAsync()).Ids());
        Assert.Equal(2, stub.To(AtsApiStub.TokenPath).Count);
        Assert.Single(stub.To(AtsApiStub.PagePath), asked => asked.Headers["Authorization"] == "Bearer token-1");
    }

    [Theory]
    [InlineData(nameof(AtsApiVersion.Current), "GET application/getAllApplications", "AtsApi offset 0")]
    [InlineData(nameof(AtsApiVersion.V1), "POST application/getApplications", "AtsApi V1")]
    public async Task A_403_that_stays_says_what_may_be_the_matter_and_is_not_repeated(string versionName, string call, string position)
    {
        var version = Enum.Parse<AtsApiVersion>(versionName);
        await using var stub = await AtsApiStub.StartAsync((context, _) => ForbiddenAsync(context, "text/html", Page));
        using var setup = new ReadingSetup(AtsApiStub.Scope(stub, api => api.Version = version));

        Assert.Equal(
            $"{position}: hokify issued a token for the scope's credentials and forbids to read with it; AtsApi:Mandator needs the right to read applications, "
            + $"and no proxy or firewall may refuse the call (403 (Forbidden) to {call} even with a fresh token).",
            await setup.FailureAsync());
        Assert.Equal(2, stub.To(version == AtsApiVersion.V1 ? AtsApiStub.ListPath : AtsApiStub.PagePath).Count);
        Assert.Equal(2, stub.To(AtsApiStub.TokenPath).Count);
    }

    [Theory]
    [InlineData(nameof(AtsApiVersion.Current), SandboxDeadToken.Unauthorized)]
    [InlineData(nameof(AtsApiVersion.Current), SandboxDeadToken.Forbidden)]
    [InlineData(nameof(AtsApiVersion.Current), SandboxDeadToken.ForbiddenPage)]
    [InlineData(nameof(AtsApiVersion.V1), SandboxDeadToken.Unauthorized)]
    [InlineData(nameof(AtsApiVersion.V1), SandboxDeadToken.Forbidden)]
    [InlineData(nameof(AtsApiVersion.V1), SandboxDeadToken.ForbiddenPage)]
    [InlineData(null, SandboxDeadToken.Forbidden)]
    [InlineData(null, SandboxDeadToken.ForbiddenPage)]
    public async Task A_token_that_dies_in_the_middle_or_between_two_runs_costs_nothing(string? version, SandboxDeadToken deadToken)
    {
        await using var sandbox = await HokifySandbox.StartAsync(new SandboxOptions { Applications = 45, DeadToken = deadToken }, TestContext.Current.CancellationToken);
        using var setup = new ReadingSetup(Scope(sandbox, version));
        sandbox.Faults.Add(SandboxFaultKind.Unauthorized, after: 2);

        for (var run = 0; run < 3; run++)
        {
            var ids = (await setup.ReadAsync(ReadingSetup.Window with { From = null, To = TimeProvider.System.GetUtcNow() })).Ids();
            Assert.Equal(sandbox.ApplicationIds().Order(), ids.Order());
        }

        Assert.Equal(1, Assert.Single(sandbox.Faults.Active).Hits);
        Assert.Equal(2, sandbox.Requests.Count(request => request.Path.EndsWith("/auth/token", StringComparison.Ordinal) || request.Path.EndsWith("/api-login", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(nameof(AtsApiVersion.Current))]
    [InlineData(nameof(AtsApiVersion.V1))]
    [InlineData(null)]
    public async Task Every_login_says_how_long_it_is(string? version)
    {
        await using var sandbox = await HokifySandbox.StartAsync(new SandboxOptions { Applications = 5, RefuseChunkedLogins = true }, TestContext.Current.CancellationToken);
        using var setup = new ReadingSetup(Scope(sandbox, version));

        Assert.Equal(5, (await setup.ReadAsync(ReadingSetup.Window with { From = null, To = TimeProvider.System.GetUtcNow() })).Ids().Count());
    }

    [Theory]
    [InlineData(nameof(AtsApiVersion.Current))]
    [InlineData(nameof(AtsApiVersion.V1))]
    [InlineData(null)]
    public async Task No_request_is_sent_in_chunks(string? version)
    {
        await using var stub = await HokifyStub.StartAsync((context, _) => context.JsonAsync(
            context.Request.Path.Value!.EndsWith("oken", StringComparison.Ordinal) ? """{"access_token":"t"}"""
            : context.Request.Path.Value.EndsWith("login", StringComparison.Ordinal) ? """{"success":true,"sessionToken":"t"}""" : "[]"));
        using var setup = new ReadingSetup(Scope(new Uri(stub.Address, "/ats-api"), new Uri(stub.Address, "/api"), version));

        Assert.Empty(await setup.ReadAsync());

        Assert.Equal(2, stub.Requests.Count);
        Assert.All(stub.Requests, asked => Assert.False(asked.Headers.ContainsKey("Transfer-Encoding")));
        Assert.All(stub.Requests.Where(asked => asked.Method == "POST"), asked => Assert.Equal($"{asked.Body.Length}", asked.Headers["Content-Length"]));
    }

    private static ScopeOptions Scope(HokifySandbox sandbox, string? version) =>
        Scope(version == nameof(AtsApiVersion.V1) ? sandbox.AtsApiV1 : sandbox.AtsApi, sandbox.ExternApi, version);

    /// <param name="atsApi">Its address.</param>
    /// <param name="externApi">Its address.</param>
    /// <param name="version">Null for the API of 2018.</param>
    private static ScopeOptions Scope(Uri atsApi, Uri externApi, string? version) => new()
    {
        Name = "Test",
        Source = version is null ? SourceKind.ExternApi : SourceKind.AtsApi,
        AtsApi = new AtsApiOptions
        {
            BaseAddress = atsApi,
            Version = version is null ? AtsApiVersion.Current : Enum.Parse<AtsApiVersion>(version),
            Mandator = "demo",
            Token = "demo-token",
            PageSize = 20,
            Http = ReadingSetup.Impatient,
        },
        ExternApi = new ExternApiOptions { BaseAddress = externApi, Mandator = "demo", Token = "demo-token", Http = ReadingSetup.Impatient },
    };

    private static Task ForbiddenAsync(HttpContext context, string contentType, string body)
    {
        (context.Response.StatusCode, context.Response.ContentType) = (StatusCodes.Status403Forbidden, contentType);
        return context.Response.WriteAsync(body, context.RequestAborted);
    }
}
