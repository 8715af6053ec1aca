using System.Net;
using HokifyMessaging.Service.Http.Keys;

namespace HokifyMessaging.Tests.Service.Http;

/// <summary>A service that others reach under a name is asked under that name, so that no page can give it a name of its own.</summary>
public sealed class HostRuleTests
{
    private static readonly string Key = ApiKey.Create();

    [Theory]
    [InlineData("https://ats.example.at", "ats.example.at", true)]
    [InlineData("https://ats.example.at/hokify/", "ATS.example.at:8443", true)]
    [InlineData("https://ats.example.at:444", "ats.example.at", true)]
    [InlineData("https://jobs.gasthäuser.example", "jobs.xn--gasthuser-z2a.example", true)]
    [InlineData("https://jobs.xn--gasthuser-z2a.example", "jobs.xn--gasthuser-z2a.example", true)]
    [InlineData("http://192.0.2.7:5080", "192.0.2.7:5080", true)]
    [InlineData("http://[2001:db8::7]:5080", "[2001:db8::7]:5080", true)]
    [InlineData("https://ats.example.at", "127.0.0.1:5080", true)]
    [InlineData("https://ats.example.at", "localhost", true)]
    [InlineData("https://ats.example.at", "[::1]", true)]
    [InlineData("https://ats.example.at", "elsewhere.example", false)]
    [InlineData("https://ats.example.at", "ats.example.at.elsewhere.example", false)]
    [InlineData("https://ats.example.at", "xats.example.at", false)]
    [InlineData("https://ats.example.at", "example.at", false)]
    [InlineData("https://ats.example.at", "10.1.2.3:8080", false)]
    [InlineData("https://ats.example.at", "127.1", false)]
    public async Task It_is_asked_under_its_own_name_or_one_of_its_machine(string publicAddress, string host, bool isAnswered)
    {
        await using var service = await GuardedService.StartAsync([.. GuardedService.Key("crm", Key), new("Http:PublicBaseAddress", publicAddress)]);

        var answer = await service.SendAsync("import", Key, headers: ("Host", host));

        Assert.Equal(isAnswered ? HttpStatusCode.OK : HttpStatusCode.MisdirectedRequest, answer.Status);
        if (!isAnswered)
        {
            Assert.Equal("The service is asked under the name ats.example.at; the setting AllowedHosts can name others.", answer.Detail);
            Assert.Equal("nosniff", answer.Headers["X-Content-Type-Options"]);
        }

        Assert.Equal(HttpStatusCode.OK, (await service.SendAsync("health/ready", headers: ("Host", host))).Status);
    }

    [Fact]
    public async Task Where_nobody_says_how_it_is_reached_every_name_is_good()
    {
        await using var service = await GuardedService.StartAsync(GuardedService.Key("crm", Key));

        Assert.Equal(HttpStatusCode.OK, (await service.SendAsync("import", Key, headers: ("Host", "ats.example.at"))).Status);
    }

    [Theory]
    [InlineData("*", "elsewhere.example", true)]
    [InlineData("hokify;*.example.at", "hokify:8080", true)]
    [InlineData("hokify;*.example.at", "jobs.example.at", true)]
    [InlineData("hokify;*.example.at", "elsewhere.example", false)]
    public async Task AllowedHosts_says_it_otherwise(string allowed, string host, bool isAnswered)
    {
        await using var service = await GuardedService.StartAsync([.. GuardedService.Key("crm", Key), new("Http:PublicBaseAddress", "https://ats.example.at"), new("AllowedHosts", allowed)]);

        Assert.Equal(isAnswered ? HttpStatusCode.OK : HttpStatusCode.BadRequest, (await service.SendAsync("import", Key, headers: ("Host", host))).Status);
    }
}
