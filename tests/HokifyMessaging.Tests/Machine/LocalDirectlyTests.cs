using System.Net;
using HokifyMessaging.Machine;

namespace HokifyMessaging.Tests.Machine;

/// <summary>A proxy of the machine is asked for what is elsewhere, and never told what is meant for this machine.</summary>
public sealed class LocalDirectlyTests
{
    private static readonly Uri Proxy = new("http://proxy.example.at:3128");

    [Theory]
    [InlineData("http://127.0.0.1:5080/ats-api")]
    [InlineData("http://localhost:15672/api/")]
    [InlineData("http://[::1]:5080/")]
    [InlineData("http://127.8.9.10/")]
    [InlineData("http://[::ffff:127.0.0.1]/")]
    public void Nothing_for_this_machine_goes_through_a_proxy(string address)
    {
        var local = new LocalDirectly(new WebProxy(Proxy, BypassOnLocal: false));

        Assert.True(local.IsBypassed(new Uri(address)));
        Assert.Null(local.GetProxy(new Uri(address)));
    }

    [Theory]
    [InlineData("https://hokify.com/ats-api")]
    [InlineData("http://10.0.0.7:15672/")]
    [InlineData("http://127.0.0.1.example.at/")]
    public void What_is_elsewhere_goes_through_it(string address)
    {
        var local = new LocalDirectly(new WebProxy(Proxy, BypassOnLocal: false));

        Assert.False(local.IsBypassed(new Uri(address)));
        Assert.Equal(Proxy, local.GetProxy(new Uri(address)));
    }
}
