namespace HokifyMessaging.Reading.Http;

/// <summary>
/// Delivers a list that comes as one response in slices while it still arrives. A slice is the unit that is retried: when
/// the connection breaks, the list is requested again and read on from behind the record that was delivered last.
/// </summary>
/// <param name="source">The source in words; begins every position.</param>
/// <param name="sliceSize">Records per slice.</param>
/// <param name="sliceBytes">How many bytes of records close a slice that has fewer.</param>
/// <param name="request">Sends the request when it is enumerated, and gives the list from its beginning.</param>
internal sealed class SlicedList(
    string source, int sliceSize, int sliceBytes, PageAttempts attempts, Func<CancellationToken, IAsyncEnumerable<SourceRecord>> request)
{
    private const string Unit = "item";

    public static AnchoredCheckpoint Start { get; } = AnchoredCheckpoint.Start(Unit);

    public async IAsyncEnumerable<SourcePage> ReadAsync(string? checkpoint, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var reading = new Reading(source, sliceSize, sliceBytes, request, AnchoredCheckpoint.Parse(Unit, source, checkpoint));
        while (await attempts.ReadAsync(reading.Position, reading.NextSliceAsync, cancellationToken) is { } slice)
        {
            yield return slice;
        }
    }

    private sealed class Reading(
        string source, int sliceSize, int sliceBytes, Func<CancellationToken, IAsyncEnumerable<SourceRecord>> request, AnchoredCheckpoint delivered) : IAsyncDisposable
    {
        private const int MostRestarts = 3;

        private AnchoredCheckpoint _delivered = delivered;
        private OpenList? _list;
        private int _restarts;

        /// <summary>Whether what was delivered comes from more than one answer.</summary>
        private bool _isPatched = delivered.Count > 0;

        public string Position => $"{source} item {_delivered.Count + 1}";

        /// <summary>Null at the end of the list.</summary>
        public async Task<SourcePage?> NextSliceAsync(PageAttempt attempt)
        {
            try
            {
                var list = _list ??= await OpenBehindAsync(attempt);
                using var limit = list.EndWith(attempt.Token);
                var startsResponse = !list.HasDelivered;
                var position = $"{source} item {list.Read + 1}";
                var records = new List<SourceRecord>(sliceSize);
                for (var bytes = 0L; records.Count < sliceSize && bytes < sliceBytes && await list.MoveNextAsync(); bytes += list.Current.Bytes)
                {
                    records.Add(list.Current);
                }

                if (records.Count == 0)
                {
                    return null;
                }

                list.HasDelivered = true;
                _delivered = new AnchoredCheckpoint(Unit, list.Read, list.Last.ToAnchors());
                return new SourcePage(records, _delivered.ToString(), position, startsResponse) { IsPatched = _isPatched };
            }
            catch
            {
                await DisposeAsync();
                throw;
            }
        }

        public async ValueTask DisposeAsync()
        {
            if (_list is { } list)
            {
                _list = null;
                await list.DisposeAsync();
            }
        }

        private async Task<OpenList> OpenBehindAsync(PageAttempt attempt)
        {
            while (true)
            {
                _list = new OpenList(request);
                _isPatched |= _delivered.Count > 0;
                if (_delivered.Count == 0 || await ReachedAsync(_list, attempt))
                {
                    return _list;
                }

                // What was delivered last is gone. All of the list again costs time; skipping by number could lose a record.
                await DisposeAsync();
                _delivered = Start;
                if (++_restarts > MostRestarts)
                {
                    throw new SourceException($"{source}: the list changes faster than it can be read; it had to be begun anew {MostRestarts} times.");
                }
            }
        }

        private async Task<bool> ReachedAsync(OpenList list, PageAttempt attempt)
        {
            using var limit = list.EndWith(attempt.Token);
            var bytes = 0L;
            while (await list.MoveNextAsync())
            {
                if (list.Last.Are(_delivered.Anchors))
                {
                    return true;
                }

                bytes += list.Current.Bytes;
                if (list.Read % sliceSize == 0 || bytes >= sliceBytes)
                {
                    bytes = 0;
                    attempt.Progressed();
                }
            }

            return false;
        }
    }

    /// <summary>One response. It outlives the attempt that opened it, so its own token passes on those of the attempts that read it.</summary>
    private sealed class OpenList : IAsyncDisposable
    {
        private readonly CancellationTokenSource _lifetime = new();
        private readonly IAsyncEnumerator<SourceRecord> _records;

        public OpenList(Func<CancellationToken, IAsyncEnumerable<SourceRecord>> request) =>
            _records = request(_lifetime.Token).GetAsyncEnumerator(_lifetime.Token);

        public long Read { get; private set; }

        public LastRecords Last { get; } = new();

        public bool HasDelivered { get; set; }

        public SourceRecord Current => _records.Current;

        public CancellationTokenRegistration EndWith(CancellationToken attempt) =>
            attempt.UnsafeRegister(static lifetime => ((CancellationTokenSource)lifetime!).Cancel(), _lifetime);

        public async ValueTask<bool> MoveNextAsync()
        {
            if (!await _records.MoveNextAsync())
            {
                return false;
            }

            Read++;
            Last.Add(Current);
            return true;
        }

        public async ValueTask DisposeAsync()
        {
            await _records.DisposeAsync();
            _lifetime.Dispose();
        }
    }
}
