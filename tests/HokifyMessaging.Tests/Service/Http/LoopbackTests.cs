using System.Net;
using System.Net.Sockets;
using HokifyMessaging.Service.Http.Keys;
using HokifyMessaging.Service.Http.Protection;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace HokifyMessaging.Tests.Service.Http;

/// <summary>Without an API key only this machine is answered, and no page in a browser on it, whatever they send.</summary>
public sealed class LoopbackTests
{
    private static readonly string Key = ApiKey.Create();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("http://127.0.0.1:0")]
    [InlineData("http://127.8.9.10:0")]
    [InlineData("http://[::1]:0")]
    public async Task Whoever_works_on_this_machine_and_has_its_token_may_do_everything(string address)
    {
        await using var service = await GuardedService.StartAsync([new("urls", address)]);

        var seen = await service.SendAsync("read", service.Token);

        Assert.Equal(new Seen("local", null, true, true), seen.Read<Seen>());
        Assert.Equal(HttpStatusCode.OK, (await service.SendAsync("import", service.Token, method: "POST")).Status);
        Assert.Equal(HttpStatusCode.OK, (await service.SendAsync("operate", service.Token, method: "DELETE")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await service.SendAsync("forgotten", service.Token)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await service.SendAsync("nowhere", service.Token)).Status);
    }

    [Fact]
    public async Task A_socket_file_is_of_this_machine()
    {
        using var folder = new OwnFolder();
        var file = Path.Combine(folder.Path, "hokify.sock");
        await using var service = await GuardedService.StartAsync([new("urls", $"http://unix:{file}")]);
        using var http = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancel) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(file), cancel);
                return new NetworkStream(socket, ownsSocket: true);
            },
        });
        http.DefaultRequestHeaders.Add("X-Api-Key", service.Token);

        Assert.Equal("imported", await http.GetStringAsync(new Uri("http://localhost/import"), Cancel));
    }

    [Theory]
    [InlineData("hokify.evil.example")]
    [InlineData("127.0.0.1.evil.example")]
    [InlineData("127.1")]
    [InlineData("0x7f.0.0.1")]
    [InlineData("2130706433")]
    [InlineData("017700000001")]
    [InlineData("127.0.00.1")]
    [InlineData("[::ffff:127.0.0.1]")]
    [InlineData("[0:0:0:0:0:0:0:1]")]
    [InlineData("localhost.evil.example:5080")]
    [InlineData("10.0.0.1")]
    [InlineData("0.0.0.0")]
    [InlineData("[2001:db8::1]:5080")]
    public async Task A_name_that_somebody_has_resolved_to_this_machine_is_not_answered(string host)
    {
        await using var service = await GuardedService.StartAsync([]);

        var answer = await service.SendAsync("import", service.Token, headers: ("Host", host));

        Assert.Equal(
            (HttpStatusCode.Forbidden, "No API key is configured, so the service answers only under the names of its own machine: localhost, 127.0.0.1 or [::1]."),
            (answer.Status, answer.Detail));
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData("LOCALHOST:5080")]
    [InlineData("127.0.0.1")]
    [InlineData("[::1]:5080")]
    public async Task The_names_of_this_machine_are_answered(string host)
    {
        await using var service = await GuardedService.StartAsync([]);

        Assert.Equal(HttpStatusCode.OK, (await service.SendAsync("import", service.Token, headers: ("Host", host))).Status);
    }

    [Theory]
    [InlineData("Sec-Fetch-Site", "cross-site", false)]
    [InlineData("Sec-Fetch-Site", "same-site", false)]
    [InlineData("Sec-Fetch-Site", "Cross-Site", false)]
    [InlineData("Sec-Fetch-Site", "same-origin", true)]
    [InlineData("Sec-Fetch-Site", "none", true)]
    [InlineData("Origin", "https://evil.example", false)]
    [InlineData("Origin", "http://localhost:3000", false)]
    [InlineData("Origin", "null", false)]
    [InlineData("Origin", "http://localhost:5080", true)]
    public async Task A_page_of_another_site_starts_nothing(string header, string value, bool isAnswered)
    {
        await using var service = await GuardedService.StartAsync([]);

        foreach (var method in new[] { "GET", "POST" })
        {
            var answer = await service.SendAsync("import", service.Token, method: method, headers: [("Host", "localhost:5080"), (header, value)]);

            Assert.Equal(isAnswered ? HttpStatusCode.OK : HttpStatusCode.Forbidden, answer.Status);
            if (!isAnswered)
            {
                Assert.Equal("No API key is configured, so requests that a page of another site makes are not answered.", answer.Detail);
            }
        }
    }

    [Theory]
    [InlineData("X-Forwarded-For", "127.0.0.1")]
    [InlineData("Forwarded", "for=127.0.0.1")]
    [InlineData("X-Forwarded-Proto", "https")]
    [InlineData("X-Forwarded-Host", "localhost")]
    [InlineData("X-Real-IP", "127.0.0.1")]
    [InlineData("Via", "1.1 proxy")]
    public async Task Whoever_a_proxy_on_this_machine_lets_in_is_not_of_this_machine(string header, string value)
    {
        await using var service = await GuardedService.StartAsync([]);

        var answer = await service.SendAsync("import", service.Token, headers: (header, value));

        Assert.Equal(HttpStatusCode.Forbidden, answer.Status);
        Assert.Contains($"the header {header} says that the request came through a proxy", answer.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData("::1", true)]
    [InlineData("::ffff:127.0.0.1", true)]
    [InlineData("::ffff:10.0.0.1", false)]
    [InlineData("192.168.1.7", false)]
    [InlineData("fe80::1", false)]
    public void Another_machine_is_not_answered_whatever_socket_it_found(string address, bool isAnswered)
    {
        var context = new DefaultHttpContext { Connection = { RemoteIpAddress = IPAddress.Parse(address) } };
        context.Request.Host = new HostString("localhost");

        Assert.Equal(isAnswered, LocalCaller.WhyNot(context.Request) is null);
    }

    [Fact]
    public async Task Health_is_told_to_all()
    {
        await using var service = await GuardedService.StartAsync([]);

        Assert.Equal(HttpStatusCode.OK, (await service.SendAsync("health/ready", headers: [("Host", "probe.example"), ("Via", "1.1 proxy")])).Status);
    }

    [Theory]
    [InlineData("urls", "http://0.0.0.0:0", "ASPNETCORE_URLS (Urls) opens http://0.0.0.0:0")]
    [InlineData("urls", "http://[::]:0", "ASPNETCORE_URLS (Urls) opens http://[::]:0")]
    [InlineData("urls", "http://*:0", "ASPNETCORE_URLS (Urls) opens http://*:0")]
    [InlineData("urls", "http://+:0", "ASPNETCORE_URLS (Urls) opens http://+:0")]
    [InlineData("urls", "http://hokify.example:0", "ASPNETCORE_URLS (Urls) opens http://hokify.example:0")]
    [InlineData("urls", "http://localhost.example:0", "ASPNETCORE_URLS (Urls) opens http://localhost.example:0")]
    [InlineData("urls", "http://192.0.2.1:0", "ASPNETCORE_URLS (Urls) opens http://192.0.2.1:0")]
    [InlineData("urls", "http://127.0.0.1:0;http://0.0.0.0:0", "ASPNETCORE_URLS (Urls) opens http://0.0.0.0:0")]
    [InlineData("urls", "HTTPS://*:0", "ASPNETCORE_URLS (Urls) opens HTTPS://*:0")]
    [InlineData("Kestrel:Endpoints:Open:Url", "http://*:0", "Kestrel:Endpoints:Open:Url opens http://*:0")]
    [InlineData("Http:KnownProxies:0", "127.0.0.1", "Http:KnownProxies and KnownNetworks let others in through a proxy")]
    public async Task It_does_not_start_where_other_machines_would_reach_it(string setting, string value, string sentence)
    {
        var refused = await Assert.ThrowsAsync<OptionsValidationException>(() => GuardedService.StartAsync([new(setting, value)]));

        Assert.StartsWith(sentence, Assert.Single(refused.Failures), StringComparison.Ordinal);
        Assert.Contains("no API key is configured; make one with 'hokify keys new'", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http_ports", "8080", "ASPNETCORE_HTTP_PORTS opens http://*:8080")]
    [InlineData("https_ports", "8443;9443", "ASPNETCORE_HTTPS_PORTS opens https://*:8443")]
    public async Task A_port_alone_is_open_to_other_machines(string setting, string value, string sentence)
    {
        var refused = await Assert.ThrowsAsync<OptionsValidationException>(() => GuardedService.StartAsync([new("urls", ""), new(setting, value)]));

        Assert.StartsWith(sentence, refused.Failures.First(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_socket_that_no_setting_tells_of_is_not_opened_either()
    {
        var refused = await Assert.ThrowsAsync<IOException>(
            () => GuardedService.StartAsync([], builder => builder.WebHost.ConfigureKestrel(server => server.ListenAnyIP(0))));

        Assert.Equal("The service was told to open [::]:0 to other machines, and no API key is configured; make one with 'hokify keys new', or listen on http://127.0.0.1:5080.", refused.Message);
    }

    [Fact]
    public async Task With_a_key_it_listens_wherever_it_is_told_to_and_asks_this_machine_for_the_key_too()
    {
        await using var service = await GuardedService.StartAsync(
            [.. GuardedService.Key("crm", Key), new("urls", "http://0.0.0.0:0"), new("Http:PublicBaseAddress", "https://ats.example.at")]);
        var address = new Uri($"http://127.0.0.1:{service.Address.Port}");

        Assert.Equal(HttpStatusCode.Unauthorized, (await service.SendAsync("import", address: address)).Status);
        Assert.Equal(HttpStatusCode.OK, (await service.SendAsync("import", Key, address: address, headers: ("Host", "ats.example.at"))).Status);
    }

    [Fact]
    public async Task Where_other_machines_reach_it_it_must_know_under_which_address_they_do()
    {
        var refused = await Assert.ThrowsAsync<OptionsValidationException>(() => GuardedService.StartAsync([.. GuardedService.Key("crm", Key), new("urls", "http://0.0.0.0:0")]));

        Assert.Equal(
            "ASPNETCORE_URLS (Urls) opens http://0.0.0.0:0 to other machines, so Http:PublicBaseAddress must say by which address they reach it, such as https://ats.example.at.",
            Assert.Single(refused.Failures));
    }
}
