using System.Security.Claims;
using HokifyMessaging.Runs;
using HokifyMessaging.Service.Http.Keys;

namespace HokifyMessaging.Service.Http;

/// <summary>
/// Who asks over HTTP: the holder of the API key, and nobody else, whatever the request says. What it says as <c>requestedBy</c>, the name by which clients know
/// that member, is on whose behalf.
/// </summary>
internal static class Requester
{
    /// <summary>The request as its caller asks for it: <c>crm</c>, or <c>crm (on behalf of scheduler)</c>. A key's name has no blanks, so it ends at the first one.</summary>
    /// <exception cref="RequestRefusedException">What the request says does not fit beside the caller's name, or cannot be seen.</exception>
    public static HokifyImportRequested AskedBy(this HokifyImportRequested request, ClaimsPrincipal caller)
    {
        var name = caller.KeyName();
        if (string.IsNullOrWhiteSpace(request.RequestedBy))
        {
            return request with { RequestedBy = name };
        }

        var onBehalfOf = request.RequestedBy;
        var room = ImportRequestCheck.LongestRequester - OnBehalf(name, "").Length;
        return ImportRequestCheck.RequesterProblem(onBehalfOf, room) is not { } problem
            ? request with { RequestedBy = OnBehalf(name, onBehalfOf) }
            : throw new RequestRefusedException(
                nameof(request.RequestedBy),
                onBehalfOf.Length > room ? $"requestedBy {problem} beside the caller's name, {name}." : $"requestedBy {problem}.");
    }

    private static string OnBehalf(string name, string onBehalfOf) => $"{name} (on behalf of {onBehalfOf})";
}
