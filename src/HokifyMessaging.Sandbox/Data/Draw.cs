using System.Buffers.Binary;

namespace HokifyMessaging.Sandbox.Data;

/// <summary>What a number is drawn for, so that one draw never shifts another.</summary>
internal enum Lot : ulong
{
    Mandator = 1,
    ApplicationId,
    PersonId,
    PartId,
    Relation,
    Acquaintance,
    Jitter,
    Delay,
    Person,
    Phone,
    Application,
    Answers,
    Job,
    Company,
    Advance,
}

/// <summary>
/// Random numbers that depend on nothing but what they are for: record number 900,000 needs none of those before it.
/// SplitMix64, because a <see cref="Random"/> per record costs more than the record.
/// </summary>
internal sealed class Draw(ulong state)
{
    private ulong _state = state;

    public static Draw For(ulong seed, Lot lot, long index, int revision = 0) => new(Number(seed, lot, index, revision));

    public static ulong Number(ulong seed, Lot lot, long index, int revision = 0) =>
        Mix(Mix(Mix(seed, (ulong)lot), unchecked((ulong)index)), unchecked((ulong)revision));

    /// <summary>An id as hokify has them: 24 lower-case hexadecimal characters.</summary>
    public static string ObjectId(ulong seed, Lot lot, long index, int part = 0)
    {
        Span<byte> bytes = stackalloc byte[16];
        var first = Number(seed, lot, index, part);
        BinaryPrimitives.WriteUInt64BigEndian(bytes, first);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], Mix(first, seed));
        return Convert.ToHexStringLower(bytes[..12]);
    }

    public int Below(int count) => (int)Math.BigMul(Next(), (ulong)count, out _);

    public int Between(int first, int last) => first + Below(last - first + 1);

    public bool Chance(int percent) => Below(100) < percent;

    public T Pick<T>(IReadOnlyList<T> choices) => choices[Below(choices.Count)];

    private ulong Next()
    {
        unchecked
        {
            _state += 0x9E3779B97F4A7C15;
            return Finish(_state);
        }
    }

    private static ulong Mix(ulong left, ulong right)
    {
        unchecked
        {
            return Finish((left * 0xD1342543DE82EF95) + right + 0x9E3779B97F4A7C15);
        }
    }

    private static ulong Finish(ulong z)
    {
        unchecked
        {
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return z ^ (z >> 31);
        }
    }
}
