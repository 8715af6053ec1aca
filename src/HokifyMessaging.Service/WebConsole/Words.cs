using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Html;

namespace HokifyMessaging.Service.WebConsole;

/// <summary>
/// How pages speak to whoever looks at them: in German or English, with numbers and times as one writes them there. Both languages stand side by side where the
/// words are shown, so that neither is forgotten.
/// </summary>
internal sealed class Words
{
    public const string Cookie = "hokify-language";

    public static readonly IReadOnlyDictionary<string, string> Languages = new Dictionary<string, string> { ["de"] = "Deutsch", ["en"] = "English" };

    private static readonly CultureInfo German = CultureInfo.GetCultureInfo("de-AT");
    private static readonly CultureInfo English = CultureInfo.GetCultureInfo("en-GB");

    private readonly TimeZoneInfo _zone;
    private readonly TimeProvider _clock;

    public Words(IHttpContextAccessor accessor, IOptions<HokifyOptions> options, TimeProvider clock)
        : this(LanguageOf(accessor.HttpContext!.Request), TimeZoneInfo.FindSystemTimeZoneById(options.Value.Csv.TimeZone), clock)
    {
    }

    internal Words(string language, TimeZoneInfo zone, TimeProvider clock) => (Language, _zone, _clock) = (language, zone, clock);

    /// <summary><c>de</c> or <c>en</c>.</summary>
    public string Language { get; }

    public CultureInfo Culture => Language == "de" ? German : English;

    /// <summary>The zone in which times are shown and dates are read.</summary>
    public TimeZoneInfo Zone => _zone;

    /// <summary>A text, in the language of whoever looks.</summary>
    public string this[string english, string german] => Language == "de" ? german : english;

    /// <summary>The same for a text with numbers in it, whose words agree with them (<see cref="Counted"/>).</summary>
    public string Of(FormattableString english, FormattableString german) => (Language == "de" ? german : english).ToString(new Counted(Culture));

    public string Number(long number) => number.ToString("N0", Culture);

    public string Percent(double share) => share.ToString("P0", Culture);

    /// <summary>Exactly when, with the difference to UTC; and how long ago that is, or in how long it will be.</summary>
    public IHtmlContent Time(DateTimeOffset? instant)
    {
        if (instant is not { } at)
        {
            return new HtmlString("–");
        }

        var html = new HtmlContentBuilder();
        html.AppendHtml($"<time datetime=\"{at.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}\">").Append(Exact(at)).AppendHtml(" <small>").Append(Relative(at)).AppendHtml("</small></time>");
        return html;
    }

    public string Exact(DateTimeOffset at) => TimeZoneInfo.ConvertTime(at, _zone).ToString(this["d MMM yyyy HH:mm:ss zzz", "dd.MM.yyyy HH:mm:ss zzz"], Culture);

    public string Day(DateOnly day) => day.ToString(this["d MMM yyyy", "dd.MM.yyyy"], Culture);

    public string Relative(DateTimeOffset at)
    {
        var distance = _clock.GetUtcNow() - at;
        var text = Duration(distance.Duration());
        return distance >= TimeSpan.Zero ? this[$"{text} ago", $"vor {text}"] : this[$"in {text}", $"in {text}"];
    }

    /// <summary>In the two units that matter, at most: 3 h 20 min.</summary>
    public string Duration(TimeSpan span)
    {
        var days = this["d", "T"];
        return span switch
        {
            { TotalSeconds: < 1 } => this["less than 1 s", "weniger als 1 s"],
            { TotalMinutes: < 1 } => $"{span.Seconds} s",
            { TotalHours: < 1 } => span.Minutes >= 10 || span.Seconds == 0 ? $"{span.Minutes} min" : $"{span.Minutes} min {span.Seconds} s",
            { TotalDays: < 1 } => span.Minutes == 0 ? $"{span.Hours} h" : $"{span.Hours} h {span.Minutes} min",
            _ => span.Hours == 0 || span.Days > 9 ? $"{Number(span.Days)} {days}" : $"{span.Days} {days} {span.Hours} h",
        };
    }

    /// <summary>A sentence that there is in English alone, such as the reason of a failure: a screen reader must know that.</summary>
    public IHtmlContent Said(string? sentence)
    {
        if (string.IsNullOrEmpty(sentence))
        {
            return HtmlString.Empty;
        }

        var text = HtmlEncoder.Default.Encode(VisibleText.Of(sentence));
        return new HtmlString(Language == "en" ? text : $"<span lang=\"en\">{text}</span>");
    }

    /// <summary>What somebody has chosen before, else what the browser says that they prefer; English where it says neither.</summary>
    internal static string LanguageOf(HttpRequest request) => request.Cookies[Cookie] is { } chosen && Languages.ContainsKey(chosen)
        ? chosen
        : request.GetTypedHeaders().AcceptLanguage
            .Where(one => one.Quality is not 0)
            .OrderByDescending(one => one.Quality ?? 1)
            .Select(one => one.Value.Value?.Split('-')[0].ToLowerInvariant())
            .FirstOrDefault(language => language is not null && Languages.ContainsKey(language)) ?? "en";
}
