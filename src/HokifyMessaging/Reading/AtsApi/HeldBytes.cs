namespace HokifyMessaging.Reading.AtsApi;

/// <summary>How much is held of pages before their turn, however large they turn out to be while they are read.</summary>
/// <param name="most">What they may have together.</param>
internal sealed class HeldBytes(long most)
{
    private readonly Lock _gate = new();
    private long _held;

    /// <summary>What a page is likely to have: the largest of late, because pages of a list are much alike.</summary>
    private long _likely;

    /// <summary>Whether so many pages, those under way included, could be as large as pages are.</summary>
    public bool HasRoomFor(int pages)
    {
        lock (_gate)
        {
            return _held + (pages * _likely) <= most;
        }
    }

    /// <returns>False where a page before its turn is too much.</returns>
    public bool Take(Share share, int bytes)
    {
        lock (_gate)
        {
            share.Bytes += bytes;
            if (share.IsHandedOut)
            {
                _likely = Math.Max(_likely, share.Bytes);
                return true;
            }

            _held += bytes;
            return _held <= most;
        }
    }

    /// <summary>The page's turn has come, or it is of no use any more.</summary>
    public void HandOut(Share share)
    {
        lock (_gate)
        {
            _likely = Math.Max(share.Bytes, _likely - (_likely / 8));
            _held -= share.IsHandedOut ? 0 : share.Bytes;
            share.IsHandedOut = true;
        }
    }

    /// <summary>Nothing of it is held any more.</summary>
    public void Empty(Share share)
    {
        lock (_gate)
        {
            _held -= share.IsHandedOut ? 0 : share.Bytes;
            share.Bytes = 0;
        }
    }

    /// <summary>What one page has.</summary>
    internal sealed class Share
    {
        public long Bytes { get; set; }

        public bool IsHandedOut { get; set; }
    }
}
