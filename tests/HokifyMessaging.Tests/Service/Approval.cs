using System.Runtime.CompilerServices;

namespace HokifyMessaging.Tests.Service;

/// <summary>
/// What users see, as files that somebody has looked at. After a change that is meant: run the tests with <c>HOKIFY_UPDATE_APPROVALS</c> set to the path
/// of the project's <c>Service/Approvals</c>, and look at the difference.
/// </summary>
internal static class Approval
{
    /// <param name="text">What is seen now.</param>
    /// <param name="name">The file's name, without its extension.</param>
    public static void Holds(string text, [CallerMemberName] string name = "")
    {
        var seen = string.Join('\n', text.ReplaceLineEndings("\n").Split('\n').Select(line => line.TrimEnd())).TrimEnd('\n') + "\n";
        if (Environment.GetEnvironmentVariable("HOKIFY_UPDATE_APPROVALS") is { Length: > 0 } folder)
        {
            File.WriteAllText(Path.Combine(folder, $"{name}.txt"), seen);
            return;
        }

        var file = Path.Combine(AppContext.BaseDirectory, "Service", "Approvals", $"{name}.txt");
        Assert.True(File.Exists(file), $"nobody has looked at what {name} shows:\n{seen}");
        Assert.Equal(File.ReadAllText(file).ReplaceLineEndings("\n"), seen);
    }
}
