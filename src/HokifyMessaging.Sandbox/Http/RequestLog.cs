namespace HokifyMessaging.Sandbox.Http;

/// <summary>The latest requests, without headers and bodies: those hold credentials.</summary>
internal sealed class RequestLog(TimeProvider clock)
{
    private const int Capacity = 10_000;

    private readonly Lock _gate = new();
    private readonly LinkedList<SandboxRequest> _requests = new();

    public IReadOnlyList<SandboxRequest> Requests
    {
        get
        {
            lock (_gate)
            {
                return [.. _requests];
            }
        }
    }

    /// <summary>Notes the request now and its answer before the first byte of it leaves: whoever has an answer finds it here.</summary>
    public async Task NoteAsync(HttpContext context, RequestDelegate next)
    {
        if (context.Request.Path.StartsWithSegments("/sandbox", StringComparison.OrdinalIgnoreCase))
        {
            await next(context);
            return;
        }

        var node = Add(new SandboxRequest(clock.GetUtcNow(), context.Request.Method, $"{context.Request.Path}", $"{context.Request.QueryString}", null, null));
        context.Response.OnStarting(() =>
        {
            lock (_gate)
            {
                node.Value = node.Value with { Mandator = context.Items[typeof(SandboxMandator)] as string, Status = context.Response.StatusCode };
            }

            return Task.CompletedTask;
        });
        await next(context);
    }

    private LinkedListNode<SandboxRequest> Add(SandboxRequest request)
    {
        lock (_gate)
        {
            if (_requests.Count == Capacity)
            {
                _requests.RemoveFirst();
            }

            return _requests.AddLast(request);
        }
    }
}
