using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;

namespace HokifyMessaging.Sandbox.Http;

/// <summary>The ATS API: today's under <c>/ats-api</c> and that of 2019 under <c>/ats-api/v1</c>.</summary>
internal sealed class AtsApi(SandboxOptions options, FrontDoor door, SandboxFaults faults)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/ats-api/auth/token", TokenAsync);
        routes.MapGet("/ats-api/application/getAllApplications", door.Fetch(TokenKind.Access, call => ListAsync(call, options.AllApplicationsShape)));
        routes.MapGet("/ats-api/application/latestApplications", door.Fetch(TokenKind.Access, call => ListAsync(call, options.LatestApplicationsShape)));
        routes.MapGet("/ats-api/application/getApplicationsBySourceId", door.Fetch(TokenKind.Access, BySourceIdAsync));

        routes.MapPost("/ats-api/v1/auth/token", TokenAsync);
        routes.MapPost("/ats-api/v1/application/getApplications", door.Fetch(TokenKind.Access, MatchesAsync));
    }

    private async Task TokenAsync(HttpContext context)
    {
        if (Basic(context) is not var (mandator, secret))
        {
            context.Response.Headers.WWWAuthenticate = "Basic realm=\"hokify\"";
            await FrontDoor.ErrorAsync(context, StatusCodes.Status401Unauthorized, "Basic credentials are missing: mandator and token.");
            return;
        }

        await door.LoginAsync(context, TokenKind.Access, mandator, secret, async (struck, token) =>
        {
            if (token is null)
            {
                context.Response.Headers.WWWAuthenticate = "Basic realm=\"hokify\"";
                await FrontDoor.ErrorAsync(context, StatusCodes.Status401Unauthorized, "Mandator and token do not belong together.");
                return;
            }

            var seconds = (long)options.TokenLifetime.TotalSeconds;
            await FrontDoor.JsonAsync(context, json =>
            {
                json.WriteString("access_token", token);
                if (options.ExpiresInAsText)
                {
                    json.WriteString("expires_in", seconds.ToString(CultureInfo.InvariantCulture));
                }
                else
                {
                    json.WriteNumber("expires_in", seconds);
                }
            }, struck);
        });
    }

    private Task BySourceIdAsync(FetchCall call)
    {
        var sourceId = $"{call.Http.Request.Query["sourceId"]}";
        return sourceId.Length == 0
            ? FrontDoor.ErrorAsync(call.Http, StatusCodes.Status400BadRequest, "sourceId is missing.")
            : ListAsync(call, options.BySourceIdShape, call.Data.Jobs.WithSourceId(sourceId));
    }

    private Task ListAsync(FetchCall call, SandboxShape shape, IReadOnlySet<int>? relations = null)
    {
        if (!Window.TryRead(call, options, out var window, out var problem))
        {
            return FrontDoor.ErrorAsync(call.Http, StatusCodes.Status400BadRequest, problem);
        }

        var list = new RelationList(call.Data, call.Data.Now, faults, call.Faults);
        var selection = list.Snapshot.Select(window.From, window.To, options.FilterOn, options.Order);
        var items = shape switch
        {
            SandboxShape.Grouped when options.OffsetCounts == SandboxOffsetUnit.Groups => list.WholeGroups(selection, relations, window),
            SandboxShape.Grouped => list.Groups(Page()),
            _ => list.Items(Page(), inArray: shape == SandboxShape.ArrayPerItem),
        };
        return call.Body.SendJsonAsync(JsonSteps.List(call.Faults, items));

        IEnumerable<int> Page()
        {
            var page = list.Page(selection, relations, window);
            if (call.Faults.RepeatedLastPage && !page.Any())
            {
                page = list.Page(selection, relations, new Window(window.From, window.To, 0, int.MaxValue)).TakeLast(window.Limit);
            }

            if (call.Faults.ShortPage)
            {
                page = page.Take(window.Limit / 2);
            }

            return call.Faults.RepeatedRecord ? page.Take(1).Concat(page) : page;
        }
    }

    private Task MatchesAsync(FetchCall call)
    {
        var snapshot = call.Data.Now;
        var matches = snapshot.Select(null, null, options.FilterOn, options.Order).All.Select(index => new Action<Utf8JsonWriter>(json =>
            json.WriteMatch(call.Data.Application(snapshot, index, RelationList.FlawsOf(call.Data, faults, call.Faults, index)))));
        return call.Body.SendJsonAsync(JsonSteps.List(call.Faults, matches));
    }

    private static (string Mandator, string Secret)? Basic(HttpContext context)
    {
        const string Scheme = "Basic ";
        var header = $"{context.Request.Headers.Authorization}";
        if (!header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        Span<byte> bytes = new byte[header.Length];
        if (!Convert.TryFromBase64String(header[Scheme.Length..].Trim(), bytes, out var length))
        {
            return null;
        }

        var credentials = Encoding.UTF8.GetString(bytes[..length]);
        var colon = credentials.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 ? null : (credentials[..colon], credentials[(colon + 1)..]);
    }
}
