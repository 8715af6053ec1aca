using HokifyMessaging.Storage;

namespace HokifyMessaging.Runs;

/// <summary>What a key may look like: two that look alike to people should be alike.</summary>
internal static class KeyForm
{
    /// <returns>What is wrong, as the rest of a sentence that begins with the key; null when nothing is.</returns>
    public static string? Problem(string key)
    {
        if (key.Length > HokifyDbContext.KeyLength)
        {
            return FormattableString.Invariant($"has {key.Length} characters; at most {HokifyDbContext.KeyLength} are allowed");
        }

        return key.Length > 0 && (char.IsWhiteSpace(key[0]) || char.IsWhiteSpace(key[^1]))
            ? "begins or ends with a blank; leave it out"
            : VisibleText.Problem(key);
    }
}
