namespace HokifyMessaging.Applications;

/// <summary>What is kept in the place of a record that was too large to be kept. It has nothing of the record, and is known again as what it is.</summary>
internal static class LeftOutPayload
{
    public const string Problem = "was left out of what was read, because it was too large; expected is a smaller one, or another import with a larger Hokify:Reading:LargestItem";

    private const string Member = "leftOut";

    /// <param name="hash">Over the record.</param>
    public static string Of(UInt128 hash) => $$"""{"{{Member}}":"{{hash:x32}}"}""";

    public static bool Is(JsonPart record) => record.TryGet(Member, out _) && record.Values.Count() == 1;
}
