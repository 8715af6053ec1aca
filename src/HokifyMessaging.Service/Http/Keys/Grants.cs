namespace HokifyMessaging.Service.Http.Keys;

/// <summary>Scopes and rights as the configuration and the command line write them, and as claims hold them.</summary>
internal static class Grants
{
    public const string ScopesForm = "scope ids such as 1,2, or all";

    public const string RightsForm = "one or more of read, import, operate and personal, separated by commas";

    /// <returns>The values of the claims; null when the text is none of this form.</returns>
    public static IReadOnlyList<string>? Scopes(string text)
    {
        if (text.Trim().Equals("all", StringComparison.OrdinalIgnoreCase))
        {
            return [Caller.AllScopes];
        }

        var scopes = new SortedSet<int>();
        foreach (var part in text.Split(','))
        {
            if (!int.TryParse(part.Trim(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var scopeId))
            {
                return null;
            }

            scopes.Add(scopeId);
        }

        return [.. scopes.Select(scopeId => scopeId.ToString(CultureInfo.InvariantCulture))];
    }

    /// <returns>The values of the claims; null when the text is none of this form.</returns>
    public static IReadOnlyList<string>? Rights(string text)
    {
        var asked = text.Split(',').Select(part => part.Trim()).ToHashSet(StringComparer.OrdinalIgnoreCase);
        return asked.IsSubsetOf(Keys.Rights.All) ? [.. Keys.Rights.All.Where(asked.Contains)] : null;
    }
}
