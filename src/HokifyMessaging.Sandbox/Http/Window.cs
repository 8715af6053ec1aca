using System.Diagnostics.CodeAnalysis;

namespace HokifyMessaging.Sandbox.Http;

/// <summary>The part of a list that a call asks for.</summary>
internal sealed record Window(DateTimeOffset? From, DateTimeOffset? To, int Offset, int Limit)
{
    /// <summary>Reads <c>startTime</c>, <c>endTime</c>, <c>offset</c> and <c>limit</c>; says what is wrong with them where they cannot be read.</summary>
    public static bool TryRead(FetchCall call, SandboxOptions options, [NotNullWhen(true)] out Window? window, [NotNullWhen(false)] out string? problem)
    {
        window = null;
        var query = call.Http.Request.Query;
        if (!Date(query["startTime"], out var from))
        {
            problem = "startTime is not a date; expected is UTC in ISO 8601.";
        }
        else if (!Date(query["endTime"], out var to))
        {
            problem = "endTime is not a date; expected is UTC in ISO 8601.";
        }
        else if (!Number(query["offset"], 0, 0, out var offset))
        {
            problem = "offset is not a number of 0 or more.";
        }
        else if (!Number(query["limit"], 1, options.DefaultLimit, out var limit))
        {
            problem = "limit is not a number of 1 or more.";
        }
        else
        {
            limit = Math.Min(limit, options.MaxLimit);
            if (call.Faults.IgnoredOffset)
            {
                offset = 0;
            }
            else if (call.Faults.RepeatedPage)
            {
                offset = Math.Max(0, offset - limit);
            }

            window = new Window(from, to, offset, limit);
            problem = null;
            return true;
        }

        return false;
    }

    private static bool Date(string? text, out DateTimeOffset? date)
    {
        date = null;
        if (string.IsNullOrEmpty(text))
        {
            return true;
        }

        if (!DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var parsed))
        {
            return false;
        }

        date = parsed;
        return true;
    }

    private static bool Number(string? text, int least, int otherwise, out int number)
    {
        number = otherwise;
        return string.IsNullOrEmpty(text) || (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number >= least);
    }
}
