using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace HokifyMessaging.Storage;

/// <summary>
/// How long somebody who waits for an answer is prepared to wait for a database that is locked: from the beginning, or from
/// the last time that it answered, until this is disposed of. Imports have none: they wait and try again.
/// </summary>
internal sealed class DatabasePatience : IDisposable
{
    private static readonly AsyncLocal<DatabasePatience?> Ambient = new();

    private readonly DatabasePatience? _outer = Ambient.Value;
    private readonly TimeSpan _limit;
    private readonly TimeProvider _clock;
    private long _since;

    private DatabasePatience(TimeSpan limit, TimeProvider clock)
    {
        (_limit, _clock, _since) = (limit, clock, clock.GetTimestamp());
        Ambient.Value = this;
    }

    /// <summary>What is left of it; null for whoever has all the time that the configuration gives.</summary>
    public static TimeSpan? Left => Ambient.Value is { } patience ? patience._limit - patience._clock.GetElapsedTime(patience._since) : null;

    /// <summary>
    /// Whether too little is left to try again what has failed. A try reads before it writes, and each answer renews what is
    /// left: whoever waited half of it for a lock would wait for it again and again.
    /// </summary>
    public static bool IsSpent => Ambient.Value is { } patience && patience._clock.GetElapsedTime(patience._since) >= patience._limit / 2;

    /// <param name="limit">How long.</param>
    /// <param name="clock">Measures it.</param>
    public static DatabasePatience Begin(TimeSpan limit, TimeProvider clock) => new(limit, clock);

    /// <inheritdoc/>
    public void Dispose() => Ambient.Value = _outer;

    /// <summary>Has commands end when it is over.</summary>
    public sealed class Commands : DbCommandInterceptor
    {
        public override DbCommand CommandInitialized(CommandEndEventData eventData, DbCommand result)
        {
            if (Left is { } left && (result.CommandTimeout == 0 || left < TimeSpan.FromSeconds(result.CommandTimeout)))
            {
                result.CommandTimeout = Seconds(left);
            }

            return result;
        }

        public override InterceptionResult DataReaderClosing(DbCommand command, DataReaderClosingEventData eventData, InterceptionResult result)
        {
            Answered();
            return result;
        }

        public override ValueTask<InterceptionResult> DataReaderClosingAsync(DbCommand command, DataReaderClosingEventData eventData, InterceptionResult result)
        {
            Answered();
            return ValueTask.FromResult(result);
        }

        /// <summary>Whole ones, at least one: providers take 0 for ever.</summary>
        public static int Seconds(TimeSpan left) => (int)Math.Max(1, Math.Floor(left.TotalSeconds));

        private static void Answered()
        {
            if (Ambient.Value is { } patience)
            {
                patience._since = patience._clock.GetTimestamp();
            }
        }
    }
}
