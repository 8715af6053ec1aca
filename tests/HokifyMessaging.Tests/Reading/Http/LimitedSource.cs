using HokifyMessaging.Reading.Http;

namespace HokifyMessaging.Tests.Reading.Http;

/// <summary>
/// A read of up to eight pages at once from a source with a limit that moves from 5 to 50 calls a second and back within a minute, and that
/// nobody is told; on a clock that knows no waiting.
/// </summary>
internal sealed class LimitedSource(double latency, int seed)
{
    private const int Most = 8;

    private readonly Random _random = new(seed);
    private readonly PriorityQueue<(double Sent, int Page), double> _underWay = new();
    private readonly SortedSet<int> _due = [];
    private readonly HashSet<int> _read = [];
    private readonly Queue<double> _answers = new();
    private CallPace _pace;
    private CallWidth _width = CallWidth.Start;
    private double _unused = 3;
    private double _last;
    private int _first;
    private int _next;

    /// <returns>Which part of the calls that were allowed were made, and which part of those that were made was refused.</returns>
    public (double Used, double Refused) ReadFor(double seconds)
    {
        var (accepted, refused, now) = (0, 0, 0.0);
        while (now < seconds)
        {
            while (_next < _first + (2 * Most) && _due.Count + _underWay.Count < (int)_width.Calls)
            {
                _due.Add(_next++);
            }

            var mayGo = _due.Count > 0 && !(_pace.IsInDoubt && _underWay.Count > 0);
            var goesAt = Math.Max(now, _pace.NotBefore.TotalSeconds);
            if (mayGo && (!_underWay.TryPeek(out _, out var arrives) || goesAt <= arrives))
            {
                now = goesAt;
                _pace = _pace.Sent(Time(now));
                _underWay.Enqueue((now, _due.Min), now + (latency * (0.95 + (0.2 * _random.NextDouble()))));
                _due.Remove(_due.Min);
                continue;
            }

            _underWay.TryDequeue(out var call, out now);
            if (LetsPass(now - (latency / 2)))
            {
                accepted++;
                _answers.Enqueue(now);
                _width = _width.Answered(Time(call.Sent), Time(now), Most);
                _pace = _pace.Answered(Time(call.Sent), Time(now), Lately(now));
                _read.Add(call.Page);
                while (_read.Remove(_first))
                {
                    _first++;
                }
            }
            else
            {
                refused++;
                _width = _width.Refused(Time(call.Sent), Time(now));
                _pace = _pace.Refused(Time(call.Sent), Time(now), Lately(now));
                _due.Add(call.Page);
            }
        }

        var allowed = Enumerable.Range(0, (int)(seconds * 100)).Sum(hundredth => LimitAt(hundredth / 100.0) / 100);
        return (accepted / allowed, (double)refused / (accepted + refused));
    }

    private static double LimitAt(double second) => 27.5 - (22.5 * Math.Cos(2 * Math.PI * second / 60));

    private static TimeSpan Time(double second) => TimeSpan.FromSeconds(second);

    private bool LetsPass(double at)
    {
        _unused = Math.Min(Math.Max(1, LimitAt(at) / 2), _unused + (Math.Max(0, at - _last) * LimitAt(at)));
        _last = Math.Max(at, _last);
        if (_unused < 1)
        {
            return false;
        }

        _unused--;
        return true;
    }

    private double Lately(double now)
    {
        while (_answers.TryPeek(out var oldest) && oldest < now - 1)
        {
            _answers.Dequeue();
        }

        return _answers.Count / Math.Clamp(now, 0.1, 1);
    }
}
