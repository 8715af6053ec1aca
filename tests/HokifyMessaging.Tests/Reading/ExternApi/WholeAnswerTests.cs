using System.IO.Compression;
using System.Text;
using HokifyMessaging.Reading;
using Microsoft.AspNetCore.Http;

namespace HokifyMessaging.Tests.Reading.ExternApi;

/// <summary>In which charset an answer came, and whether all of it.</summary>
public sealed class WholeAnswerTests
{
    [Theory]
    [InlineData("windows-1252", "charset=windows-1252")]
    [InlineData("windows-1252", "charset=\"Windows-1252\"")]
    [InlineData("windows-1252", "charset=cp1252")]
    [InlineData("windows-1252", "charset=latin1")]
    [InlineData("windows-1252", "charset=ISO_8859-1")]
    [InlineData("windows-1252", "charset=us-ascii")]
    [InlineData("iso-8859-15", "charset=iso-8859-15")]
    [InlineData("iso-8859-15", "charset=Latin-9")]
    [InlineData("utf-8", "charset=UTF8")]
    [InlineData("utf-16", "charset=utf-16")]
    [InlineData("utf-16BE", "charset=utf-16be")]
    [InlineData("utf-16", "")]
    [InlineData("utf-16BE", "")]
    [InlineData("ibm850", "charset=cp850")]
    public async Task Letters_are_read_from_the_charset_that_the_answer_names_or_shows(string encoding, string charset)
    {
        const string Name = "Jörg Größe";
        foreach (var (csv, body) in new[] { (false, $$"""[{"matchId":"m1","jobId":"j","name":"{{Name}}"}]"""), (true, $"matchId;jobId;name\r\nm1;j;{Name}\r\n") })
        {
            await using var stub = await ExternApiTests.StartAsync(async (context, _) =>
            {
                context.Response.ContentType = charset.Length == 0 ? "text/plain" : $"text/plain; {charset}";
                await context.Response.Body.WriteAsync(TextEncodings.Find(encoding)!.GetBytes(body), context.RequestAborted);
            });
            using var setup = ExternApiTests.Setup(stub, csv);

            var page = Assert.Single(await setup.ReadAsync());

            Assert.Equal(Name, Assert.Single(page.Records).Read().Understood().Person.DisplayName);
        }
    }

    [Theory]
    [InlineData("klingon")]
    [InlineData("utf-7")]
    [InlineData("\"\"\"")]
    public async Task A_charset_that_nobody_knows_is_one_clear_sentence(string charset)
    {
        await using var stub = await ExternApiTests.StartAsync((context, _) =>
        {
            context.Response.Headers.ContentType = $"application/json; charset={charset}";
            return context.Response.WriteAsync("[]", context.RequestAborted);
        });
        using var setup = ExternApiTests.Setup(stub);

        if (charset.Contains('"', StringComparison.Ordinal))
        {
            // A header that makes no sense says nothing.
            Assert.Empty(await setup.ReadAsync());
            return;
        }

        Assert.Equal($"hokify's answer says that its charset is '{charset}', which nobody here knows; expected is utf-8 or another name that IANA has registered.", await setup.FailureAsync());
    }

    [Fact]
    public async Task A_byte_order_mark_outranks_the_charset_that_the_answer_names()
    {
        await using var stub = await ExternApiTests.StartAsync((context, _) =>
        {
            context.Response.ContentType = "text/csv; charset=windows-1252";
            byte[] body = [.. Encoding.BigEndianUnicode.Preamble, .. Encoding.BigEndianUnicode.GetBytes(ExternApiTests.Csv(2))];
            return context.Response.Body.WriteAsync(body, context.RequestAborted).AsTask();
        });
        using var setup = ExternApiTests.Setup(stub, csv: true);

        Assert.Equal(ExternApiTests.Ids(1, 2), (await setup.ReadAsync()).Ids());
    }

    [Theory]
    [InlineData("matchId,jobId,email\r\nm1,j,m1@example.org\r\nm2,j,m2@exam", "line 3 has no line break behind it, and ")]
    [InlineData("matchId,jobId,email\r\nm1,j,m1@example.org\r\nm2,j", "line 3 ends after 2 of 3 fields")]
    [InlineData("matchId,jobId,email\r\nm1,j,m1@example.org\r\nm2,j,\"m2@exam", "line 3 has a quotation mark that is never closed")]
    [InlineData("matchId,jobId,email\r\nm1,j,m1@example.org\r\n", "neither a length nor chunks")]
    [InlineData("matchId,jobId,email", "may not be whole")]
    [InlineData("", "neither a length nor chunks")]
    public async Task CSV_that_says_nowhere_where_it_ends_is_no_complete_read(string body, string reason)
    {
        await using var stub = await ExternApiTests.StartAsync((context, _) =>
        {
            context.Response.Headers.TransferEncoding = "identity";
            return context.Response.WriteAsync(body, context.RequestAborted);
        });
        using var setup = ExternApiTests.Setup(stub, csv: true);

        var pages = await setup.ReadAsync();

        Assert.DoesNotContain("m2", pages.Ids());
        Assert.Contains(reason, Assert.Single(pages, page => page.Flaw is not null).Flaw, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, "")]
    [InlineData(false, "")]
    [InlineData(true, "gzip")]
    [InlineData(false, "br")]
    public async Task CSV_that_says_where_it_ends_is_whole_without_a_last_line_break(bool hasLength, string packing)
    {
        await using var stub = await ExternApiTests.StartAsync(async (context, _) =>
        {
            var body = new MemoryStream();
            await using (Stream packed = packing switch { "gzip" => new GZipStream(body, CompressionLevel.Fastest, leaveOpen: true), "br" => new BrotliStream(body, CompressionLevel.Fastest, leaveOpen: true), _ => new BufferedStream(new MemoryStream()) })
            {
                await (packing.Length == 0 ? body : packed).WriteAsync(Encoding.UTF8.GetBytes(ExternApiTests.Csv(3).TrimEnd()), context.RequestAborted);
            }

            context.Response.Headers.ContentEncoding = packing;
            context.Response.ContentLength = hasLength ? body.Length : null;
            await context.Response.Body.WriteAsync(body.ToArray(), context.RequestAborted);
        });
        using var setup = ExternApiTests.Setup(stub, csv: true);

        var pages = await setup.ReadAsync();

        Assert.Equal(ExternApiTests.Ids(1, 3), pages.Ids());
        Assert.All(pages, page => Assert.Null(page.Flaw));
        Assert.Contains("gzip", Assert.Single(stub.To(ExternApiTests.ListPath)).Headers["Accept-Encoding"], StringComparison.Ordinal);
    }
}
