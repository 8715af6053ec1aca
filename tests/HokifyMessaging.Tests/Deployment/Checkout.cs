namespace HokifyMessaging.Tests.Deployment;

/// <summary>The files at the top of the repository, as they are checked out around the build's output.</summary>
internal static class Checkout
{
    public static string Folder { get; } = Find();

    public static string PathOf(string file) => Path.GetFullPath(file, Folder);

    public static string Read(string file) => File.ReadAllText(PathOf(file));

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "HokifyMessaging.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException($"There is no HokifyMessaging.sln above {AppContext.BaseDirectory}.");
    }
}
