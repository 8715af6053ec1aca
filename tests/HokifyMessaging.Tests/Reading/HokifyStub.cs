using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Logging;

namespace HokifyMessaging.Tests.Reading;

/// <summary>A server of one test on a real socket: answers as the test says and remembers what it was asked.</summary>
internal sealed class HokifyStub : IAsyncDisposable
{
    private readonly WebApplication _server;
    private readonly ConcurrentQueue<Asked> _asked = new();

    private HokifyStub(WebApplication server) => _server = server;

    public Uri Address => new(_server.Urls.Single());

    public IReadOnlyList<Asked> Requests => [.. _asked];

    /// <param name="answer">Answers one request; is given the number of requests to the same path so far, from 1.</param>
    public static async Task<HokifyStub> StartAsync(Func<HttpContext, int, Task> answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var server = builder.Build();
        var stub = new HokifyStub(server);
        server.Run(async context =>
        {
            using var body = new StreamReader(context.Request.Body);
            var asked = new Asked(
                context.Request.Method, context.Request.Path.Value!, context.Request.QueryString.Value!, await body.ReadToEndAsync(context.RequestAborted),
                context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase));
            stub._asked.Enqueue(asked);
            await answer(context, stub.To(asked.Path).Count);
        });
        await server.StartAsync(TestContext.Current.CancellationToken);
        return stub;
    }

    public IReadOnlyList<Asked> To(string path) => [.. _asked.Where(asked => asked.Path == path)];

    public async ValueTask DisposeAsync() => await _server.DisposeAsync();

    internal sealed record Asked(string Method, string Path, string QueryString, string Body, IReadOnlyDictionary<string, string> Headers)
    {
        /// <summary>The value of one query parameter; null if it was not sent.</summary>
        public string? this[string parameter] =>
            QueryHelpers.ParseQuery(QueryString).TryGetValue(parameter, out var value) ? value.ToString() : null;
    }
}

internal static class Answers
{
    public static Task JsonAsync(this HttpContext context, string json, int status = 200)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(json, context.RequestAborted);
    }

    /// <summary>Announces a longer body than it sends, and closes the connection behind what it has sent.</summary>
    public static Task CutAsync(this HttpContext context, string beginning)
    {
        context.Response.ContentLength = Encoding.UTF8.GetByteCount(beginning) + 100;
        return context.JsonAsync(beginning);
    }

    /// <summary>Resets the connection in mid-body; what was sent may be lost with it.</summary>
    public static async Task ResetAsync(this HttpContext context, string beginning)
    {
        await context.JsonAsync(beginning);
        await context.Response.Body.FlushAsync(context.RequestAborted);
        context.Abort();
    }
}
