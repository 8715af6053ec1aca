using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;

namespace HokifyMessaging.Sandbox.Http;

/// <summary>The "extern" API of 2018 under <c>/api</c>.</summary>
internal sealed class ExternApi(SandboxOptions options, FrontDoor door, SandboxFaults faults)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/api/api-login", LoginAsync);
        routes.MapGet("/api/get-all-applications-extern", door.Fetch(TokenKind.Session, ListAsync));
    }

    private async Task LoginAsync(HttpContext context)
    {
        if (await CredentialsAsync(context) is not var (mandator, secret))
        {
            await FrontDoor.ErrorAsync(context, StatusCodes.Status400BadRequest, "The body has to be JSON or a form with mandator and token.");
            return;
        }

        // A refused login is a 200 in this API: success says so and info why.
        await door.LoginAsync(context, TokenKind.Session, mandator, secret, (struck, token) => FrontDoor.JsonAsync(context, json =>
        {
            json.WriteBoolean("success", token is not null);
            if (token is not null)
            {
                json.WriteString("sessionToken", token);
                return;
            }

            json.WriteStartObject("info");
            json.WriteString("message", "Mandator and token do not belong together.");
            json.WriteEndObject();
        }, struck));
    }

    private Task ListAsync(FetchCall call)
    {
        if (!Window.TryRead(call, options, out var window, out var problem))
        {
            return FrontDoor.ErrorAsync(call.Http, StatusCodes.Status400BadRequest, problem);
        }

        var csv = $"{call.Http.Request.Query["csv"]}";
        if (csv is not ("" or "true" or "false"))
        {
            return FrontDoor.ErrorAsync(call.Http, StatusCodes.Status400BadRequest, "csv is not true or false.");
        }

        var snapshot = call.Data.Now;
        var applications = snapshot.Select(window.From, window.To, options.FilterOn, options.Order).All
            .Select(index => call.Data.Application(snapshot, index, RelationList.FlawsOf(call.Data, faults, call.Faults, index)));
        var body = call.Body.In(options.ExternCharset, options.ExternNamesCharset);
        return csv == "true" && !call.Faults.WrongShape
            ? body.SendTextAsync("text/csv", applications.Select(ExternRow.Csv).Prepend(ExternRow.Header(call.Faults.UnknownMembers)))
            : body.SendJsonAsync(JsonSteps.List(call.Faults, applications.Select(a => new Action<Utf8JsonWriter>(json => json.WriteExternRow(a)))));
    }

    private static async Task<(string Mandator, string Secret)?> CredentialsAsync(HttpContext context)
    {
        try
        {
            if (context.Request.HasFormContentType)
            {
                var form = await context.Request.ReadFormAsync(context.RequestAborted);
                return form.TryGetValue("mandator", out var id) && form.TryGetValue("token", out var key) ? ($"{id}", $"{key}") : null;
            }

            using var body = await JsonDocument.ParseAsync(context.Request.Body, default, context.RequestAborted);
            return body.RootElement.ValueKind == JsonValueKind.Object && Text(body, "mandator") is { } mandator && Text(body, "token") is { } token
                ? (mandator, token)
                : null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidDataException)
        {
            return null;
        }
    }

    private static string? Text(JsonDocument body, string name) =>
        body.RootElement.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
