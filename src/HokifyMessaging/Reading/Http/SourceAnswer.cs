using System.Text.RegularExpressions;

namespace HokifyMessaging.Reading.Http;

/// <summary>What hokify says beside the status of an answer that refuses.</summary>
/// <param name="Code">A word for programs, such as <c>invalid_token</c>; null when there is none. Only this may be repeated wherever a failure is told.</param>
/// <param name="Said">Its sentence, or the beginning of what it sent; without what it was sent to keep secret. It may quote anything, people too. Null when it said nothing.</param>
/// <param name="IsWithoutSuccess">Whether it is an object that says so: <c>{"success": false}</c>.</param>
internal sealed partial record SourceAnswer(string? Code, string? Said, bool IsWithoutSuccess)
{
    private static readonly SourceAnswer Nothing = new(null, null, false);

    /// <summary>More than is kept: a page of HTML says what it says near its beginning.</summary>
    private const int LongestRead = 16 * 1024;

    private const int LongestSaid = 2000;

    /// <summary>Why somebody refuses is worth a moment, and no attempt. A moment of the network's, whatever clock the attempts go by.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private static readonly string[] Codes = ["code", "error", "error_code", "errorCode"];
    private static readonly string[] Sentences = ["msg", "message", "error_description", "error", "detail", "title"];

    /// <summary>The code as a sentence goes on with it.</summary>
    public string WithCode => Code is null ? "" : $" with the code {Code}";

    /// <summary>Reads the body of an answer; one that cannot be read says nothing, because its status says enough.</summary>
    public static async Task<SourceAnswer> ReadAsync(HttpResponseMessage response, string secret, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(Patience);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        try
        {
            await using var body = await PeekedBody.OpenAsync(response, BodyLimit.OfRefusal(), either.Token);
            var buffer = new byte[LongestRead];
            var length = await body.ReadAtLeastAsync(buffer, LongestRead, throwOnEndOfStream: false, either.Token);
            return Of(buffer.AsSpan(0, length), response, secret);
        }
        catch (Exception exception) when (
            exception is SourceException or HttpFault or HttpRequestException or IOException or InvalidDataException
            || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return Nothing;
        }
    }

    /// <summary>What an object says.</summary>
    public static SourceAnswer Of(JsonElement answer, HttpResponseMessage response, string secret)
    {
        var inner = answer.TryGetProperty("error", out var error) && error.ValueKind == JsonValueKind.Object ? error : answer;
        var code = Texts(inner, Codes).Concat(Texts(answer, Codes)).FirstOrDefault(IsCode);
        string[] said = [.. Texts(answer, Sentences).Concat(Texts(inner, Sentences)).Where(text => text != code).Distinct()];
        var whole = said.Length == 0 && code is null ? answer.GetRawText() : string.Join("; ", said);
        return new SourceAnswer(
            code is not null && Hidden(code, response, secret) == code ? code : null,
            Kept(whole, response, secret),
            answer.TryGetProperty("success", out var success) && success.ValueKind == JsonValueKind.False);
    }

    private static SourceAnswer Of(ReadOnlySpan<byte> body, HttpResponseMessage response, string secret)
    {
        try
        {
            if (JsonSerializer.Deserialize<JsonElement>(body) is { ValueKind: JsonValueKind.Object } answer)
            {
                return Of(answer, response, secret);
            }
        }
        catch (JsonException)
        {
            // A gateway's page, or something longer than is read.
        }

        return Nothing with { Said = Kept(Encoding.UTF8.GetString(body), response, secret) };
    }

    private static IEnumerable<string> Texts(JsonElement answer, string[] members) =>
        members.Select(member => HokifyHttp.Text(answer, member)).OfType<string>().Where(text => !string.IsNullOrWhiteSpace(text));

    private static string? Kept(string text, HttpResponseMessage response, string secret)
    {
        var line = Blanks().Replace(Hidden(text, response, secret), " ").Trim();
        return line.Length == 0 ? null : VisibleText.Cut(line, LongestSaid);
    }

    /// <summary>A server may quote what it was sent.</summary>
    private static string Hidden(string text, HttpResponseMessage response, string secret)
    {
        var headers = response.RequestMessage?.Headers;
        string?[] secrets = [secret, headers?.Authorization?.Parameter, .. headers?.TryGetValues("x-session-token", out var session) is true ? session : []];
        return secrets.Where(sent => !string.IsNullOrEmpty(sent)).Aggregate(text, (said, sent) => said.Replace(sent!, "(token)", StringComparison.Ordinal));
    }

    /// <summary>A word as programs name errors, and not as people are named: <c>invalid_token</c>, <c>RATE-LIMIT</c>, <c>tokenExpired</c>, <c>InvalidToken</c>.</summary>
    internal static bool IsCode(string text) => CodeForm().IsMatch(text);

    [GeneratedRegex(@"\A(?=[A-Za-z0-9_.-]{3,40}\z)(?=.*[A-Za-z])([a-z].*|[A-Z0-9_.-]+|([A-Z][a-z0-9]+){2,})\z")]
    private static partial Regex CodeForm();

    [GeneratedRegex(@"[ \t\r\n]+")]
    private static partial Regex Blanks();
}
