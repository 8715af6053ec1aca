using System.Globalization;
using System.Net;
using System.Text;
using HokifyMessaging.Sandbox;

namespace HokifyMessaging.Benchmarks;

/// <summary>
/// What the contestants read: version 0, and version 1 in which a tenth of the applications has changed. CSV is an export of
/// hokify's flat records; JSON are the pages of today's API, recorded from the sandbox so that it takes no time while measuring.
/// </summary>
internal static class Inputs
{
    private static readonly string[] Names = ["Anna", "Mizzi", "Jörg", "Zoë", "Milan", "Šárka", "Elif", "Björn"];
    private static readonly string[] Families = ["Gruber", "Hofstätter", "Müller-Lüdenscheidt", "Novák", "Yılmaz", "O'Brien", "Straßer"];

    public static string Of(string folder, int version) => Path.Combine(folder, version.ToString(CultureInfo.InvariantCulture));

    /// <param name="versions">1, or 2 where the changed tenth is needed as well.</param>
    /// <param name="first">Where the counting of CSV records begins: other numbers are other applications of other people.</param>
    public static async Task WriteAsync(string source, int records, string folder, int versions = 1, int first = 0)
    {
        if (source == "csv")
        {
            for (var version = 0; version < versions; version++)
            {
                Directory.CreateDirectory(Of(folder, version));
                await WriteCsvAsync(Path.Combine(Of(folder, version), "applications.csv"), records, version, first);
            }

            return;
        }

        await using var sandbox = await HokifySandbox.StartAsync(new SandboxOptions { Applications = records, MaxLimit = 500 });
        for (var version = 0; version < versions; version++)
        {
            Directory.CreateDirectory(Of(folder, version));
            await using var setup = new Setup(source, Of(folder, version), Path.Combine(folder, "unused.db"), new RecordingPages(Of(folder, version)), sandbox.AtsApi);
            if (await setup.ReadAsync().Select(page => page.Records.Count).SumAsync() != records)
            {
                throw new InvalidOperationException($"The sandbox has not delivered the {records} applications that it has.");
            }

            sandbox.Advance(changed: records / 10);
        }
    }

    public static async Task WriteCsvAsync(string path, int records, int version, int first)
    {
        var random = new Random(20261001);
        await using var writer = new StreamWriter(path, append: false, new UTF8Encoding(encoderShouldEmitUTF8Identifier: true));
        await writer.WriteLineAsync("matchId;jobId;jobSourceId;userId;name;email;hokifyMail;phone;birthday;gender;nationality;applicationDate;fileProfile;fileCV;additionalFiles");
        for (var index = first; index < first + records; index++)
        {
            // Nine of ten people apply once, the others twice; whoever changes has another phone and another job reference.
            var person = index % 10 == 9 ? index - 9 : index;
            var changed = index % 10 == 4 ? version : 0;
            var (name, family) = (Names[person % Names.Length], Families[person % Families.Length]);
            var letters = random.NextInt64(1L << 40);
            await writer.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
                $"5b{index:x8}{letters:x14};5c{index % 97:x22};REF-{index % 97}/{changed};5d{person:x22};{name} {family};{name.ToLowerInvariant()}.{person}@example.at;{person:x}@relay.example.com;+43 660 {person:0000000}{changed};{1960 + (person % 45)}-0{1 + (person % 9)}-{10 + (person % 18)};{(person % 2 == 0 ? "female" : "male")};Österreich;2026-0{1 + (index % 9)}-{10 + (index % 18)}T{index % 24:00}:{index % 60:00}:00.000Z;https://files.example.com/profiles/{letters:x}/profile.pdf;https://files.example.com/cv/{letters:x}/lebenslauf.pdf;\"https://files.example.com/a/{letters:x}/zeugnis.pdf, https://files.example.com/a/{letters:x}/anschreiben.pdf\""));
        }
    }
}

/// <summary>Keeps the pages that hokify delivers, by their offset.</summary>
internal sealed class RecordingPages(string folder) : DelegatingHandler(new SocketsHttpHandler())
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken);
        if (request.Method == HttpMethod.Get)
        {
            // Whole or not at all: who reads ahead gives up what it turns out not to need.
            var page = await response.Content.ReadAsByteArrayAsync(cancellationToken);
            await File.WriteAllBytesAsync(RecordedPages.FileOf(folder, request), page, CancellationToken.None);
        }

        return response;
    }
}

/// <summary>Delivers them again from files.</summary>
internal sealed class RecordedPages(string folder) : HttpMessageHandler
{
    private const string Offset = "offset=";

    public static string FileOf(string folder, HttpRequestMessage request)
    {
        var offset = request.RequestUri!.Query.TrimStart('?').Split('&').Single(part => part.StartsWith(Offset, StringComparison.Ordinal));
        return FileOf(folder, long.Parse(offset.AsSpan(Offset.Length), CultureInfo.InvariantCulture));
    }

    public static string FileOf(string folder, long offset) => Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{Offset}{offset}.json"));

    /// <summary>Where its pages begin, in the order of the list.</summary>
    public static IEnumerable<long> OffsetsOf(string folder) => Directory.EnumerateFiles(folder, $"{Offset}*.json")
        .Select(file => long.Parse(Path.GetFileNameWithoutExtension(file).AsSpan(Offset.Length), CultureInfo.InvariantCulture)).Order();

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        HttpContent content = request.Method == HttpMethod.Get
            // Beyond the end nothing was recorded.
            ? File.Exists(FileOf(folder, request)) ? new StreamContent(new PageAtHand(FileOf(folder, request))) : new StringContent("[]")
            : new StringContent("""{"access_token":"recorded","expires_in":86400}""");
        content.Headers.ContentType = new("application/json");
        return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = content, RequestMessage = request });
    }
}

/// <summary>
/// A page that has arrived: a file's own stream would change threads for every piece, and whoever waits for the next one spins meanwhile,
/// which on a busy machine takes more than all the rest.
/// </summary>
internal sealed class PageAtHand(string path) : Stream
{
    private readonly Microsoft.Win32.SafeHandles.SafeFileHandle _file = File.OpenHandle(path);
    private long _at;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override int Read(Span<byte> buffer)
    {
        var read = RandomAccess.Read(_file, buffer, _at);
        _at += read;
        return read;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => ValueTask.FromResult(Read(buffer.Span));

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => Task.FromResult(Read(buffer.AsSpan(offset, count)));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        _file.Dispose();
        base.Dispose(disposing);
    }
}
