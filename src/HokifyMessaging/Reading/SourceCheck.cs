using HokifyMessaging.CheckUp;

namespace HokifyMessaging.Reading;

/// <summary>Whether a scope's source answers, lets us in, gives what can be read, and has our time.</summary>
/// <param name="scopeId">The scope.</param>
/// <param name="scope">Its settings.</param>
/// <param name="sources">What is asked.</param>
/// <param name="clock">Ours.</param>
internal sealed class SourceCheck(int scopeId, ScopeOptions scope, ApplicationSources sources, TimeProvider clock) : ICheck
{
    /// <summary>As much as a proxy or a day's drift explains; more hides changes, or looks like dates of the future.</summary>
    private static readonly TimeSpan LargestSkew = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    public string Subject { get; } = FormattableString.Invariant($"scope {scopeId}");

    public async IAsyncEnumerable<Finding> LookAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var source = sources.For(scopeId);
        var now = clock.GetUtcNow();
        await TimeLimit.WithinAsync(
            Limit,
            clock,
            token => ReadFirstPageAsync(source, new ReadWindow(now - TimeSpan.FromMinutes(1), now), token),
            cancellationToken,
            otherwise: () => new SourceException($"{scope.Source} did not answer within {TimeLimit.InSeconds(Limit)}."));
        var name = VisibleText.Of(scope.Name);
        var skew = TimeSpan.FromSeconds(Math.Round(source.Skew.TotalSeconds));
        yield return skew.Duration() <= LargestSkew
            ? new Finding(Subject, Verdict.Ok, $"{name}: {scope.Source} lets us in and can be read.")
            : new Finding(
                Subject,
                Verdict.Wrong,
                $"{name}: the clock of {scope.Source} is {TimeLimit.InSeconds(skew.Duration())} {(skew < TimeSpan.Zero ? "behind" : "ahead of")} this machine's, so that changes are read late, or taken for ones of the future; "
                + "set this machine's clock by a time server.");
    }

    /// <summary>What files hold is read whatever the window is; of hokify the last minute is asked for, which mostly has nothing.</summary>
    private static async Task ReadFirstPageAsync(IApplicationSource source, ReadWindow window, CancellationToken cancellationToken)
    {
        await using var pages = source.ReadAsync(window, checkpoint: null, cancellationToken).GetAsyncEnumerator(cancellationToken);
        await pages.MoveNextAsync();
    }
}
