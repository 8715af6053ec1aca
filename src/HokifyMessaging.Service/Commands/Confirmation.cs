using HokifyMessaging.Service.Screens;

namespace HokifyMessaging.Service.Commands;

/// <summary>The last word before something goes for good.</summary>
internal static class Confirmation
{
    /// <summary>Asks where there is somebody to answer; elsewhere says what <c>--yes</c> would do.</summary>
    /// <param name="what">What would be done, behind "would" and "yes to".</param>
    /// <param name="before">What is said before it, as sentences; none where it was shown.</param>
    /// <param name="cancellationToken">Gives up asking.</param>
    /// <returns>False where nobody could be asked.</returns>
    /// <exception cref="VerbException">The answer was another one.</exception>
    public static async Task<bool> IsGivenAsync(string what, string? before, CancellationToken cancellationToken)
    {
        var beginning = before is null ? "" : $"{before} ";
        if (!Terminal.IsInteractive)
        {
            Terminal.Screen().Say($"{beginning}--yes would {what}. Nothing was changed.");
            return false;
        }

        Terminal.Screen().Say($"{beginning}Type yes to {what}:");
        return await Terminal.ReadLineAsync(cancellationToken) is { } answer && answer.Trim().Equals("yes", StringComparison.OrdinalIgnoreCase)
            ? true
            : throw new VerbException("The answer was not yes, and nothing was changed.");
    }
}
