namespace HokifyMessaging.Reading.AtsApi;

/// <summary>A page to be asked for.</summary>
/// <param name="Offset">Where it begins.</param>
/// <param name="Position">The same in words.</param>
internal sealed record PageCall(long Offset, string Position)
{
    /// <summary>Whether it is asked for before its turn.</summary>
    public bool IsAhead { get; init; }

    /// <summary>Is told of each piece of the answer how many bytes it has.</summary>
    public Action<int>? Took { get; init; }
}

/// <summary>How far a read may go ahead of itself.</summary>
/// <param name="Pages">How many pages may be under way at once; 1 asks for none before its turn.</param>
/// <param name="Bytes">How much may be held of what it is nobody's turn for yet.</param>
/// <param name="HasRoom">Whether the source would put up with one more call.</param>
internal sealed record Foresight(int Pages, long Bytes, Func<bool> HasRoom)
{
    /// <summary>A page that waits for its turn is not under way, so more are held than may be.</summary>
    private const int HeldForEach = 2;

    /// <summary>How many pages may be under way or held before their turn.</summary>
    public int MostAhead => Pages < 2 ? 0 : (Pages * HeldForEach) - 1;
}

/// <summary>
/// Asks for pages before it is their turn, and hands them out when it is. Whether they fit is for whoever asks to find out, as with any page; where another
/// one is asked for than was expected, those ahead are worth nothing and are dropped. What fails before its turn fails nobody: it is asked for again in its turn.
/// </summary>
internal sealed class PagesAhead(Func<PageCall, CancellationToken, Task<OffsetPage>> fetch, Foresight foresight) : IAsyncDisposable
{
    private readonly Dictionary<long, Ahead> _ahead = [];
    private readonly HeldBytes _held = new(foresight.Bytes);
    private int _askedFor;
    private int? _units;

    /// <param name="call">The page whose turn it is.</param>
    /// <param name="expected">Those that will be asked for behind it, if all goes as expected.</param>
    /// <param name="cancellationToken">Ends the read.</param>
    public async Task<OffsetPage> FetchAsync(PageCall call, IEnumerable<PageCall> expected, CancellationToken cancellationToken)
    {
        var next = expected.Take(foresight.MostAhead).ToList();
        OffsetPage? page = null;
        if (_ahead.Remove(call.Offset, out var due))
        {
            using (due)
            {
                _held.HandOut(due.Share);
                await DropAsync(next);
                page = await UntilReadAsync(due.Reading, next, cancellationToken);
            }
        }

        await DropAsync(next);
        if (page is null || page.AskedFor != _askedFor)
        {
            var share = new HeldBytes.Share();
            _held.HandOut(share);
            page = await UntilReadAsync(fetch(call with { Took = bytes => _held.Take(share, bytes) }, cancellationToken), next, cancellationToken);
        }

        (_askedFor, _units) = (page.AskedFor, page.Units.Count);
        return page;
    }

    public async ValueTask DisposeAsync() => await DropAsync([]);

    /// <summary>Goes on asking for what comes next while this is waited for.</summary>
    private async Task<T> UntilReadAsync<T>(Task<T> due, List<PageCall> next, CancellationToken cancellationToken)
    {
        AskFor(next, due.IsCompleted ? 0 : 1, cancellationToken);
        while (!due.IsCompleted && UnderWay() is { Count: > 0 } underWay)
        {
            await Task.WhenAny([due, .. underWay]);
            AskFor(next, due.IsCompleted ? 0 : 1, cancellationToken);
        }

        return await due;
    }

    private List<Task> UnderWay() => [.. _ahead.Values.Select(ahead => ahead.Reading).Where(reading => !reading.IsCompleted)];

    private void AskFor(List<PageCall> next, int due, CancellationToken cancellationToken)
    {
        var underWay = UnderWay().Count + due;
        foreach (var call in next)
        {
            if (_ahead.TryGetValue(call.Offset, out var known))
            {
                // Behind a page that is not like those before it nothing is where it was expected; most likely the list ends there.
                if (known.HasOtherThan(_units))
                {
                    return;
                }

                continue;
            }

            if (cancellationToken.IsCancellationRequested || underWay >= foresight.Pages || !_held.HasRoomFor(underWay - due + 1) || !foresight.HasRoom())
            {
                return;
            }

            underWay++;
            _ahead.Add(call.Offset, new Ahead(call, fetch, _held, cancellationToken));
        }
    }

    private async Task DropAsync(List<PageCall> kept)
    {
        var dropped = _ahead.Where(ahead => !kept.Exists(call => call.Offset == ahead.Key)).Select(ahead => ahead.Value).ToList();
        dropped.ForEach(ahead => ahead.GiveUp());
        foreach (var ahead in dropped)
        {
            await ahead.Reading;
            _ahead.Remove(ahead.Offset);
            _held.HandOut(ahead.Share);
            ahead.Dispose();
        }
    }

    /// <summary>A page before its turn.</summary>
    private sealed class Ahead : IDisposable
    {
        private readonly CancellationTokenSource _end;

        public Ahead(PageCall call, Func<PageCall, CancellationToken, Task<OffsetPage>> fetch, HeldBytes held, CancellationToken read)
        {
            _end = CancellationTokenSource.CreateLinkedTokenSource(read);
            (Offset, Share) = (call.Offset, new HeldBytes.Share());
            Reading = ReadAsync(call, fetch, held);
        }

        public long Offset { get; }

        public HeldBytes.Share Share { get; }

        /// <summary>Null where it failed.</summary>
        public Task<OffsetPage?> Reading { get; }

        public bool HasOtherThan(int? units) => units is not null && Reading.IsCompletedSuccessfully && Reading.Result is { } page && page.Units.Count != units;

        public void GiveUp() => _end.Cancel();

        public void Dispose() => _end.Dispose();

        private async Task<OffsetPage?> ReadAsync(PageCall call, Func<PageCall, CancellationToken, Task<OffsetPage>> fetch, HeldBytes held)
        {
            try
            {
                return await fetch(call with { IsAhead = true, Took = Took }, _end.Token);
            }
            catch (Exception)
            {
                // Whatever it is shows again, as it would have without any of this, when the page is asked for in its turn.
                held.Empty(Share);
                return null;
            }

            void Took(int bytes)
            {
                if (!held.Take(Share, bytes))
                {
                    GiveUp();
                }
            }
        }
    }
}
