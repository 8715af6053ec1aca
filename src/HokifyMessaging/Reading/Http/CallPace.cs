namespace HokifyMessaging.Reading.Http;

/// <summary>
/// How many calls a second a source puts up with, which it says nowhere: learnt from the calls that it refuses. Behind a refusal there are fewer, back up
/// to where it was refused they come slowly, and beyond that ever faster, because a limit may have been lifted.
/// </summary>
/// <remarks>All times count from one beginning.</remarks>
internal readonly record struct CallPace
{
    /// <summary>How long it takes to be back where calls were refused: each way back costs a refusal, and the time until then what could have been read.</summary>
    private const double WayBack = 4;

    private const double BehindRefusal = 0.85;
    private const double BehindRefusalsInARow = 0.7;

    /// <summary>What is answered in a second is what is allowed, or was a moment ago.</summary>
    private const double OfAnswered = 0.9;

    private const double Haste = 0.6;
    private const double Least = 0.2;

    /// <summary>So many answers at the new pace show that it is not far off.</summary>
    private const int Proven = 3;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    /// <summary>Calls a second around which it is looked for; 0 where nothing was refused yet.</summary>
    private double Aim { get; init; }

    private TimeSpan Since { get; init; }

    /// <summary>Answers to calls that were sent at this pace.</summary>
    private int Answers { get; init; }

    private int InARow { get; init; }

    /// <summary>Before then nothing is sent.</summary>
    public TimeSpan NotBefore { get; private init; }

    /// <summary>Whether nothing is known of the limit, so that nothing has to wait.</summary>
    public bool IsUnknown => Aim == 0;

    /// <summary>Whether one refusal followed another: then one call at a time shows whether there is more to be had.</summary>
    public bool IsInDoubt => InARow > 0;

    /// <summary>Calls a second, now.</summary>
    public double PerSecond(TimeSpan now)
    {
        var way = ((now - Since).TotalSeconds - WayBack) / WayBack;
        return Aim * (way <= 0 ? 1 + ((1 - BehindRefusal) * way * way * way) : Math.Exp(Math.Min(10, Haste * way * way)));
    }

    /// <summary>A call goes out; the next has to keep its distance, though a little may be made up for.</summary>
    public CallPace Sent(TimeSpan now)
    {
        if (IsUnknown)
        {
            return this;
        }

        var distance = TimeSpan.FromSeconds(1 / PerSecond(now));
        var (steady, least) = (NotBefore + distance, now + (distance * 0.7));
        return this with { NotBefore = steady > least ? steady : least };
    }

    /// <param name="sent">When the call went out.</param>
    /// <param name="now">When it was answered.</param>
    /// <param name="lately">How many calls were answered in the last second.</param>
    public CallPace Answered(TimeSpan sent, TimeSpan now, double lately) =>
        IsUnknown || sent < Since ? this
        : IsInDoubt ? this with { Aim = Math.Max(Aim, lately), Since = now, Answers = 1, InARow = 0 }
        : this with { Answers = Answers + 1 };

    /// <inheritdoc cref="Answered"/>
    public CallPace Refused(TimeSpan sent, TimeSpan now, double lately)
    {
        if (IsUnknown)
        {
            return lately > 0 ? new CallPace { Aim = Math.Max(Least, lately), Since = now }.Sent(now) : this;
        }

        if (sent < Since)
        {
            // It went out at a pace that is given up already.
            return this;
        }

        var pace = PerSecond(now);
        if (Answers >= Proven)
        {
            return new CallPace { Aim = Math.Max(Least, Math.Max(Math.Min(pace, lately * OfAnswered), pace * BehindRefusalsInARow)), Since = now, NotBefore = NotBefore };
        }

        var pause = FirstPause * Math.Pow(2, Math.Min(InARow, 10));
        var until = now + (pause < LongestPause ? pause : LongestPause);
        return new CallPace
        {
            Aim = Math.Max(Least, pace * BehindRefusalsInARow),
            Since = now,
            InARow = InARow + 1,
            NotBefore = until > NotBefore ? until : NotBefore,
        };
    }
}
