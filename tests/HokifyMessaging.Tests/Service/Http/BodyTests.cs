using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Tests.Service.Http;

/// <summary>A body is read as JSON or refused, never ignored: what nobody reads may be what the caller cared for most, such as <c>dryRun</c>.</summary>
public sealed class BodyTests
{
    private const string WrongType = "The body must be a JSON object with Content-Type: application/json.";
    private const string WrongCharset = "The body must be JSON in UTF-8, with Content-Type: application/json and no other charset.";
    private const string Packed = "The body must come as it is, without Content-Encoding.";
    private const string DryRun = """{"scopeId": 2, "dryRun": true}""";

    private static readonly string[] Addresses = ["/api/imports", HttpService.Endpoint];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Headers as clients send them, but for what says how long the body is.</summary>
    public static TheoryData<string, string> NotRead => new()
    {
        { "", WrongType },
        { "Content-Type:\r\n", WrongType },
        { "Content-Type: garbage\r\n", WrongType },
        { "Content-Type: text/plain\r\n", WrongType },
        { "Content-Type: text/json-or-so\r\n", WrongType },
        { "Content-Type: application/octet-stream\r\n", WrongType },
        { "Content-Type: application/x-www-form-urlencoded\r\n", WrongType },
        { "Content-Type: multipart/form-data; boundary=x\r\n", WrongType },
        { "Content-Type: application/json; charset=utf-16\r\n", WrongCharset },
        { "Content-Type: application/json; charset=\"iso-8859-1\"\r\n", WrongCharset },
        { "Content-Type: application/json\r\nContent-Encoding: gzip\r\n", Packed },
        { "Expect: 100-continue\r\n", WrongType },
        { "X-HTTP-Method-Override: GET\r\n", WrongType },
    };

    [Theory]
    [MemberData(nameof(NotRead))]
    public async Task A_body_of_another_kind_or_of_none_is_415_in_chunks_or_not(string headers, string sentence)
    {
        await using var service = await HttpService.StartAsync(applications: 1);

        foreach (var address in Addresses)
        {
            foreach (var chunked in new[] { false, true })
            {
                var answer = await PostAsync(service, address, headers, chunked);
                Assert.StartsWith("HTTP/1.1 415 ", answer, StringComparison.Ordinal);
                Assert.Contains($"\"detail\":\"{sentence.Replace("\"", "\\u0022", StringComparison.Ordinal)}\"", answer, StringComparison.Ordinal);
            }
        }

        Assert.Equal(0, await service.QueryAsync(db => db.ImportRuns.CountAsync(Cancel)));
    }

    [Theory]
    [InlineData("Content-Type: application/json\r\n")]
    [InlineData("Content-Type: application/json; charset=utf-8\r\n")]
    [InlineData("Content-Type: APPLICATION/JSON;CHARSET=\"UTF-8\"\r\nExpect: 100-continue\r\n")]
    [InlineData("Content-Type: application/problem+json\r\nContent-Encoding: identity\r\n")]
    public async Task A_body_of_JSON_is_read_in_chunks_or_not(string headers)
    {
        await using var service = await HttpService.StartAsync(applications: 1);

        foreach (var address in Addresses)
        {
            foreach (var chunked in new[] { false, true })
            {
                var answer = await PostAsync(service, address, headers, chunked);
                Assert.Matches("^HTTP/1.1 20[02] ", answer);
            }
        }

        Assert.Equal(4, await service.QueryAsync(db => db.ImportRuns.CountAsync(run => run.ScopeId == 2 && run.DryRun, Cancel)));
    }

    [Fact]
    public async Task Over_HTTP_2_where_a_body_needs_no_length_it_is_the_same()
    {
        await using var service = await HttpService.StartAsync(applications: 1, settings: [new("Kestrel:EndpointDefaults:Protocols", "Http2")]);

        foreach (var address in Addresses)
        {
            using var untyped = await SendAsync(service, HttpMethod.Post, address, null);
            using var typed = await SendAsync(service, HttpMethod.Post, address, "application/json");
            Assert.Equal((HttpVersion.Version20, WrongType), (untyped.Version, await HttpService.ProblemAsync(untyped, HttpStatusCode.UnsupportedMediaType)));
            Assert.True(typed.IsSuccessStatusCode);
        }

        foreach (var (method, address) in new[] { (HttpMethod.Get, HttpService.Endpoint), (HttpMethod.Delete, "/api/imports/0195f7a0-0000-7000-8000-000000000001") })
        {
            using var unread = await SendAsync(service, method, address, null);
            Assert.Equal($"{method} reads no body here; leave it out.", await HttpService.ProblemAsync(unread, HttpStatusCode.BadRequest, "body"));
        }

        Assert.Equal((2, 0), await service.QueryAsync(async db => (await db.ImportRuns.CountAsync(Cancel), await db.ImportRuns.CountAsync(run => !run.DryRun, Cancel))));
    }

    [Fact]
    public async Task A_form_that_a_browser_posts_starts_nothing()
    {
        await using var service = await HttpService.StartAsync(applications: 1);

        foreach (var address in Addresses)
        {
            using var form = await service.SendAsync(HttpMethod.Post, address, new FormUrlEncodedContent([new("scopeId", "1")]));
            using var parts = await service.SendAsync(HttpMethod.Post, address, new MultipartFormDataContent { { new StringContent("1"), "scopeId" } });
            using var text = await service.SendAsync(HttpMethod.Post, address, new StringContent(DryRun, Encoding.UTF8, "text/plain"));
            using var packed = await service.SendAsync(HttpMethod.Post, address, Gzip(DryRun));
            foreach (var answer in new[] { form, parts, text })
            {
                Assert.Equal(WrongType, await HttpService.ProblemAsync(answer, HttpStatusCode.UnsupportedMediaType));
            }

            Assert.Equal(Packed, await HttpService.ProblemAsync(packed, HttpStatusCode.UnsupportedMediaType));
        }

        Assert.Equal(0, await service.QueryAsync(db => db.ImportRuns.CountAsync(Cancel)));
    }

    [Fact]
    public async Task Without_a_body_a_request_has_every_default()
    {
        await using var service = await HttpService.StartAsync(applications: 1);

        var answer = await SendRawAsync(service, $"POST /api/imports HTTP/1.1\r\nHost: localhost\r\nX-Api-Key: {service.Token}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 202 ", answer, StringComparison.Ordinal);
    }

    private static Task<string> PostAsync(HttpService service, string address, string headers, bool chunked) => SendRawAsync(
        service,
        $"POST {address} HTTP/1.1\r\nHost: localhost\r\nX-Api-Key: {service.Token}\r\nConnection: close\r\n{headers}"
        + (chunked ? $"Transfer-Encoding: chunked\r\n\r\n{DryRun.Length:x}\r\n{DryRun}\r\n0\r\n\r\n" : $"Content-Length: {DryRun.Length}\r\n\r\n{DryRun}"));

    /// <summary>What clients of our own would not send.</summary>
    private static async Task<string> SendRawAsync(HttpService service, string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(service.Address.Host, service.Address.Port, Cancel);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(request), Cancel);
        using var reader = new StreamReader(stream);
        var answer = await reader.ReadToEndAsync(Cancel);
        const string Continue = "HTTP/1.1 100 Continue\r\n\r\n";
        return answer.StartsWith(Continue, StringComparison.Ordinal) ? answer[Continue.Length..] : answer;
    }

    private static async Task<HttpResponseMessage> SendAsync(HttpService service, HttpMethod method, string address, string? contentType)
    {
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(DryRun));
        content.Headers.ContentType = contentType is null ? null : new(contentType);
        using var request = new HttpRequestMessage(method, address) { Content = content, Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        return await service.Client.SendAsync(request, Cancel);
    }

    private static ByteArrayContent Gzip(string text)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionMode.Compress))
        {
            gzip.Write(Encoding.UTF8.GetBytes(text));
        }

        var content = new ByteArrayContent(packed.ToArray());
        content.Headers.ContentType = new("application/json");
        content.Headers.ContentEncoding.Add("gzip");
        return content;
    }
}
