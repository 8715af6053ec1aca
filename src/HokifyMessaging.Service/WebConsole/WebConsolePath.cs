namespace HokifyMessaging.Service.WebConsole;

/// <summary>The pages for people have their own part of the addresses: there, who asks is known by a session and not by a key, and errors are pages.</summary>
internal static class WebConsolePath
{
    public const string Root = "/console";

    public const string Runs = $"{Root}/runs";

    public const string Waiting = $"{Root}/waiting";

    public const string SignIn = $"{Root}/sign-in";

    /// <summary>Where forms and cookies of the session lie.</summary>
    public static bool Is(HttpContext context) => context.Request.Path.StartsWithSegments(Root, StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether somebody tries to sign in: each try counts, so that nobody can try many.</summary>
    public static bool IsSignIn(HttpContext context) =>
        HttpMethods.IsPost(context.Request.Method) && context.Request.Path.StartsWithSegments(SignIn, StringComparison.OrdinalIgnoreCase);

    public const string Explain = $"{Root}/explain";

    public const string Scopes = $"{Root}/scopes";

    public const string Schedules = $"{Root}/schedules";

    public static string Scope(int scopeId) => string.Create(CultureInfo.InvariantCulture, $"{Scopes}/{scopeId}");

    public static string Run(Guid runId) => $"{Runs}/{runId}";

    public static string Ramp(long rampId) => string.Create(CultureInfo.InvariantCulture, $"{Waiting}/ramps/{rampId}");

    public static string Plan(Guid runId) => $"{Run(runId)}/plan";
}
