using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace HokifyMessaging.Reading.Http;

/// <param name="Value">What is sent; never logged.</param>
/// <param name="Lifetime">From when it was asked for; null if the server does not say.</param>
internal sealed record IssuedToken(string Value, TimeSpan? Lifetime)
{
    public override string ToString() => "(token)";
}

/// <summary>Keeps the token of one scope across pages and runs, and has it issued by one caller at a time.</summary>
[SuppressMessage("Design", "CA1001", Justification = "A semaphore whose wait handle nobody asks for holds nothing to dispose.")]
internal sealed class TokenCache(TimeProvider clock)
{
    private static readonly TimeSpan LongestMargin = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestLifetime = TimeSpan.FromDays(30);

    private readonly SemaphoreSlim _gate = new(1, 1);
    private volatile Held? _held;

    /// <summary>The answer to a call with the token; where the server refuses the token, to the same call with a fresh one.</summary>
    /// <param name="issue">Has a token issued.</param>
    /// <param name="call">Sends the call with a token.</param>
    /// <param name="isRefusal">Whether a status means that the token is not, or no longer, good. If the last answer has one, the fresh token was refused as well.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task<HttpResponseMessage> SendAsync(
        Func<CancellationToken, Task<IssuedToken>> issue,
        Func<string, CancellationToken, Task<HttpResponseMessage>> call,
        Func<HttpStatusCode, bool> isRefusal,
        CancellationToken cancellationToken)
    {
        var token = await GetAsync(issue, cancellationToken);
        var response = await call(token, cancellationToken);
        if (!isRefusal(response.StatusCode))
        {
            return response;
        }

        response.Dispose();
        Forget(token);
        token = await GetAsync(issue, cancellationToken);
        response = await call(token, cancellationToken);
        if (isRefusal(response.StatusCode))
        {
            Forget(token);
        }

        return response;
    }

    /// <summary>Has a token issued where there is none that can be used.</summary>
    public async Task PrepareAsync(Func<CancellationToken, Task<IssuedToken>> issue, CancellationToken cancellationToken) =>
        await GetAsync(issue, cancellationToken);

    private async ValueTask<string> GetAsync(Func<CancellationToken, Task<IssuedToken>> issue, CancellationToken cancellationToken)
    {
        if (Usable() is { } token)
        {
            return token;
        }

        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (Usable() is { } issuedMeanwhile)
            {
                return issuedMeanwhile;
            }

            var asked = clock.GetUtcNow();
            var issued = await issue(cancellationToken);
            _held = new Held(issued.Value, issued.Lifetime is { } lifetime ? asked + BeforeExpiry(lifetime) : null);
            return issued.Value;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Drops a token that the server refused, unless another caller has replaced it already.</summary>
    private void Forget(string token)
    {
        var held = _held;
        if (held?.Token == token)
        {
            Interlocked.CompareExchange(ref _held, null, held);
        }
    }

    private string? Usable() => _held is { } held && (held.RefreshAt is null || clock.GetUtcNow() < held.RefreshAt) ? held.Token : null;

    private static TimeSpan BeforeExpiry(TimeSpan lifetime)
    {
        var bounded = lifetime > LongestLifetime ? LongestLifetime : lifetime;
        var margin = bounded / 10;
        return bounded - (margin > LongestMargin ? LongestMargin : margin);
    }

    private sealed record Held(string Token, DateTimeOffset? RefreshAt);
}
