using HokifyMessaging.Machine;
using HokifyMessaging.Service.Http;
using HokifyMessaging.Service.Http.Keys;
using HokifyMessaging.Service.WebConsole.Errors;
using HokifyMessaging.Storage;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace HokifyMessaging.Service.WebConsole;

/// <summary>A page of the console.</summary>
internal abstract class ConsolePage : PageModel
{
    private const string NoticeKey = "notice";

    protected Words T => field ??= HttpContext.RequestServices.GetRequiredService<Words>();

    protected CancellationToken Cancel => HttpContext.RequestAborted;

    /// <summary>Which scopes the caller sees; null for all of them.</summary>
    protected IReadOnlyCollection<int>? VisibleScopes => User.VisibleScopes();

    /// <summary>Who presses a button, as the audit log names them.</summary>
    protected Actor Actor => User.AsActor();

    /// <summary>This page, with what was asked for.</summary>
    public string Here => $"{Request.Path}{Request.QueryString}";

    /// <summary>Whether the address asks for a part of what there is.</summary>
    public bool IsFiltered => Request.Query.Any(parameter => parameter.Value is [{ Length: > 0 }]);

    public bool May(string right) => User.Has(right);

    /// <summary>What is asked for in the address. A name that this page does not know is an error, and so is one that comes twice: what is overlooked may be what somebody cared for most.</summary>
    /// <exception cref="ParameterException">It has one.</exception>
    protected Func<string, string?> Asked(params string[] known)
    {
        // A form that was refused is shown at the address that names its button, and from there somebody may load the page again or change the language.
        ExactRequests.RequireKnownParameters(Request, [.. known, "handler"]);
        return name => Request.Query[name] is [{ Length: > 0 } value] ? value.Trim() : null;
    }

    /// <summary>The instant at which a day begins in the zone in which times are shown; null for no text.</summary>
    /// <exception cref="ParameterException">The text is no date.</exception>
    protected DateTimeOffset? BeginOf(string parameter, string? text) => DayOf(parameter, text) is { } day ? LocalDays.EndOf(day.AddDays(-1), T.Zone) : null;

    /// <summary>The instant at which it ends.</summary>
    /// <exception cref="ParameterException">The text is no date.</exception>
    protected DateTimeOffset? EndOf(string parameter, string? text) => DayOf(parameter, text) is { } day ? LocalDays.EndOf(day, T.Zone) : null;

    private DateOnly? DayOf(string parameter, string? text)
    {
        if (text is null)
        {
            return null;
        }

        return DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) && day.Year is > 2000 and < 9000
            ? day
            : throw new ParameterException(parameter, T[$"{parameter} is {KnownNames.Quoted(text)}; it must be a date such as 2026-03-01.", $"{parameter} ist {KnownNames.Quoted(text)}; richtig ist ein Datum wie 2026-03-01."]);
    }

    /// <summary>Says after a button what has come of it, on the page that follows; a reload does not press the button again.</summary>
    /// <param name="sentence">What has come of it.</param>
    /// <param name="address">The page.</param>
    protected IActionResult Told(string sentence, string address)
    {
        TempData[NoticeKey] = VisibleText.Of(sentence);
        return LocalRedirect(address);
    }

    /// <summary>Says on this page, with all that was typed, why a button has done nothing.</summary>
    protected IActionResult ToldHere(string sentence)
    {
        TempData[NoticeKey] = VisibleText.Of(sentence);
        return Page();
    }

    /// <summary>What the last button has brought.</summary>
    public static string? NoticeOf(Microsoft.AspNetCore.Mvc.ViewFeatures.ITempDataDictionary data) => data[NoticeKey] as string;

    /// <summary>The page of what is not there, or what the caller may not see: nobody is told which.</summary>
    protected IActionResult NotThere(string english, string german) => new ErrorResult(StatusCodes.Status404NotFound, T[english, german]);

    protected IActionResult Refused(string english, string german) => new ErrorResult(StatusCodes.Status403Forbidden, T[english, german]);
}
