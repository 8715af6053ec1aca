using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace HokifyMessaging.IntegrationTests.Faults;

/// <summary>What was done in a round, by whom and when.</summary>
internal sealed class FaultLog
{
    private readonly Stopwatch _since = Stopwatch.StartNew();
    private readonly ConcurrentQueue<string> _lines = new();

    public void Note(string lane, string what) =>
        _lines.Enqueue(string.Create(CultureInfo.InvariantCulture, $"{_since.Elapsed.TotalSeconds,7:0.000} s  {lane}: {what}"));

    public override string ToString() => string.Join('\n', _lines);
}
