using System.Net.Sockets;
using System.Text.RegularExpressions;
using HokifyMessaging.Service.Http.Protection;
using Microsoft.AspNetCore.Connections;

namespace HokifyMessaging.Service.Commands;

/// <summary>Why this process cannot listen where it was to listen, in the words of whoever said where.</summary>
internal static partial class ListenFault
{
    /// <summary>A sentence that names the address and its setting; null for any other failure.</summary>
    /// <param name="exception">What came of the start.</param>
    /// <param name="configured">Where the service was told to listen.</param>
    public static string? Describe(Exception exception, IReadOnlyList<ListenAddress> configured)
    {
        var setting = configured.Count > 0 ? configured[0].Setting : "ASPNETCORE_URLS";
        var addresses = VisibleText.Of(string.Join(" and ", configured.Select(address => address.Address).DefaultIfEmpty(ListenAddress.Default)));
        return exception switch
        {
            AggregateException several => several.InnerExceptions.Select(inner => Describe(inner, configured)).FirstOrDefault(sentence => sentence is not null),
            SocketException { SocketErrorCode: SocketError.AddressNotAvailable } =>
                $"{setting} is {addresses}, which is no address of this machine; listen on one of its own, or on {ListenAddress.Default} for this machine alone.",
            SocketException { SocketErrorCode: SocketError.AccessDenied } =>
                $"{setting} is {addresses}, where this user may not listen; take a port from 1024 on, such as {ListenAddress.Default}.",
            FormatException when InvalidUrl().IsMatch(exception.Message) =>
                $"{setting} is '{addresses}'; it must be an address with http:// or https:// before it, such as {ListenAddress.Default}.",
            _ => Taken(exception, $"listen elsewhere with {setting}, such as http://127.0.0.1:5081"),
        };
    }

    /// <summary>A sentence about an address where another program listens; null for any other failure.</summary>
    /// <param name="exception">What came of the start.</param>
    /// <param name="remedy">How to say another address.</param>
    public static string? Taken(Exception exception, string remedy) =>
        exception is IOException { InnerException: AddressInUseException } && Bound().Match(exception.Message) is { Success: true } match
            ? $"Another program listens on {match.Groups["address"].Value} already; stop it, or {remedy}."
            : null;

    [GeneratedRegex("address (?<address>[^ ]+?):? ")]
    private static partial Regex Bound();

    [GeneratedRegex("^Invalid url")]
    private static partial Regex InvalidUrl();
}
