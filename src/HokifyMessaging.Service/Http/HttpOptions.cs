using System.ComponentModel.DataAnnotations;
using System.Net;
using System.Text.RegularExpressions;
using HokifyMessaging.Service.Http.Keys;

namespace HokifyMessaging.Service.Http;

/// <summary>Section <c>Http</c> of the configuration: who may use the HTTP side, and how much of it. Read when the service starts.</summary>
internal sealed class HttpOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Http";

    /// <summary>The API keys, by the name of who holds them: letters and digits, with single underscores between them, at most 64 characters. Default: none, and then only this machine is answered, with its local token.</summary>
    public Dictionary<string, ApiKeyOptions> Keys { get; init; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The address by which others reach the service; download links begin with it, and requests under another name are not answered unless <c>AllowedHosts</c> names it. Default: the loopback address that the service listens on; http or https, and required when it listens on others.</summary>
    public Uri? PublicBaseAddress { get; set; }

    /// <summary>How long <c>api/ExportImport/HokifyImport</c> waits for an import before it answers 202. Default: 100 seconds; 0 to 10 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")]
    public TimeSpan WaitTimeout { get; set; } = TimeSpan.FromSeconds(100);

    /// <summary>How long a download link is good for, from the end of its import. Default: 7 days; 1 minute to 365 days.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "365.00:00:00")]
    public TimeSpan DownloadLifetime { get; set; } = TimeSpan.FromDays(7);

    /// <summary>Where <c>/metrics</c> is answered, too, to whoever reaches it and without an API key: an address with a port of its own, such as <c>http://127.0.0.1:9464</c>, or <c>http://*:9464</c> for other machines. It answers nothing else, and its numbers are about no person. On the service's own address they take the right <c>read</c> in all scopes. Default: none; http.</summary>
    public string? MetricsAddress { get; set; }

    /// <summary>How much one caller may ask for.</summary>
    [ValidateObjectMembers]
    public LimitOptions Limits { get; set; } = new();

    /// <summary>The IP addresses of the proxies whose <c>X-Forwarded-For</c> and <c>X-Forwarded-Proto</c> are believed; from anybody else these headers mean nothing. Default: none.</summary>
    public IList<string> KnownProxies { get; init; } = [];

    /// <summary>The networks of such proxies, as <c>10.0.0.0/8</c>. Default: none.</summary>
    public IList<string> KnownNetworks { get; init; } = [];
}

/// <summary>One API key. The key itself is nowhere; <c>hokify keys new</c> prints it once, with these settings.</summary>
internal sealed class ApiKeyOptions
{
    /// <summary>The salted hash of the key, as <c>hokify keys new</c> prints it: <c>sha256:salt:hash</c>, both in base64. Required.</summary>
    [Required]
    public string Hash { get; set; } = "";

    /// <summary>The scopes that the key's holder sees and imports: their ids, separated by commas, or <c>all</c>. Required.</summary>
    [Required]
    // One text rather than a list, because a list that two sources of configuration set is merged entry by entry, and a scope that was taken away would come back.
    public string Scopes { get; set; } = "";

    /// <summary>What the holder may do: <c>read</c>, <c>import</c>, <c>operate</c> and <c>personal</c>, separated by commas. No right implies another; without <c>personal</c> values of people are masked. Required.</summary>
    [Required]
    public string Rights { get; set; } = "";

    /// <summary>From when the key is refused. Default: never; ISO 8601 with an offset.</summary>
    public DateTimeOffset? ExpiresAt { get; set; }
}

/// <summary>How much one caller may ask for.</summary>
internal sealed class LimitOptions
{
    /// <summary>How many requests one API key may make in a minute; beyond, the answer is 429 with a <c>Retry-After</c>. Default: 600; 1 to 1,000,000.</summary>
    [Range(1, 1_000_000)]
    public int RequestsPerMinute { get; set; } = 600;

    /// <summary>How many requests without a key one address may make in a minute, and as many to the health pages. Default: 300; 1 to 1,000,000.</summary>
    [Range(1, 1_000_000)]
    public int AnonymousRequestsPerMinute { get; set; } = 300;

    /// <summary>How many requests with a wrong key one address may make in a minute; a right key from there is answered all the same. Default: 10; 1 to 1,000,000.</summary>
    [Range(1, 1_000_000)]
    public int RefusedRequestsPerMinute { get; set; } = 10;

    /// <summary>The largest body of a request in bytes; beyond, the answer is 413. Default: 65,536; 1,024 to 10,485,760.</summary>
    [Range(1_024, 10_485_760)]
    public int RequestBody { get; set; } = 65_536;

    /// <summary>How many connections may be open at once; what comes beyond is closed. Default: 5,000; 100 to 100,000.</summary>
    [Range(100, 100_000)]
    public int Connections { get; set; } = 5_000;

    /// <summary>How many bytes of the disk (the folder of temporary files, <c>TMPDIR</c>) the CSVs that are being read may take together; beyond, the answer is 503 with a <c>Retry-After</c>. Default: 1,073,741,824; 1,048,576 to 1,099,511,627,776.</summary>
    [Range(typeof(long), "1048576", "1099511627776")]
    public long SpoolBytes { get; set; } = 1_073_741_824;

    /// <summary>How many CSVs may be made at a time; all who read the same one share it. Beyond, the answer is 503 with a <c>Retry-After</c>. Default: 4; 1 to 64.</summary>
    [Range(1, 64)]
    public int SpoolsUnderWay { get; set; } = 4;

    /// <summary>How many CSVs may be sent at a time; beyond, the answer is 503 with a <c>Retry-After</c>. Default: 500; 1 to 100,000.</summary>
    [Range(1, 100_000)]
    public int Downloads { get; set; } = 500;

    /// <summary>How many imports one API key may follow at a time by server-sent events; beyond, the answer is 429 with a <c>Retry-After</c>. Default: 100; 1 to 100,000.</summary>
    [Range(1, 100_000)]
    public int EventStreamsPerKey { get; set; } = 100;

    /// <summary>How many server-sent event streams there may be in all; beyond, the answer is 503 with a <c>Retry-After</c>. Default: 1,000; 1 to 100,000.</summary>
    [Range(1, 100_000)]
    public int EventStreams { get; set; } = 1_000;

    /// <summary>How many imports that one API key has asked for may wait to begin; beyond, the answer is 429 with a <c>Retry-After</c>. Default: 100; 1 to 1,000,000.</summary>
    [Range(1, 1_000_000)]
    public int QueuedImportsPerKey { get; set; } = 100;

    /// <summary>How many imports of one scope may wait to begin when one more is asked for over HTTP; beyond, the answer is 429 with a <c>Retry-After</c>. Default: 1,000; 1 to 1,000,000.</summary>
    [Range(1, 1_000_000)]
    public int QueuedImportsPerScope { get; set; } = 1_000;
}

[OptionsValidator]
internal sealed partial class HttpAnnotationsValidator : IValidateOptions<HttpOptions>;

[OptionsValidator]
internal sealed partial class ApiKeyAnnotationsValidator : IValidateOptions<ApiKeyOptions>;

/// <summary>Refuses a configuration at start-up, with one sentence for each setting that is wrong. What should be a hash might be a key, so no sentence repeats it.</summary>
internal sealed partial class HttpOptionsValidator : IValidateOptions<HttpOptions>
{
    public ValidateOptionsResult Validate(string? name, HttpOptions options)
    {
        var failures = AnnotationSentences.Of(new HttpAnnotationsValidator().Validate(HttpOptions.Section, options)).ToList();
        foreach (var (holder, key) in options.Keys)
        {
            failures.AddRange(Key($"{HttpOptions.Section}:Keys:{holder}", holder, key));
        }

        failures.AddRange(options.Keys.GroupBy(key => key.Value.Hash).Where(same => same.Key.Length > 0 && same.Count() > 1).Select(same =>
            $"{string.Join(" and ", same.Select(key => $"{HttpOptions.Section}:Keys:{key.Key}:Hash"))} are the same; every holder needs a key of its own."));
        if (options.PublicBaseAddress is { } address && (!address.IsAbsoluteUri || address.Scheme is not ("http" or "https") || address.Query.Length + address.Fragment.Length > 0))
        {
            failures.Add($"{HttpOptions.Section}:PublicBaseAddress is '{address}'; it must be an address such as https://ats.example.at.");
        }

        if (options.MetricsAddress is { Length: > 0 } metrics && !MetricsAddressForm().IsMatch(metrics))
        {
            failures.Add($"{HttpOptions.Section}:MetricsAddress is '{metrics}'; it must be http:// with a host, or *, and a port, such as http://127.0.0.1:9464.");
        }

        failures.AddRange(options.KnownProxies.Index().Where(proxy => !IPAddress.TryParse(proxy.Item, out _)).Select(proxy =>
            $"{HttpOptions.Section}:KnownProxies:{proxy.Index} is '{proxy.Item}'; it must be an IP address."));
        failures.AddRange(options.KnownNetworks.Index().Where(network => !IPNetwork.TryParse(network.Item, out var parsed) || parsed.PrefixLength == 0).Select(network =>
            $"{HttpOptions.Section}:KnownNetworks:{network.Index} is '{network.Item}'; it must be a network such as 10.0.0.0/8, and not everybody."));
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    /// <summary>A name that can be part of an environment variable's.</summary>
    public static bool IsName(string holder) => holder.Length <= 64 && Name().IsMatch(holder);

    private static IEnumerable<string> Key(string place, string holder, ApiKeyOptions key)
    {
        if (!IsName(holder))
        {
            yield return $"{place} has no name for a key; it must be letters and digits, with single underscores between them, at most 64 characters.";
        }

        foreach (var failure in AnnotationSentences.Of(new ApiKeyAnnotationsValidator().Validate(place, key)))
        {
            yield return failure;
        }

        if (key.Hash.Length > 0 && KeyHash.Parse(key.Hash) is null)
        {
            yield return $"{place}:Hash is no hash of a key; it must be what 'hokify keys new' prints.";
        }

        if (key.Scopes.Length > 0 && Grants.Scopes(key.Scopes) is null)
        {
            yield return $"{place}:Scopes is '{key.Scopes}'; it must be {Grants.ScopesForm}.";
        }

        if (key.Rights.Length > 0 && Grants.Rights(key.Rights) is null)
        {
            yield return $"{place}:Rights is '{key.Rights}'; it must be {Grants.RightsForm}.";
        }
    }

    [GeneratedRegex(@"\Ahttp://(\*|\+|\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+):[0-9]{1,5}/?\z", RegexOptions.IgnoreCase)]
    private static partial Regex MetricsAddressForm();

    [GeneratedRegex(@"\A[A-Za-z0-9]+(_[A-Za-z0-9]+)*\z")]
    private static partial Regex Name();
}
