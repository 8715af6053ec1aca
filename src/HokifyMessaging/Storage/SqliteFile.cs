using Microsoft.Data.Sqlite;

namespace HokifyMessaging.Storage;

/// <summary>Where a SQLite database is, read from its connection string as the provider and SQLite itself read it, without opening it.</summary>
internal static class SqliteFile
{
    private const string Scheme = "file:";
    private const string DataDirectory = "|DataDirectory|";

    /// <summary>The file's full path.</summary>
    /// <param name="connectionString">A connection string of SQLite.</param>
    /// <returns>Null for a database that has no file of its own: one in memory, or a temporary one.</returns>
    /// <exception cref="ArgumentException">It is no connection string of SQLite.</exception>
    public static string? PathOf(string connectionString)
    {
        var settings = new SqliteConnectionStringBuilder(connectionString);
        var source = settings.DataSource;
        if (settings.Mode == SqliteOpenMode.Memory || source is "" or ":memory:")
        {
            return null;
        }

        if (source.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            // The provider takes the scheme in any case, SQLite in lower case only: for it the rest is a name like any other.
            return source.StartsWith(Scheme, StringComparison.Ordinal) ? OfUri(source[Scheme.Length..]) : Path.GetFullPath(source);
        }

        return Path.GetFullPath(InDataDirectory(source));
    }

    /// <summary>Where opening a database would make a file; null where there is one, or where none would be made.</summary>
    /// <param name="connectionString">A connection string of SQLite.</param>
    public static string? NewAt(string connectionString) =>
        new SqliteConnectionStringBuilder(WithModeAsSetting(connectionString)).Mode == SqliteOpenMode.ReadWriteCreate && PathOf(connectionString) is { } file && !File.Exists(file)
            ? file
            : null;

    /// <summary>
    /// The same connection string without <c>mode=</c> in an address of the form <c>file:…?mode=rwc</c>, and with the provider's
    /// word for it instead: to see whether there is a database, EF Core opens it for reading alone, which SQLite refuses where
    /// the address says more.
    /// </summary>
    public static string WithModeAsSetting(string connectionString)
    {
        var settings = new SqliteConnectionStringBuilder(connectionString);
        var parts = settings.DataSource.Split('#', 2)[0].Split('?', 2);
        if (!settings.DataSource.StartsWith(Scheme, StringComparison.Ordinal) || parts.Length < 2)
        {
            return connectionString;
        }

        var modes = parts[1].Split('&').Where(parameter => parameter.StartsWith("mode=", StringComparison.Ordinal)).ToList();
        SqliteOpenMode? mode = modes is [var only] ? only switch
        {
            "mode=ro" => SqliteOpenMode.ReadOnly,
            "mode=rw" => SqliteOpenMode.ReadWrite,
            "mode=rwc" => SqliteOpenMode.ReadWriteCreate,
            _ => null,
        } : null;
        if (mode is null)
        {
            return connectionString;
        }

        var others = parts[1].Split('&').Except(modes).ToList();
        settings.DataSource = others.Count == 0 ? parts[0] : $"{parts[0]}?{string.Join('&', others)}";
        settings.Mode = settings.Mode == SqliteOpenMode.ReadWriteCreate ? mode.Value : settings.Mode;
        return settings.ConnectionString;
    }

    private static string? OfUri(string uri)
    {
        var parts = uri.Split('#', 2)[0].Split('?', 2);
        var path = Unescaped(parts[0].StartsWith("//", StringComparison.Ordinal) ? WithoutAuthority(parts[0][2..]) : parts[0]);
        var isInMemory = parts.Length > 1 && parts[1].Split('&').Select(parameter => parameter.Split('=', 2)).Any(parameter => parameter.Length == 2
            && (Unescaped(parameter[0]), Unescaped(parameter[1])) is ("mode", "memory") or ("vfs", "memdb"));
        return isInMemory || path is "" or ":memory:" ? null : Path.GetFullPath(path);
    }

    /// <summary>SQLite knows the empty authority and localhost, and refuses others when it opens the file.</summary>
    private static string WithoutAuthority(string path) => path.IndexOf('/', StringComparison.Ordinal) is >= 0 and var slash ? path[slash..] : "";

    private static string Unescaped(string text)
    {
        // Like SQLite, and unlike Uri: %HH is a byte, anything else behind a % stays, and a null byte ends the text.
        var (bytes, read) = (Encoding.UTF8.GetBytes(text), new List<byte>());
        for (var i = 0; i < bytes.Length; i++)
        {
            var isEscaped = bytes[i] == '%' && i + 2 < bytes.Length && char.IsAsciiHexDigit((char)bytes[i + 1]) && char.IsAsciiHexDigit((char)bytes[i + 2]);
            var one = isEscaped ? Convert.ToByte(Encoding.ASCII.GetString(bytes, i + 1, 2), 16) : bytes[i];
            if (one == 0)
            {
                break;
            }

            read.Add(one);
            i += isEscaped ? 2 : 0;
        }

        return Encoding.UTF8.GetString([.. read]);
    }

    private static string InDataDirectory(string source)
    {
        var folder = AppDomain.CurrentDomain.GetData("DataDirectory") as string;
        if (string.IsNullOrEmpty(folder))
        {
            return source;
        }

        return source.StartsWith(DataDirectory, StringComparison.InvariantCultureIgnoreCase)
            ? Path.Combine(folder, source[DataDirectory.Length..])
            : Path.IsPathRooted(source) ? source : Path.Combine(folder, source);
    }
}
