using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using HokifyMessaging.Reading.Http;

namespace HokifyMessaging.Tests.Reading;

/// <summary>Of what hokify says only a code may be repeated.</summary>
public sealed class SourceAnswerTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("invalid_token")]
    [InlineData("invalid-mandator")]
    [InlineData("auth.token.expired")]
    [InlineData("RATE_LIMIT")]
    [InlineData("E1042")]
    [InlineData("tokenExpired")]
    [InlineData("InvalidToken")]
    public void A_word_for_programs_is_a_code(string word) => Assert.True(SourceAnswer.IsCode(word));

    [Theory]
    [InlineData("")]
    [InlineData("no")]
    [InlineData("Erika Mustermann")]
    [InlineData("Erika.Mustermann")]
    [InlineData("Mustermann")]
    [InlineData("erika.mustermann@example.at")]
    [InlineData("06641234567")]
    [InlineData("1990-03-01")]
    [InlineData("invalid_token\n")]
    [InlineData("invalid\u202etoken")]
    [InlineData("a_word_that_is_longer_than_any_code_for_programs")]
    public void A_sentence_a_name_and_a_number_are_none(string text) => Assert.False(SourceAnswer.IsCode(text));

    [Theory]
    [InlineData("""{"success":false,"msg":"Erika Mustermann is unknown","code":"invalid_mandator"}""", "invalid_mandator", "Erika Mustermann is unknown")]
    [InlineData("""{"error":"invalid_token","error_description":"the token of Erika Mustermann"}""", "invalid_token", "the token of Erika Mustermann")]
    [InlineData("""{"error":{"code":"not_found","message":"no Erika Mustermann"}}""", "not_found", "no Erika Mustermann")]
    [InlineData("""{"error":"Erika Mustermann is unknown"}""", null, "Erika Mustermann is unknown")]
    [InlineData("""{"code":"Erika.Mustermann","message":"refused"}""", null, "refused")]
    [InlineData("""{"code":401,"message":"refused"}""", null, "refused")]
    [InlineData("""{"reasons":["Erika Mustermann"]}""", null, """{"reasons":["Erika Mustermann"]}""")]
    [InlineData("<html>\n <h1>Erika  Mustermann</h1>", null, "<html> <h1>Erika Mustermann</h1>")]
    [InlineData("""["Erika Mustermann"]""", null, """["Erika Mustermann"]""")]
    [InlineData("", null, null)]
    [InlineData("{}", null, "{}")]
    [InlineData("""{"msg":"\ud800"}""", null, """{"msg":"\ud800"}""")]
    public async Task A_code_is_told_apart_from_what_could_name_a_person(string body, string? code, string? said)
    {
        using var response = Answer(body);

        var answer = await SourceAnswer.ReadAsync(response, "s3cret", Cancel);

        Assert.Equal((code, said), (answer.Code, answer.Said));
    }

    [Fact]
    public async Task What_hokify_was_sent_to_keep_secret_is_nowhere()
    {
        using var response = Answer(JsonSerializer.Serialize(new { code = "s3cret", error = "bearer-of-the-run", msg = "s3cret, bearer-of-the-run and session-of-the-run are unknown" }));

        var answer = await SourceAnswer.ReadAsync(response, "s3cret", Cancel);

        Assert.Null(answer.Code);
        Assert.Contains("(token), (token) and (token) are unknown", answer.Said, StringComparison.Ordinal);
        Assert.DoesNotMatch("s3cret|of-the-run", answer.Said);
    }

    [Theory]
    [InlineData("gzip", "utf-8")]
    [InlineData("zstd", "utf-8")]
    [InlineData("identity", "klingon")]
    public async Task An_answer_that_cannot_be_read_says_nothing(string packing, string charset)
    {
        using var response = Answer("{}");
        response.Content.Headers.ContentEncoding.Add(packing);
        response.Content.Headers.ContentType = MediaTypeHeaderValue.Parse($"application/json; charset={charset}");

        var answer = await SourceAnswer.ReadAsync(response, "s3cret", Cancel);

        Assert.Equal((null, null, false), (answer.Code, answer.Said, answer.IsWithoutSuccess));
    }

    [Fact]
    public async Task However_long_an_answer_is_little_of_it_is_kept()
    {
        using var response = Answer($$"""{"msg":"{{new string('x', 5_000_000)}}"}""");

        Assert.InRange((await SourceAnswer.ReadAsync(response, "s3cret", Cancel)).Said!.Length, 500, 2_000);
    }

    private static HttpResponseMessage Answer(string body)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, "https://hokify.example/api/list") { Headers = { Authorization = new("Bearer", "bearer-of-the-run") } };
        request.Headers.Add("x-session-token", "session-of-the-run");
        return new HttpResponseMessage(HttpStatusCode.BadRequest) { RequestMessage = request, Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) };
    }
}
