using HokifyMessaging.IntegrationTests.Broker;
using HokifyMessaging.Sandbox;

namespace HokifyMessaging.IntegrationTests.Service;

/// <summary>The environment of processes that work with a virtual host.</summary>
internal static class AtBroker
{
    /// <summary>For a verb that needs the broker only.</summary>
    public static Dictionary<string, string> Asking(BrokerVirtualHost virtualHost) => new(virtualHost.Settings)
    {
        ["Transport:StopTimeout"] = "00:00:05",
        ["Transport:RabbitMq:Management:Address"] = new Uri(virtualHost.Broker.Management.BaseAddress!, "/").ToString(),
    };

    /// <summary>For <c>hokify serve</c>, which imports from the sandbox.</summary>
    public static Dictionary<string, string> Serving(BrokerVirtualHost virtualHost, HokifySandbox sandbox) => new(Asking(virtualHost))
    {
        ["ASPNETCORE_URLS"] = "http://127.0.0.1:0",
        ["Hokify:Scopes:1:Name"] = "Gasthaus zur Sandkiste",
        ["Hokify:Scopes:1:AtsApi:BaseAddress"] = sandbox.AtsApi.ToString(),
        ["Hokify:Scopes:1:AtsApi:Mandator"] = "demo",
        ["Hokify:Scopes:1:AtsApi:Token"] = "demo-token",
    };
}
