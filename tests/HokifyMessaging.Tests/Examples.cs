using System.Globalization;

namespace HokifyMessaging.Tests;

/// <summary>How many examples a property is tried with: few as a rule, and so many times as many as <c>HOKIFY_TEST_EXAMPLES</c> says.</summary>
internal static class Examples
{
    private static readonly int Times =
        int.TryParse(Environment.GetEnvironmentVariable("HOKIFY_TEST_EXAMPLES"), NumberStyles.None, CultureInfo.InvariantCulture, out var times) ? times : 1;

    public static int Of(int few) => few * Times;
}
