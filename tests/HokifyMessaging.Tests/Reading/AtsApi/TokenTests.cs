using System.Text;

namespace HokifyMessaging.Tests.Reading.AtsApi;

public abstract class TokenTests
{
    protected TokenTests(int pagesAtOnce) => AtsApiStub.PagesAtOnce = pagesAtOnce;

    [Fact]
    public async Task The_token_is_fetched_with_Basic_credentials_and_used_for_every_page_and_run()
    {
        await using var stub = await AtsApiStub.StartAsync(AtsApiStub.Items(4));
        using var setup = new ReadingSetup(AtsApiStub.Scope(stub));

        await setup.ReadAsync();
        await setup.ReadAsync();

        var login = Assert.Single(stub.To(AtsApiStub.TokenPath));
        Assert.Equal("POST", login.Method);
        Assert.Equal("Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes("company:s3cret")), login.Headers["Authorization"]);
        Assert.InRange(stub.To(AtsApiStub.PagePath).Count, 10, AtsApiStub.PagesAtOnce == 1 ? 10 : 10 + (2 * AtsApiStub.PagesAtOnce));
        Assert.All(stub.To(AtsApiStub.PagePath), asked => Assert.Equal("Bearer token-1", asked.Headers["Authorization"]));
    }

    [Fact]
    public async Task Reads_at_the_same_time_share_one_token()
    {
        await using var stub = await AtsApiStub.StartAsync(AtsApiStub.Items(2));
        using var setup = new ReadingSetup(AtsApiStub.Scope(stub));

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => setup.ReadAsync()));

        Assert.Single(stub.To(AtsApiStub.TokenPath));
    }

    [Theory]
    [InlineData("3600")]
    [InlineData("\"3600\"")]
    [InlineData("3600.0")]
    public async Task A_token_is_replaced_before_it_expires(string expiresIn)
    {
        var clock = new TimerClock();
        await using var stub = await AtsApiStub.StartAsync((context, _) => context.JsonAsync("[]"), expiresIn);
        using var setup = new ReadingSetup(AtsApiStub.Scope(stub), clock);

        await setup.ReadAsync();
        clock.Advance(TimeSpan.FromSeconds(3600 - 61));
        await setup.ReadAsync();
        Assert.Single(stub.To(AtsApiStub.TokenPath));

        clock.Advance(TimeSpan.FromSeconds(2));
        await setup.ReadAsync();
        Assert.Equal(["Bearer token-1", "Bearer token-1", "Bearer token-2"], stub.To(AtsApiStub.PagePath).Select(asked => asked.Headers["Authorization"]));
    }

    [Fact]
    public async Task A_token_without_a_usable_lifetime_is_used_until_it_is_refused()
    {
        await using var stub = await AtsApiStub.StartAsync(
            (context, _) => context.Request.Headers.Authorization == "Bearer token-2" ? context.JsonAsync("[]") : context.JsonAsync("{}", 401), "null");
        using var setup = new ReadingSetup(AtsApiStub.Scope(stub));

        await setup.ReadAsync();
        await setup.ReadAsync();

        Assert.Equal(2, stub.To(AtsApiStub.TokenPath).Count);
    }

    [Fact]
    public async Task A_refused_token_is_replaced_once_and_the_page_read()
    {
        await using var stub = await AtsApiStub.StartAsync((context, count) =>
            context.Request.Headers.Authorization == "Bearer token-1" ? context.JsonAsync("{}", 401) : context.JsonAsync(count == 2 ? $"[{AtsApiStub.Item(1)}]" : "[]"));
        using var setup = new ReadingSetup(AtsApiStub.Scope(stub));

        Assert.Equal(["a1"], (await setup.ReadAsync()).Ids());
        Assert.Equal(2, stub.To(AtsApiStub.TokenPath).Count);
    }

    [Fact]
    public async Task A_second_refusal_says_that_the_credentials_were_refused_and_does_not_print_them()
    {
        await using var stub = await AtsApiStub.StartAsync((context, _) => context.JsonAsync("{}", 401));
        using var setup = new ReadingSetup(AtsApiStub.Scope(stub));

        var failure = await setup.FailureAsync();

        Assert.Contains("refused the scope's credentials", failure, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", failure, StringComparison.Ordinal);
        Assert.DoesNotContain("token-", failure, StringComparison.Ordinal);
        Assert.Equal(2, stub.To(AtsApiStub.PagePath).Count);
    }

    [Theory]
    [InlineData(401)]
    [InlineData(403)]
    public async Task Refused_credentials_are_not_tried_again(int status)
    {
        await using var stub = await HokifyStub.StartAsync((context, _) => context.JsonAsync("{}", status));
        using var setup = new ReadingSetup(AtsApiStub.Scope(stub));

        Assert.Contains("refused the scope's credentials", await setup.FailureAsync(), StringComparison.Ordinal);
        Assert.Single(stub.Requests);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"access_token":7}""")]
    [InlineData("""{"access_token":"line\nbreak","expires_in":5}""")]
    [InlineData("""{"access_token":"\ud800","expires_in":5}""")]
    [InlineData("<html>")]
    [InlineData("")]
    public async Task An_answer_without_a_usable_token_is_refused(string answer)
    {
        await using var stub = await HokifyStub.StartAsync((context, _) => context.JsonAsync(answer));
        using var setup = new ReadingSetup(AtsApiStub.Scope(stub));

        Assert.Contains("holds no usable access_token", await setup.FailureAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sign_in_that_fails_for_a_moment_is_tried_again_with_its_page()
    {
        await using var stub = await HokifyStub.StartAsync((context, count) => context.Request.Path == AtsApiStub.TokenPath
            ? count < 3 ? context.JsonAsync("busy", 503) : context.JsonAsync("""{"access_token":"t","expires_in":60}""")
            : context.JsonAsync(count == 1 ? $"[{AtsApiStub.Item(1)}]" : "[]"));
        using var setup = new ReadingSetup(AtsApiStub.Scope(stub));

        Assert.Equal(["a1"], (await setup.ReadAsync()).Ids());
        Assert.Equal(3, stub.To(AtsApiStub.TokenPath).Count);
    }

    [Fact]
    public async Task A_redirect_gets_no_credentials()
    {
        await using var elsewhere = await HokifyStub.StartAsync((context, _) => context.JsonAsync("[]"));
        await using var stub = await AtsApiStub.StartAsync((context, _) =>
        {
            context.Response.Redirect(new Uri(elsewhere.Address, "/landing").ToString());
            return Task.CompletedTask;
        });
        using var setup = new ReadingSetup(AtsApiStub.Scope(stub));

        var failure = await setup.FailureAsync();

        Assert.Contains($"{elsewhere.Address.Authority}; redirects are not followed", failure, StringComparison.Ordinal);
        Assert.Empty(elsewhere.Requests);
    }
}

/// <summary>One page after the other.</summary>
public sealed class NarrowTokenTests() : TokenTests(1);

/// <summary>Several pages at once.</summary>
public sealed class WideTokenTests() : TokenTests(8);
