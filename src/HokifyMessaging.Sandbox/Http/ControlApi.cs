using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;

namespace HokifyMessaging.Sandbox.Http;

/// <summary>The sandbox by remote control, under <c>/sandbox</c>: what <see cref="HokifySandbox"/> offers in code.</summary>
internal sealed class ControlApi(HokifySandbox sandbox, SandboxOptions options)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow };

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/sandbox/advance", context => AnswerAsync<AdvanceOrder>(context, order =>
            sandbox.Advance(order.New, order.Changed, order.Withdrawn, order.Erased, order.Mandator)));
        routes.MapPost("/sandbox/faults", context => AnswerAsync<JsonElement>(context, body =>
        {
            var ordered = body.ValueKind == JsonValueKind.Array ? body.Deserialize<SandboxFault[]>(Json)! : [body.Deserialize<SandboxFault>(Json)!];
            foreach (var fault in ordered)
            {
                sandbox.Faults.Add(fault);
            }

            return sandbox.Faults.Active;
        }));
        routes.MapDelete("/sandbox/faults", context =>
        {
            sandbox.Faults.Clear();
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return Task.CompletedTask;
        });
        routes.MapGet("/sandbox/state", context => context.Response.WriteAsJsonAsync(
            new StateReport(options.Clock.GetUtcNow(), [.. options.Mandators.Select(m => sandbox.State(m.Mandator))], sandbox.Faults.Active), Json, context.RequestAborted));
        routes.MapGet("/sandbox/requests", context => context.Response.WriteAsJsonAsync(sandbox.Requests, Json, context.RequestAborted));
    }

    private static async Task AnswerAsync<TOrder>(HttpContext context, Func<TOrder, object> obey)
    {
        try
        {
            // A browser may post text to any address without asking; JSON it may not.
            if (!context.Request.HasJsonContentType())
            {
                throw new ArgumentException("The body has to be JSON, with the content type application/json.");
            }

            var order = await context.Request.ReadFromJsonAsync<TOrder>(Json, context.RequestAborted)
                ?? throw new ArgumentException("The body is null; an object is expected.");
            await context.Response.WriteAsJsonAsync(obey(order), Json, context.RequestAborted);
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException)
        {
            await FrontDoor.ErrorAsync(context, StatusCodes.Status400BadRequest, exception.Message);
        }
    }

    private sealed record AdvanceOrder(int New, int Changed, int Withdrawn, int Erased, string? Mandator);

    private sealed record StateReport(DateTimeOffset Clock, IReadOnlyList<SandboxState> Mandators, IReadOnlyList<SandboxFaultState> Faults);
}
