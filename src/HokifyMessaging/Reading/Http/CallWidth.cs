namespace HokifyMessaging.Reading.Http;

/// <summary>
/// How many calls may be under way at once with one set of credentials: one more with every round of answers (at first with every answer), half as
/// many when the source refuses one or answers come later and later.
/// </summary>
/// <remarks>All times count from one beginning.</remarks>
internal readonly record struct CallWidth
{
    /// <summary>Answers that take so many times as long as the quickest show that calls wait for each other.</summary>
    private const double Later = 2;

    /// <summary>What a quick answer takes longer by chance.</summary>
    private static readonly TimeSpan Noise = TimeSpan.FromMilliseconds(50);

    public static CallWidth Start { get; } = new() { Calls = 1, IsUntried = true };

    /// <summary>At least one.</summary>
    public double Calls { get; private init; }

    /// <summary>Whether nothing has ever spoken against more.</summary>
    private bool IsUntried { get; init; }

    /// <summary>What an answer takes where nothing is in its way; follows slowly where a source has become another one.</summary>
    private double Quickest { get; init; }

    private double Usual { get; init; }

    private TimeSpan Halved { get; init; }

    /// <param name="sent">When the call went out.</param>
    /// <param name="now">When its answer began.</param>
    /// <param name="most">No more than that.</param>
    public CallWidth Answered(TimeSpan sent, TimeSpan now, int most)
    {
        var took = (now - sent).TotalSeconds;
        var seen = this with
        {
            Quickest = Quickest == 0 || took < Quickest ? took : Quickest + ((took - Quickest) / 64),
            Usual = Usual == 0 ? took : Usual + ((took - Usual) / 8),
        };
        if (seen.Usual > (Later * seen.Quickest) + Noise.TotalSeconds && Calls >= 2)
        {
            return seen.Halve(sent, now);
        }

        // Whoever may do less learns nothing about more.
        return Calls >= most ? seen : seen with { Calls = Math.Min(most, Calls + (IsUntried ? 1 : 1 / Calls)) };
    }

    /// <inheritdoc cref="Answered"/>
    public CallWidth Refused(TimeSpan sent, TimeSpan now) => Halve(sent, now);

    /// <summary>Once for all that was sent before it was halved.</summary>
    private CallWidth Halve(TimeSpan sent, TimeSpan now) =>
        sent < Halved ? this : this with { Calls = Math.Max(1, Calls / 2), IsUntried = false, Halved = now, Usual = 0 };
}
