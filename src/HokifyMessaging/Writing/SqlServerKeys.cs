namespace HokifyMessaging.Writing;

/// <summary>
/// New keys of one table, in blocks of its sequence. A value of the sequence stands for the block that begins with it, as it
/// does for EF Core, so that both can take keys at the same time.
/// </summary>
internal sealed class SqlServerKeys(int blockSize)
{
    private readonly Queue<long> _blocks = [];
    private long _next;
    private long _end;

    /// <summary>How many more blocks so many keys take.</summary>
    public int Missing(int keys)
    {
        var missing = keys - (_end - _next) - ((long)_blocks.Count * blockSize);
        return missing <= 0 ? 0 : (int)((missing + blockSize - 1) / blockSize);
    }

    /// <param name="first">The value that the sequence gave.</param>
    public void Add(long first) => _blocks.Enqueue(first);

    public long Take()
    {
        if (_next == _end)
        {
            _next = _blocks.TryDequeue(out var first) ? first : throw new InvalidOperationException("There are more new rows than keys were reserved for.");
            _end = first + blockSize;
        }

        return _next++;
    }
}
