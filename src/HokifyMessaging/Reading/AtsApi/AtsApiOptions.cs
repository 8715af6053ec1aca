using System.ComponentModel.DataAnnotations;

namespace HokifyMessaging;

/// <summary>Which form of the ATS API a scope speaks.</summary>
internal enum AtsApiVersion
{
    /// <summary>Today's API: <c>GET application/getAllApplications</c> with <c>startTime</c>, <c>endTime</c>, <c>offset</c> and <c>limit</c>.</summary>
    Current,

    /// <summary>The API of 2019: <c>POST application/getApplications</c>, one flat list without parameters.</summary>
    V1,
}

/// <summary>What <c>offset</c> and <c>limit</c> count; hokify does not document it.</summary>
internal enum OffsetUnit
{
    /// <summary>Single applications.</summary>
    Applications,

    /// <summary>Groups: one item per job or company, however many applications it holds.</summary>
    Groups,
}

/// <summary>How to reach hokify's ATS API for one scope.</summary>
internal sealed class AtsApiOptions
{
    /// <summary>The API's base address; that of the 2019 form ends with <c>/v1</c>. Default: <c>https://hokify.com/ats-api</c>; https, and http on this machine only.</summary>
    public Uri BaseAddress { get; set; } = new("https://hokify.com/ats-api");

    /// <summary>Which form of the API. Default: <see cref="AtsApiVersion.Current"/>.</summary>
    public AtsApiVersion Version { get; set; } = AtsApiVersion.Current;

    /// <summary>The company's id at hokify; user name of the Basic credentials. Required.</summary>
    public string Mandator { get; set; } = "";

    /// <summary>The token that belongs to <see cref="Mandator"/>. A secret. Required.</summary>
    public string Token { get; set; } = "";

    /// <summary>How many applications to ask for per page (<c>limit</c>); the server may return fewer. Default: 100; 1 to 10,000.</summary>
    [Range(1, 10_000)]
    public int PageSize { get; set; } = 100;

    /// <summary>
    /// With how many known records, or groups, a page begins: the last ones of the page before, by which a list that has moved is
    /// noticed. Never more than a quarter of a page. Default: 5; 1 to 1,000.
    /// </summary>
    [Range(1, 1_000)]
    public int PageOverlap { get; set; } = 5;

    /// <summary>
    /// How many pages may be under way at once, for all scopes with this mandator together; each import has one, whatever the others do. How many there
    /// are is found out while reading: more as long as hokify answers as quickly as it did, half as many when it refuses a call or answers later. 1 asks for
    /// a page when the one before it has come, and so do, at any width, the reads of a full import that confirm what is gone. Default: 8; 1 to 64.
    /// </summary>
    [Range(1, 64)]
    public int PagesAtOnce { get; set; } = 8;

    /// <summary>What <c>offset</c> counts at hokify, which documents it nowhere. Default: <see cref="OffsetUnit.Applications"/>.</summary>
    public OffsetUnit OffsetCounts { get; set; } = OffsetUnit.Applications;

    /// <summary>Retries and time limits of HTTP calls.</summary>
    [ValidateObjectMembers]
    public HttpRetryOptions Http { get; set; } = new();
}
