using System.Net.Sockets;
using System.Security.Authentication;
using System.Text.RegularExpressions;
using MassTransit;
using RabbitMQ.Client.Exceptions;

namespace HokifyMessaging.Receiving;

/// <summary>Why a broker cannot be used, in the words of somebody who configures the connection.</summary>
internal static partial class BrokerErrors
{
    /// <summary>Half a sentence that goes on after "The broker cannot be used: ", without a full stop; null when it is not about the broker.</summary>
    public static string? Describe(Exception exception)
    {
        if (!IsNotReached(exception) && exception is not BrokerUnreachableException)
        {
            return null;
        }

        var causes = Causes(exception).ToList();
        return causes.Select(cause => EndedWhileOpened(cause, causes) ?? Known(cause)).FirstOrDefault(known => known is not null)
            ?? $"{FirstLine(causes[^1].Message)} ({causes[^1].GetType().Name})";
    }

    /// <summary>Whether the bus did not reach its broker, which it says, too, when it was stopped before it did.</summary>
    public static bool IsNotReached(Exception exception) => exception is ConnectionException;

    /// <summary>Why a message could not be sent, in half a sentence; the type of an error that is none of the broker's.</summary>
    public static string NotSent(Exception exception) => exception switch
    {
        _ when Describe(exception) is { } reason => $"the broker cannot be used ({reason})",
        OperationCanceledException => "the broker did not take it within Transport:PublishTimeout",
        _ when Answer().Match(exception.Message) is { Success: true } answer => $"the broker answers '{answer.Value}'",
        _ => $"an error of the program's own ({exception.GetType().Name})",
    };

    /// <summary>The broker's own words for what it does not do; null where it said none.</summary>
    public static string? Refusal(Exception exception) =>
        Causes(exception).OfType<RabbitMQClientException>().Select(cause => Answer().Match(cause.Message)).FirstOrDefault(answer => answer.Success)?.Value;

    /// <summary>Whether the broker answered, and does not let this user in: MassTransit then gives up for good.</summary>
    public static bool IsLoginRefused(Exception exception) => Causes(exception).Any(cause => cause is AuthenticationFailureException);

    private const string EndsTheConnection =
        "it ends the connection without an answer; it may expect TLS (Transport:RabbitMq:Tls:Enabled) or a client's certificate (Transport:RabbitMq:Tls:CertificatePath)";

    /// <summary>Of a connection that the broker ends while it is opened, the client's reader may hear first; its writer then finds it closed by its own side.</summary>
    private static string? EndedWhileOpened(Exception cause, List<Exception> causes) =>
        cause is ObjectDisposedException && causes.Exists(other => other is BrokerUnreachableException or RabbitMqConnectionException) ? EndsTheConnection : null;

    private static string? Known(Exception cause) => cause switch
    {
        AuthenticationFailureException => "it refuses the user or the password; check Transport:RabbitMq:Username and Transport:RabbitMq:Password",
        OperationInterruptedException when Answer().Match(cause.Message) is { Success: true } answer => $"it answers '{answer.Value}'",
        BrokerCertificateException => cause.Message,
        AuthenticationException => $"TLS fails ({FirstLine(cause.Message)}); check Transport:RabbitMq:Tls and whether the port is the one for TLS",
        EndOfStreamException or SocketException { SocketErrorCode: SocketError.ConnectionReset } => EndsTheConnection,
        // OpenSSL's own, which is not public: a broker that lacks a client's certificate may say so only when the handshake is over.
        _ when cause.GetType().Name == "SslException" => EndsTheConnection,
        ObjectDisposedException => "the connection to it has ended",
        SocketException socket => $"{FirstLine(socket.Message)} ({socket.SocketErrorCode})",
        _ => null,
    };

    private static IEnumerable<Exception> Causes(Exception exception) => exception switch
    {
        AggregateException several => several.InnerExceptions.SelectMany(Causes),
        { InnerException: { } inner } => Causes(inner).Prepend(exception),
        _ => [exception],
    };

    private static string FirstLine(string message) => message.Split('\n')[0].TrimEnd('\r', '.', ' ');

    /// <summary>The broker's own words, however deep the client wraps them: <c>NOT_ALLOWED - vhost nowhere not found</c>.</summary>
    [GeneratedRegex("[A-Z]+(_[A-Z]+)* - .+?(?=', classId|$)", RegexOptions.Singleline)]
    private static partial Regex Answer();
}
