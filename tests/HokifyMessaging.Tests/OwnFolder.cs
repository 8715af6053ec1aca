namespace HokifyMessaging.Tests;

/// <summary>A folder that goes with the test that made it.</summary>
internal sealed class OwnFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hokify-test-");

    public string Path => _folder.FullName;

    public void Dispose() => _folder.Delete(recursive: true);
}
