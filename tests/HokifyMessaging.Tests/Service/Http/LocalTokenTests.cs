using System.Net;
using HokifyMessaging.Machine;
using HokifyMessaging.Service.Commands;
using HokifyMessaging.Service.Http.Keys;
using Microsoft.Extensions.Options;

namespace HokifyMessaging.Tests.Service.Http;

/// <summary>Without an API key the service asks this machine for what lies in a file that only its user reads.</summary>
public sealed class LocalTokenTests : IDisposable
{
    private readonly OwnFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Who_sends_nothing_is_told_where_the_token_is()
    {
        await using var service = await GuardedService.StartAsync([]);

        var answer = await service.SendAsync("import");

        Assert.Equal(
            (HttpStatusCode.Unauthorized, $"The request has no API key; no API key is configured, so send what the file {service.TokenFile} holds, in the header X-Api-Key, or as Authorization: Bearer."),
            (answer.Status, answer.Detail));
        Assert.Equal("Bearer realm=\"hokify\"", answer.Headers["WWW-Authenticate"]);
        Assert.DoesNotContain(service.Token, answer.Body, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await service.SendAsync("health/ready")).Status);
    }

    [Theory]
    [InlineData("local")]
    [InlineData("hokify_")]
    [InlineData("{token}x")]
    [InlineData("another")]
    public async Task Who_sends_something_else_is_refused(string sent)
    {
        await using var service = await GuardedService.StartAsync([]);
        var key = sent == "another" ? ApiKey.Create() : sent.Replace("{token}", service.Token, StringComparison.Ordinal);

        foreach (var answer in new[] { await service.SendAsync("import", key), await service.SendAsync("import", method: "POST", headers: ("Authorization", $"Bearer {key}")) })
        {
            Assert.Equal(HttpStatusCode.Unauthorized, answer.Status);
            Assert.StartsWith("The API key is not valid; no API key is configured, so send what the file ", answer.Detail, StringComparison.Ordinal);
        }

        Assert.DoesNotContain(service.Token, service.Logs.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("X-Api-Key", "{token}")]
    [InlineData("Authorization", "Bearer {token}")]
    [InlineData("Authorization", "bearer  {token}")]
    public async Task It_is_sent_as_a_key_is(string header, string value)
    {
        await using var service = await GuardedService.StartAsync([]);

        Assert.Equal("imported", (await service.SendAsync("import", headers: (header, value.Replace("{token}", service.Token, StringComparison.Ordinal)))).Body);
    }

    [Fact]
    public async Task A_query_a_cookie_and_a_password_are_no_place_for_it()
    {
        await using var service = await GuardedService.StartAsync([]);
        var basic = Convert.ToBase64String(System.Text.Encoding.ASCII.GetBytes($"local:{service.Token}"));

        foreach (var answer in new[]
        {
            await service.SendAsync($"import?token={service.Token}&X-Api-Key={service.Token}"),
            await service.SendAsync("import", headers: ("Cookie", $"X-Api-Key={service.Token}; token={service.Token}")),
            await service.SendAsync("import", headers: ("Authorization", $"Basic {basic}")),
        })
        {
            Assert.Equal(HttpStatusCode.Unauthorized, answer.Status);
        }
    }

    /// <summary>As nginx does unless it is told otherwise, socat and ssh -L always, and a header that nobody has heard of says nothing either.</summary>
    [Theory]
    [InlineData("Accept", "*/*")]
    [InlineData("CF-Connecting-IP", "192.0.2.1")]
    [InlineData("X-Original-Forwarded-For", "192.0.2.1")]
    [InlineData("X-Envoy-External-Address", "192.0.2.1")]
    public async Task What_something_on_this_machine_passes_on_without_saying_so_is_asked_for_the_token(string header, string value)
    {
        await using var service = await GuardedService.StartAsync([]);
        await using var relay = new TcpRelay(service.Address.Port);
        var address = new Uri($"http://127.0.0.1:{relay.Port}");

        foreach (var method in new[] { "GET", "POST" })
        {
            Assert.Equal(HttpStatusCode.Unauthorized, (await service.SendAsync("import", method: method, address: address, headers: (header, value))).Status);
        }

        Assert.Equal(HttpStatusCode.OK, (await service.SendAsync("import", service.Token, address: address)).Status);
    }

    [Fact]
    public async Task Wrong_ones_are_counted_by_themselves()
    {
        await using var service = await GuardedService.StartAsync([new("Http:Limits:RefusedRequestsPerMinute", "2")]);

        Assert.Equal(HttpStatusCode.Unauthorized, (await service.SendAsync("import", ApiKey.Create())).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await service.SendAsync("import", ApiKey.Create())).Status);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await service.SendAsync("import", ApiKey.Create())).Status);
        Assert.Equal(HttpStatusCode.OK, (await service.SendAsync("import", service.Token)).Status);
    }

    [Fact]
    public void It_is_kept_and_nobody_but_its_owner_reads_it()
    {
        var token = Beside("hokify.db");

        var made = token.ReadOrMake();

        Assert.True(ApiKey.HasForm(made));
        Assert.Equal(made, Beside("hokify.db").ReadOrMake());
        Assert.NotEqual(made, Beside("another.db").ReadOrMake());
        Assert.Equal(Path.Combine(_folder.Path, "hokify.db.local-token"), token.Path);
        Assert.False(PrivateFile.IsOpenToOthers(token.Path));
        Assert.Contains(token.Path, PrivateFile.Beside(Path.Combine(_folder.Path, "hokify.db")));
    }

    [Fact]
    public async Task Of_many_that_start_at_once_all_have_the_same()
    {
        const int Rounds = 30;
        for (var round = 0; round < Rounds; round++)
        {
            using var together = new Barrier(participantCount: 8);
            var made = await Task.WhenAll(Enumerable.Range(0, together.ParticipantCount).Select(_ => Task.Factory.StartNew(
                () =>
                {
                    together.SignalAndWait(Cancel);
                    return Beside($"{round}.db").ReadOrMake();
                },
                Cancel,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default)));

            Assert.Single(made.Distinct());
        }

        Assert.Equal(Rounds, Directory.GetFiles(_folder.Path).Length);
    }

    [Theory]
    [InlineData("")]
    [InlineData("hokify_short")]
    [InlineData("hunter2")]
    public void What_is_no_token_is_refused_and_never_repeated(string content)
    {
        var token = Beside("hokify.db");
        File.WriteAllText(token.Path, content);

        var refused = Assert.Throws<VerbException>(token.ReadOrMake);

        Assert.Equal($"The local token {token.Path} holds no token; delete it, and the next start makes another.", refused.Message);
    }

    [Fact]
    public void A_place_that_cannot_be_used_is_named()
    {
        Directory.CreateDirectory(Path.Combine(_folder.Path, "hokify.db.local-token"));
        foreach (var database in new[] { "hokify.db", "nowhere/hokify.db" })
        {
            var refused = Assert.Throws<VerbException>(Beside(database).ReadOrMake);

            Assert.StartsWith($"No API key is configured, and the local token {Path.Combine(_folder.Path, database)}.local-token that stands in for one cannot be read or made; it must be ", refused.Message, StringComparison.Ordinal);
            Assert.EndsWith("Or make a key with 'hokify keys new'.", refused.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("/var/lib/state", "/home/hokify", "/var/lib/state")]
    [InlineData("state", "/home/hokify", "/home/hokify/.local/state")]
    [InlineData("", "/home/hokify", "/home/hokify/.local/state")]
    [InlineData(null, "/root", "/root/.local/state")]
    public void A_database_without_a_file_has_it_where_programs_keep_their_users_state(string? state, string home, string folder)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has a folder of its own for that.");
        Assert.Equal(folder, LocalToken.StateFolder(state, home));
        Assert.EndsWith("/hokify/local-token", new LocalToken(Options.Create(new DatabaseOptions { Provider = DatabaseProvider.SqlServer, ConnectionString = "Server=sql" })).Path, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://127.0.0.1:5080", "http://127.0.0.1:5080/api/imports")]
    [InlineData("http://[::1]:5080/", "http://[::1]:5080/api/imports")]
    [InlineData("http://unix:/run/hokify.sock", "--unix-socket '/run/hokify.sock' http://localhost/api/imports")]
    public void An_example_names_the_file_and_not_what_is_in_it(string address, string there)
    {
        var token = Beside("Anna's.db");
        token.ReadOrMake();

        Assert.Equal($"""curl -H "X-Api-Key: $(cat '{_folder.Path}/Anna'\''s.db.local-token')" {there}""", token.Example(address));
    }

    private LocalToken Beside(string database) =>
        new(Options.Create(new DatabaseOptions { Provider = DatabaseProvider.Sqlite, ConnectionString = $"Data Source=\"{Path.Combine(_folder.Path, database)}\"" }));
}
