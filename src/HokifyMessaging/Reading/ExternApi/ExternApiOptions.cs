namespace HokifyMessaging;

/// <summary>How to reach hokify's "extern" API of 2018 for one scope.</summary>
internal sealed class ExternApiOptions
{
    /// <summary>The API's base address. Default: <c>https://hokify.com/api</c>; https, and http on this machine only.</summary>
    public Uri BaseAddress { get; set; } = new("https://hokify.com/api");

    /// <summary>The company's id at hokify. Required.</summary>
    public string Mandator { get; set; } = "";

    /// <summary>The API token that belongs to <see cref="Mandator"/>. A secret. Required.</summary>
    public string Token { get; set; } = "";

    /// <summary>Ask for CSV instead of JSON (<c>csv=true</c>). Default: false.</summary>
    public bool Csv { get; set; }

    /// <summary>Retries and time limits of HTTP calls.</summary>
    [ValidateObjectMembers]
    public HttpRetryOptions Http { get; set; } = new();
}
