using HokifyMessaging.Service.Commands;
using HokifyMessaging.Service.Http.Keys;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace HokifyMessaging.Tests.Service.Http;

/// <summary>A wrong setting of the HTTP side stops the start with one sentence that names it, and repeats no key.</summary>
public sealed class HttpOptionsTests
{
    private static readonly string Secret = ApiKey.Create();

    private static readonly Dictionary<string, string?> Right = new(
        GuardedService.Key("crm", Secret, "1,2", "Read, Import").Concat(GuardedService.Key("web_2", ApiKey.Create())))
    {
        ["Http:Keys:crm:ExpiresAt"] = "2027-01-31T12:00:00+01:00",
        ["Http:KnownProxies:0"] = "10.0.0.1",
        ["Http:KnownProxies:1"] = "2001:db8::1",
        ["Http:KnownNetworks:0"] = "10.0.0.0/8",
    };

    [Fact]
    public void A_right_configuration_passes() => Assert.Empty(Problems(Right));

    [Theory]
    [InlineData("Http:Keys:crm:Hash", "", "Http:Keys:crm:Hash is required.")]
    [InlineData("Http:Keys:crm:Hash", "sha256:AAAA:AAAA", "Http:Keys:crm:Hash is no hash of a key; it must be what 'hokify keys new' prints.")]
    [InlineData("Http:Keys:crm:Hash", "md5:AAAAAAAAAAAAAAAAAAAAAA==:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "Http:Keys:crm:Hash is no hash of a key; it must be what 'hokify keys new' prints.")]
    [InlineData("Http:Keys:crm:Scopes", "", "Http:Keys:crm:Scopes is required.")]
    [InlineData("Http:Keys:crm:Scopes", "1,", "Http:Keys:crm:Scopes is '1,'; it must be scope ids such as 1,2, or all.")]
    [InlineData("Http:Keys:crm:Scopes", "*", "Http:Keys:crm:Scopes is '*'; it must be scope ids such as 1,2, or all.")]
    [InlineData("Http:Keys:crm:Scopes", "all,1", "Http:Keys:crm:Scopes is 'all,1'; it must be scope ids such as 1,2, or all.")]
    [InlineData("Http:Keys:crm:Rights", "", "Http:Keys:crm:Rights is required.")]
    [InlineData("Http:Keys:crm:Rights", "read write", "Http:Keys:crm:Rights is 'read write'; it must be one or more of read, import, operate and personal, separated by commas.")]
    [InlineData("Http:Keys:crm:ExpiresAt", "next year", "Http:Keys:crm:ExpiresAt is 'next year'; it must be an instant such as 2027-01-31T12:00:00+01:00.")]
    [InlineData("Http:Keys:crm:Right", "read", "Http:Keys:crm:Right is not a known setting; did you mean Http:Keys:crm:Rights?")]
    [InlineData("Http:Limit", "5", "Http:Limit is not a known setting; did you mean Http:Limits?")]
    [InlineData("Http:Limits:RequestsPerMinute", "0", "Http:Limits:RequestsPerMinute must be between 1 and 1000000.")]
    [InlineData("Http:Limits:AnonymousRequestsPerMinute", "0", "Http:Limits:AnonymousRequestsPerMinute must be between 1 and 1000000.")]
    [InlineData("Http:Limits:RefusedRequestsPerMinute", "0", "Http:Limits:RefusedRequestsPerMinute must be between 1 and 1000000.")]
    [InlineData("Http:Limits:RequestBody", "1", "Http:Limits:RequestBody must be between 1024 and 10485760.")]
    [InlineData("Http:Limits:Query", "4096", "Http:Limits:Query is not a known setting; known in Http:Limits are RequestsPerMinute, AnonymousRequestsPerMinute, RefusedRequestsPerMinute, RequestBody, Connections, SpoolBytes, SpoolsUnderWay, Downloads, EventStreamsPerKey, EventStreams, QueuedImportsPerKey, QueuedImportsPerScope.")]
    [InlineData("Http:Limits:RequestHeaders", "16384", "Http:Limits:RequestHeaders is not a known setting; known in Http:Limits are RequestsPerMinute, AnonymousRequestsPerMinute, RefusedRequestsPerMinute, RequestBody, Connections, SpoolBytes, SpoolsUnderWay, Downloads, EventStreamsPerKey, EventStreams, QueuedImportsPerKey, QueuedImportsPerScope.")]
    [InlineData("Http:KnownProxies:1", "proxy", "Http:KnownProxies:1 is 'proxy'; it must be an IP address.")]
    [InlineData("Http:KnownNetworks:0", "10.0.0.1", "Http:KnownNetworks:0 is '10.0.0.1'; it must be a network such as 10.0.0.0/8, and not everybody.")]
    [InlineData("Http:KnownNetworks:0", "0.0.0.0/0", "Http:KnownNetworks:0 is '0.0.0.0/0'; it must be a network such as 10.0.0.0/8, and not everybody.")]
    public void A_wrong_setting_is_named_in_one_sentence(string setting, string value, string sentence) =>
        Assert.Equal([sentence], Problems(new(Right) { [setting] = value }));

    [Fact]
    public void A_key_where_its_hash_belongs_is_not_repeated() =>
        Assert.Equal(
            ["Http:Keys:crm:Hash is no hash of a key; it must be what 'hokify keys new' prints."], Problems(new(Right) { ["Http:Keys:crm:Hash"] = Secret }));

    [Fact]
    public void One_key_has_one_holder() =>
        Assert.Equal(
            ["Http:Keys:crm:Hash and Http:Keys:web_2:Hash are the same; every holder needs a key of its own."],
            Problems(new(Right) { ["Http:Keys:web_2:Hash"] = Right["Http:Keys:crm:Hash"] }));

    [Fact]
    public void A_name_fits_into_an_environment_variable() =>
        Assert.Equal(
            ["Http:Keys:my-crm has no name for a key; it must be letters and digits, with single underscores between them, at most 64 characters."],
            Problems(GuardedService.Key("my-crm", Secret)));

    private static IReadOnlyList<string> Problems(Dictionary<string, string?> settings)
    {
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(settings).Build());
        services.AddKeys();
        using var provider = services.BuildServiceProvider();
        return Record.Exception(provider.GetRequiredService<IStartupValidator>().Validate) is { } refused ? CommandErrors.Sentences(refused) : [];
    }
}
