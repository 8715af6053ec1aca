using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace HokifyMessaging.Tests.Reading.AtsApi;

/// <summary>The two forms of the ATS API with their sign-in, for tests that say what a page holds.</summary>
internal static class AtsApiStub
{
    public const string TokenPath = "/ats-api/auth/token";
    public const string PagePath = "/ats-api/application/getAllApplications";
    public const string ListPath = "/ats-api/application/getApplications";

    private static readonly AsyncLocal<int> Pages = new();

    /// <summary>How many pages the scopes of a test may ask for at once; 1 unless its class says otherwise.</summary>
    public static int PagesAtOnce
    {
        get => Math.Max(1, Pages.Value);
        set => Pages.Value = value;
    }

    public static ScopeOptions Scope(HokifyStub stub, Action<AtsApiOptions>? configure = null)
    {
        var api = new AtsApiOptions
        {
            BaseAddress = new Uri(stub.Address, "/ats-api"),
            Mandator = "company",
            Token = "s3cret",
            PageSize = 2,
            PagesAtOnce = PagesAtOnce,
            Http = ReadingSetup.Impatient,
        };
        configure?.Invoke(api);
        return new ScopeOptions { Name = "Test", AtsApi = api };
    }

    /// <summary>Issues tokens <c>token-1</c>, <c>token-2</c> … and leaves everything else to <paramref name="answer"/>.</summary>
    public static Task<HokifyStub> StartAsync(Func<HttpContext, int, Task> answer, string expiresIn = "86400") =>
        HokifyStub.StartAsync((context, count) => context.Request.Path == TokenPath
            ? context.JsonAsync($$"""{"access_token":"token-{{count}}","expires_in":{{expiresIn}}}""")
            : answer(context, count));

    /// <summary>A server that has these items and counts items.</summary>
    public static Task<HokifyStub> StartAsync(IReadOnlyList<string> items, int cap = int.MaxValue) => StartAsync((context, _) =>
    {
        var (offset, limit) = (Number(context, "offset"), Math.Min(cap, Number(context, "limit")));
        return context.JsonAsync($"[{string.Join(',', items.Skip(offset).Take(limit))}]");
    });

    public static string Item(int number) =>
        $$$"""{"relationType":"job","relationId":"j{{{number}}}","application": {{{Application(number)}}} }""";

    public static string Application(int number) => $$$"""{"user":{"_id":"u{{{number}}}"},"_id":"a{{{number}}}"}""";

    public static string[] Items(int count) => [.. Enumerable.Range(1, count).Select(Item)];

    public static string[] Ids(int count) => [.. Enumerable.Range(1, count).Select(number => $"a{number}")];

    public static int Number(HttpContext context, string parameter) =>
        int.Parse(context.Request.Query[parameter].ToString(), CultureInfo.InvariantCulture);
}
