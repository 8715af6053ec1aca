using System.Collections.Concurrent;
using HokifyMessaging.Sandbox.Data;

namespace HokifyMessaging.Sandbox.Http;

/// <summary>A call that may list applications.</summary>
internal sealed record FetchCall(HttpContext Http, DataSet Data, CallFaults Faults)
{
    public BodyWriter Body { get; } = new(Http, Faults);
}

/// <summary>Every call to one of hokify's APIs comes through here: who is it, and does anything go wrong with it?</summary>
internal sealed class FrontDoor(SandboxOptions options, AccessTokens tokens, SandboxFaults faults, IReadOnlyDictionary<string, DataSet> data)
{
    private readonly ConcurrentDictionary<string, int> _underWay = new();

    public RequestDelegate Fetch(TokenKind kind, Func<FetchCall, Task> list) => async context =>
    {
        var token = kind == TokenKind.Session ? $"{context.Request.Headers["x-session-token"]}" : Bearer(context);
        if (tokens.MandatorOf(kind, token) is not { } mandator)
        {
            await RefuseAsync(context, kind, options.DeadToken);
            return;
        }

        context.Items[typeof(SandboxMandator)] = mandator;
        var underWay = _underWay.AddOrUpdate(mandator, 1, (_, others) => others + 1);
        try
        {
            var struck = faults.Strike(SandboxCall.Fetch, mandator, PagesOf(context.Request), underWay);
            await FetchAsync(context, kind, token, mandator, struck, list);
        }
        finally
        {
            _underWay.AddOrUpdate(mandator, 0, (_, all) => all - 1);
        }
    };

    private async Task FetchAsync(HttpContext context, TokenKind kind, string token, string mandator, CallFaults struck, Func<FetchCall, Task> list)
    {
        if (struck.Answer?.Kind == SandboxFaultKind.Unauthorized)
        {
            tokens.Revoke(kind, token);
        }

        if (await AnswersInsteadAsync(context, kind, options.DeadToken, struck, mandator))
        {
            return;
        }

        if (struck.Moves is { } move)
        {
            data[mandator].Advance(move.New, move.Changed, move.Withdrawn, erased: 0);
        }

        await list(new FetchCall(context, data[mandator], struck));
    }

    /// <summary>A login with mandator and secret that were read by the caller; says the new token, or null where they are wrong.</summary>
    public async Task LoginAsync(HttpContext context, TokenKind kind, string mandator, string secret, Func<CallFaults, string?, Task> answer)
    {
        if (options.RefuseChunkedLogins && context.Request.ContentLength is null)
        {
            await ErrorAsync(context, StatusCodes.Status411LengthRequired, "The request does not say how long it is.");
            return;
        }

        context.Items[typeof(SandboxMandator)] = mandator;
        var struck = faults.Strike(SandboxCall.Login, mandator, default);
        if (await AnswersInsteadAsync(context, kind, SandboxDeadToken.Unauthorized, struck, mandator))
        {
            return;
        }

        if (struck.WrongShape)
        {
            await new BodyWriter(context, struck).SendTextAsync("application/json", ["[]"]);
        }
        else
        {
            await answer(struck, tokens.Issue(kind, mandator, secret));
        }
    }

    /// <summary>A refusal in the words of the API: OAuth's where it is OAuth, hokify's <c>success</c> and <c>msg</c> in 2018; or a page of whatever stands before it.</summary>
    private static Task RefuseAsync(HttpContext context, TokenKind kind, SandboxDeadToken how)
    {
        var status = how == SandboxDeadToken.Unauthorized ? StatusCodes.Status401Unauthorized : StatusCodes.Status403Forbidden;
        context.Response.StatusCode = status;
        if (how == SandboxDeadToken.ForbiddenPage)
        {
            return new BodyWriter(context, new CallFaults()).SendTextAsync("text/html; charset=utf-8", ["<!DOCTYPE html><html><body><h1>403 Forbidden</h1></body></html>"]);
        }

        if (kind == TokenKind.Session)
        {
            return ErrorAsync(context, status, "The session token is missing, unknown or expired; log in with api-login.");
        }

        context.Response.Headers.WWWAuthenticate = "Bearer error=\"invalid_token\"";
        return JsonAsync(context, json =>
        {
            json.WriteString("error", "invalid_token");
            json.WriteString("error_description", "The access token is missing, unknown or expired; get one from auth/token.");
        });
    }

    public static Task ErrorAsync(HttpContext context, int status, string message)
    {
        context.Response.StatusCode = status;
        return JsonAsync(context, json =>
        {
            json.WriteBoolean("success", false);
            json.WriteString("msg", message);
        });
    }

    /// <summary>Sends a small object.</summary>
    public static Task JsonAsync(HttpContext context, Action<Utf8JsonWriter> members, CallFaults? struck = null) =>
        new BodyWriter(context, struck ?? new CallFaults()).SendJsonAsync(
        [
            json =>
            {
                json.WriteStartObject();
                members(json);
                json.WriteEndObject();
            },
        ]);

    private Pages PagesOf(HttpRequest request)
    {
        var hasOffset = long.TryParse(request.Query["offset"], CultureInfo.InvariantCulture, out var offset);
        var hasLimit = long.TryParse(request.Query["limit"], CultureInfo.InvariantCulture, out var limit);
        return new Pages(hasOffset ? offset : 0, Math.Min(hasLimit ? limit : options.DefaultLimit, options.MaxLimit));
    }

    private static string Bearer(HttpContext context)
    {
        const string Scheme = "Bearer ";
        var header = $"{context.Request.Headers.Authorization}";
        return header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? header[Scheme.Length..].Trim() : "";
    }

    private async Task<bool> AnswersInsteadAsync(HttpContext context, TokenKind kind, SandboxDeadToken deadToken, CallFaults struck, string mandator)
    {
        if (struck.Delay > TimeSpan.Zero)
        {
            await Task.Delay(struck.Delay, context.RequestAborted);
        }

        var marking = data.GetValueOrDefault(mandator)?.Marking ?? new Marking("");
        switch (struck.Answer)
        {
            case null:
                return false;
            case { Kind: SandboxFaultKind.Unauthorized }:
                await RefuseAsync(context, kind, deadToken);
                return true;
            case { Kind: SandboxFaultKind.TooManyRequests or SandboxFaultKind.MostAtOnce or SandboxFaultKind.RateLimit } fault:
                RetryAfter(context, fault);
                await ErrorAsync(context, StatusCodes.Status429TooManyRequests, marking.Message("Too many requests."));
                return true;
            case { Kind: SandboxFaultKind.ServiceUnavailable } fault:
                RetryAfter(context, fault);
                await ErrorAsync(context, StatusCodes.Status503ServiceUnavailable, marking.Message("Down for maintenance."));
                return true;
            case { Kind: SandboxFaultKind.NotJson }:
                await new BodyWriter(context, struck).SendTextAsync("text/html", [$"<!DOCTYPE html><html><body><h1>{marking.Message("Wartungsarbeiten")}</h1></body></html>"]);
                return true;
            case { Kind: SandboxFaultKind.Bomb } fault:
                await new BombBody(context, fault).SendAsync();
                return true;
            default:
                await ErrorAsync(context, StatusCodes.Status500InternalServerError, marking.Message("Something went wrong."));
                return true;
        }
    }

    private void RetryAfter(HttpContext context, SandboxFault fault)
    {
        if (fault.RetryAfterSeconds is { } seconds)
        {
            context.Response.Headers.RetryAfter = fault.RetryAfterAsDate
                ? options.Clock.GetUtcNow().AddSeconds(seconds).ToString("R", CultureInfo.InvariantCulture)
                : seconds.ToString(CultureInfo.InvariantCulture);
        }
    }
}
