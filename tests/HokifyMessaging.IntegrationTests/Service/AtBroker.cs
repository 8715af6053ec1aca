using System.Globalization;
using HokifyMessaging.IntegrationTests.Broker;
using HokifyMessaging.Sandbox;

namespace HokifyMessaging.IntegrationTests.Service;

/// <summary>The environment of processes that work with a virtual host.</summary>
internal static class AtBroker
{
    /// <summary>For a verb that needs the broker only.</summary>
    public static Dictionary<string, string> Asking(BrokerVirtualHost virtualHost)
    {
        var credentials = Uri.UnescapeDataString(virtualHost.Amqp.UserInfo).Split(':', 2);
        return new Dictionary<string, string>
        {
            ["Transport__Kind"] = "RabbitMq",
            ["Transport__StopTimeout"] = "00:00:05",
            ["Transport__RabbitMq__Host"] = virtualHost.Amqp.Host,
            ["Transport__RabbitMq__Port"] = virtualHost.Amqp.Port.ToString(CultureInfo.InvariantCulture),
            ["Transport__RabbitMq__VirtualHost"] = virtualHost.Name,
            ["Transport__RabbitMq__Username"] = credentials[0],
            ["Transport__RabbitMq__Password"] = credentials[1],
            ["Transport__RabbitMq__Management__Address"] = new Uri(virtualHost.Broker.Management.BaseAddress!, "/").ToString(),
        };
    }

    /// <summary>For <c>hokify serve</c>, which imports from the sandbox.</summary>
    public static Dictionary<string, string> Serving(BrokerVirtualHost virtualHost, HokifySandbox sandbox) => new(Asking(virtualHost))
    {
        ["ASPNETCORE_URLS"] = "http://127.0.0.1:0",
        ["Hokify__Scopes__1__Name"] = "Gasthaus zur Sandkiste",
        ["Hokify__Scopes__1__AtsApi__BaseAddress"] = sandbox.AtsApi.ToString(),
        ["Hokify__Scopes__1__AtsApi__Mandator"] = "demo",
        ["Hokify__Scopes__1__AtsApi__Token"] = "demo-token",
    };
}
