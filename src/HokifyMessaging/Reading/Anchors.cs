using System.Buffers.Text;
using System.Runtime.InteropServices;

namespace HokifyMessaging.Reading;

/// <summary>The last records, or groups, that were read, as keys by which they are known again; part of a checkpoint.</summary>
internal sealed record Anchors(IReadOnlyList<ulong> Keys)
{
    public static Anchors None { get; } = new([]);

    public bool IsEmpty => Keys.Count == 0;

    /// <summary>Null for what is no list of keys.</summary>
    public static Anchors? Parse(string text)
    {
        var bytes = new byte[Base64Url.GetMaxDecodedLength(text.Length)];
        return Base64Url.IsValid(text) && Base64Url.TryDecodeFromChars(text, bytes, out var length) && length % sizeof(ulong) == 0
            ? new Anchors(MemoryMarshal.Cast<byte, ulong>(bytes.AsSpan(0, length)).ToArray())
            : null;
    }

    public override string ToString() => Base64Url.EncodeToString(MemoryMarshal.AsBytes(Keys.ToArray().AsSpan()));
}
