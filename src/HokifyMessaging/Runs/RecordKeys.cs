using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;
using HokifyMessaging.Applications;

namespace HokifyMessaging.Runs;

/// <summary>The records that a phase of a run has seen, as 16 bytes each.</summary>
internal sealed class RecordKeys
{
    /// <summary>Ids are shorter; a payload may be longer.</summary>
    private const int ShortText = 256;

    private readonly HashSet<UInt128> _keys = [];

    public int Count => _keys.Count;

    public static UInt128 Of(string id)
    {
        Span<byte> utf8 = stackalloc byte[ShortText];
        return Encoding.UTF8.TryGetBytes(id, utf8, out var length)
            ? XxHash128.HashToUInt128(utf8[..length])
            : XxHash128.HashToUInt128(Encoding.UTF8.GetBytes(id));
    }

    public static UInt128 Of(ApplicationRecord record) => record switch
    {
        ApplicationRecord.Understood(var application, _) => Of(application.Id.Value),
        ApplicationRecord.Rejected(var rejection) => Of(rejection),
        _ => throw new InvalidOperationException($"{record.GetType()} is no record of a source."),
    };

    /// <summary>A record without an id goes by its content.</summary>
    public static UInt128 Of(Rejection rejection) => Of(rejection.Id?.Value ?? rejection.Payload);

    /// <summary>Stands for every record of which nobody can say whose it is.</summary>
    public static UInt128 Unidentified { get; } = Of("unidentified");

    /// <summary>Stands beside a record's own key while the run has counted it as failed and as nothing else.</summary>
    public static UInt128 FailureOf(UInt128 key) => Of(FormattableString.Invariant($"failed:{key:x32}"));

    /// <summary>Stands beside the key of a failure when a later copy of the record was written after all.</summary>
    public static UInt128 RecoveryOf(UInt128 key) => Of(FormattableString.Invariant($"recovered:{key:x32}"));

    public bool Contains(UInt128 key) => _keys.Contains(key);

    public void Add(IEnumerable<UInt128> keys) => _keys.UnionWith(keys);

    public void Add(byte[] stored) => Add(MemoryMarshal.Cast<byte, UInt128>(stored).ToArray());

    public static byte[] ToBytes(IReadOnlyCollection<UInt128> keys) => MemoryMarshal.AsBytes<UInt128>(keys.ToArray()).ToArray();
}
