using System.Text;
using HokifyMessaging.Machine;
using HokifyMessaging.Service.Commands;
using HokifyMessaging.Storage;

namespace HokifyMessaging.Service.Http.Keys;

/// <summary>
/// The API key of a service that has none configured, in a file that only its user reads. Being on the same machine is not
/// enough: a proxy, a tunnel or another user's program is there too.
/// </summary>
internal sealed class LocalToken(IOptions<DatabaseOptions> database)
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private string? DatabaseFile => database.Value.Provider == DatabaseProvider.Sqlite ? SqliteFile.PathOf(database.Value.ConnectionString) : null;

    /// <summary>Where it is: beside the SQLite database, else in the folder where programs keep the state of their user.</summary>
    public string Path => DatabaseFile is { } file ? $"{file}.local-token" : System.IO.Path.Combine(
        OperatingSystem.IsWindows()
            ? Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData)
            : StateFolder(Environment.GetEnvironmentVariable("XDG_STATE_HOME"), Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify)),
        "hokify",
        "local-token");

    /// <param name="state">What the environment names; a relative path counts as none, says the specification of these folders.</param>
    /// <param name="home">The user's own folder.</param>
    public static string StateFolder(string? state, string home) =>
        System.IO.Path.IsPathRooted(state) ? state : System.IO.Path.Combine(home, ".local", "state");

    /// <summary>The token; it is made where there is none, and kept for the next start.</summary>
    /// <exception cref="VerbException">The file cannot be read or made, or holds no token.</exception>
    public string ReadOrMake()
    {
        try
        {
            if (!File.Exists(Path))
            {
                if (DatabaseFile is null)
                {
                    MakeFolder();
                }

                PrivateFile.MakeOnce(Path, Encoding.ASCII.GetBytes(ApiKey.Create()));
            }

            var token = File.ReadAllText(Path).Trim();
            return ApiKey.HasForm(token) ? token : throw new VerbException($"The local token {VisibleText.Of(Path)} holds no token; delete it, and the next start makes another.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new VerbException(
                $"No API key is configured, and the local token {VisibleText.Of(Path)} that stands in for one cannot be read or made; it must be a file that the service's user may read, "
                + "in a folder that it may write to. Or make a key with 'hokify keys new'.");
        }
    }

    /// <summary>A request that anybody can try in a shell, without the token itself: what is shown lands in logs.</summary>
    /// <param name="address">Where the service listens, as the server says it.</param>
    public string Example(string address)
    {
        const string Socket = "http://unix:";
        var there = address.StartsWith(Socket, StringComparison.Ordinal) ? $"--unix-socket {Quoted(address[Socket.Length..])} http://localhost" : address.TrimEnd('/');
        return $"curl -H \"{ApiKeyHandler.Header}: $(cat {Quoted(Path)})\" {there}/api/imports";
    }

    private static string Quoted(string text) => $"'{VisibleText.Of(text).Replace("'", @"'\''", StringComparison.Ordinal)}'";

    private void MakeFolder()
    {
        var folder = System.IO.Path.GetDirectoryName(Path)!;
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, OwnerOnly);
        }
    }
}
