using System.Net;
using Microsoft.Extensions.Logging;

namespace HokifyMessaging.Sandbox;

/// <summary>What <c>startTime</c> and <c>endTime</c> compare with; hokify does not document it.</summary>
public enum SandboxFilter
{
    /// <summary>The last change (<c>lastupdate</c>).</summary>
    LastUpdate,

    /// <summary>The moment of applying (<c>datematch</c>).</summary>
    Creation,
}

/// <summary>The order of every list; hokify documents none. Ties are in the order of applying.</summary>
public enum SandboxOrder
{
    /// <summary>Longest unchanged first: whatever changes while somebody reads moves to the end.</summary>
    LastUpdateAscending,

    /// <summary>Last changed first: whatever changes while somebody reads moves to the front and pushes the rest back.</summary>
    LastUpdateDescending,

    /// <summary>First applied first.</summary>
    CreationAscending,

    /// <summary>Last applied first.</summary>
    CreationDescending,
}

/// <summary>What <c>offset</c> and <c>limit</c> count; hokify does not document it.</summary>
public enum SandboxOffsetUnit
{
    /// <summary>Single applications.</summary>
    Applications,

    /// <summary>Items of a list in the shape <see cref="SandboxShape.Grouped"/>; in the other shapes an item is an application anyway.</summary>
    Groups,
}

/// <summary>How an endpoint of today's API wraps applications.</summary>
public enum SandboxShape
{
    /// <summary>One item per application; <c>application</c> is an object.</summary>
    ObjectPerItem,

    /// <summary>One item per application; <c>application</c> is an array with one object.</summary>
    ArrayPerItem,

    /// <summary>One item per job or company; <c>applications</c> is an array.</summary>
    Grouped,
}

/// <summary>How a token is answered that is missing, unknown, expired or revoked; 401 is documented, gateways were seen to do otherwise.</summary>
public enum SandboxDeadToken
{
    /// <summary>401, in JSON.</summary>
    Unauthorized,

    /// <summary>403, in JSON.</summary>
    Forbidden,

    /// <summary>403, with an HTML page.</summary>
    ForbiddenPage,
}

/// <summary>One company's access to hokify; each has applications of its own.</summary>
/// <param name="Mandator">The company's id at hokify; not empty, without a colon.</param>
/// <param name="Token">The secret that belongs to it.</param>
public sealed record SandboxMandator(string Mandator, string Token)
{
    /// <summary>How many applications this one starts with. Default: <see cref="SandboxOptions.Applications"/>.</summary>
    public int? Applications { get; init; }

    /// <summary>
    /// Stands in everything that these people have told (names, answers, files, members that nobody knows …) with the name of its place behind it, in what the server says
    /// of a call that went wrong, and nowhere else: whatever a program lets out of it can be found. Some of these people have much to tell. Letters only. Default: nothing is marked.
    /// </summary>
    public string Mark { get; init; } = "";
}

/// <summary>What the sandbox contains and which of hokify's undocumented habits it has.</summary>
public sealed class SandboxOptions
{
    /// <summary>Decides every name, date and answer: the same seed, size and clock give the same bytes. Default: 1.</summary>
    public int Seed { get; set; } = 1;

    /// <summary>How many applications each mandator starts with. Default: 200; 0 to 100,000,000. They are generated when they are read.</summary>
    public int Applications { get; set; } = 200;

    /// <summary>How many jobs these applications are for. Default: 25; 1 to 10,000. About 5 % of the applications are for a company instead.</summary>
    public int Jobs { get; set; } = 25;

    /// <summary>How far back the first change of the first application lies, counted from the start. Default: 365 days; at least a minute.</summary>
    public TimeSpan History { get; set; } = TimeSpan.FromDays(365);

    /// <summary>Who may log in. Default: the mandator <c>demo</c> with the token <c>demo-token</c>.</summary>
    public IList<SandboxMandator> Mandators { get; init; } = [new SandboxMandator("demo", "demo-token")];

    /// <summary>The address to listen on. Default: 127.0.0.1. Anything but a loopback address is refused.</summary>
    public IPAddress Address { get; set; } = IPAddress.Loopback;

    /// <summary>The port to listen on. Default: 0, which takes a free one.</summary>
    public int Port { get; set; }

    /// <summary>The clock for the data and for tokens (not for <see cref="SandboxFaultKind.Slow"/>, which takes real time). Default: the system's.</summary>
    public TimeProvider Clock { get; set; } = TimeProvider.System;

    /// <summary>How long tokens are good for; also what <c>expires_in</c> says. Default: 24 hours.</summary>
    public TimeSpan TokenLifetime { get; set; } = TimeSpan.FromHours(24);

    /// <summary>Deliver <c>expires_in</c> as a string instead of a number. Default: false.</summary>
    public bool ExpiresInAsText { get; set; }

    /// <summary>How a call with a token that is not good is answered. Default: 401.</summary>
    public SandboxDeadToken DeadToken { get; set; } = SandboxDeadToken.Unauthorized;

    /// <summary>Answer 411 to a login that does not say how long it is, as servers in front of an API do. Default: false.</summary>
    public bool RefuseChunkedLogins { get; set; }

    /// <summary>The <c>limit</c> of a call that asks for none. Default: 100; capped by <see cref="MaxLimit"/>.</summary>
    public int DefaultLimit { get; set; } = 100;

    /// <summary>Larger limits are silently cut to this one. Default: 100.</summary>
    public int MaxLimit { get; set; } = 100;

    /// <summary>What <c>offset</c> and <c>limit</c> count. Default: applications.</summary>
    public SandboxOffsetUnit OffsetCounts { get; set; } = SandboxOffsetUnit.Applications;

    /// <summary>What <c>startTime</c> and <c>endTime</c> (both inclusive) compare with. Default: <c>lastupdate</c>.</summary>
    public SandboxFilter FilterOn { get; set; } = SandboxFilter.LastUpdate;

    /// <summary>The order of every list. Default: ascending by <c>lastupdate</c>.</summary>
    public SandboxOrder Order { get; set; } = SandboxOrder.LastUpdateAscending;

    /// <summary>The shape of <c>getAllApplications</c>. Default: grouped.</summary>
    public SandboxShape AllApplicationsShape { get; set; } = SandboxShape.Grouped;

    /// <summary>The shape of <c>latestApplications</c>. Default: an object per item.</summary>
    public SandboxShape LatestApplicationsShape { get; set; } = SandboxShape.ObjectPerItem;

    /// <summary>The shape of <c>getApplicationsBySourceId</c>. Default: grouped.</summary>
    public SandboxShape BySourceIdShape { get; set; } = SandboxShape.Grouped;

    /// <summary>In which charset the API of 2018 answers, by any name that .NET knows; letters that it does not have become similar ones or <c>?</c>. Default: <c>utf-8</c>.</summary>
    public string ExternCharset { get; set; } = "utf-8";

    /// <summary>Whether these answers say so in their <c>Content-Type</c>. Default: true.</summary>
    public bool ExternNamesCharset { get; set; } = true;

    /// <summary>Where the web server logs to. Default: null, which is nowhere.</summary>
    public Action<ILoggingBuilder>? Logging { get; set; }

    internal void Validate()
    {
        if (!IPAddress.IsLoopback(Address))
        {
            throw new ArgumentException($"The sandbox listens on this machine only: {Address} is not a loopback address; use 127.0.0.1.", nameof(Address));
        }

        Require(Port is >= 0 and <= 65_535, nameof(Port), "0 to 65,535");
        Require(Applications is >= 0 and <= 100_000_000, nameof(Applications), "0 to 100,000,000");
        Require(Jobs is >= 1 and <= 10_000, nameof(Jobs), "1 to 10,000");
        Require(History >= TimeSpan.FromMinutes(1) && History <= TimeSpan.FromDays(36_500), nameof(History), "a minute to a hundred years");
        Require(TokenLifetime > TimeSpan.Zero, nameof(TokenLifetime), "more than nothing");
        Require(DefaultLimit >= 1, nameof(DefaultLimit), "at least 1");
        Require(MaxLimit >= 1, nameof(MaxLimit), "at least 1");
        Require(CharsetOf(ExternCharset) is not null, nameof(ExternCharset), "a charset that .NET knows");
        Require(Mandators.Count > 0, nameof(Mandators), "at least one");
        foreach (var mandator in Mandators)
        {
            Require(mandator.Mandator.Length > 0 && !mandator.Mandator.Contains(':'), nameof(Mandators), "names that are not empty and have no colon");
            Require(mandator.Applications is null or (>= 0 and <= 100_000_000), nameof(Mandators), "sizes of 0 to 100,000,000");
            Require(mandator.Mark.All(char.IsAsciiLetter), nameof(Mandators), "marks of letters");
        }

        Require(Mandators.DistinctBy(m => m.Mandator).Count() == Mandators.Count, nameof(Mandators), "names that differ");
    }

    internal static Encoding? CharsetOf(string name)
    {
        try
        {
            return CodePagesEncodingProvider.Instance.GetEncoding(name) ?? Encoding.GetEncoding(name);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    private static void Require(bool condition, string option, string range)
    {
        if (!condition)
        {
            throw new ArgumentException($"{nameof(SandboxOptions)}.{option} is out of range; possible is {range}.", option);
        }
    }
}
