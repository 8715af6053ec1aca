using HokifyMessaging.Service.Commands;
using HokifyMessaging.Storage;
using Microsoft.Data.SqlClient;

namespace HokifyMessaging.Service;

/// <summary>Where the database is, for people to read: never with a password.</summary>
internal static class DatabasePlace
{
    /// <exception cref="VerbException">The connection string is none of the provider's.</exception>
    public static string Of(DatabaseOptions database)
    {
        try
        {
            switch (database.Provider)
            {
                case DatabaseProvider.Sqlite:
                    return SqliteFile.PathOf(database.ConnectionString) is { } file ? $"the file {VisibleText.Of(file)}" : "in memory";
                case DatabaseProvider.SqlServer:
                    var server = new SqlConnectionStringBuilder(database.ConnectionString);
                    return VisibleText.Of($"the database '{server.InitialCatalog}' on {server.DataSource}");
                default:
                    throw new VerbException($"{DatabaseOptions.Section}:{nameof(DatabaseOptions.Provider)} is {database.Provider}; it must be Sqlite or SqlServer.");
            }
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException)
        {
            // The reader's messages quote: what stands behind a semicolon in a password is a keyword to it.
            throw new VerbException(
                $"{DatabaseOptions.Section}:{nameof(DatabaseOptions.ConnectionString)} is no connection string for {database.Provider}; it must be like {Example(database.Provider)}. "
                + "A keyword is misspelt, or a value, such as the password, has a semicolon, a quotation mark or an equals sign and must stand in quotation marks.");
        }
    }

    private static string Example(DatabaseProvider provider) => provider == DatabaseProvider.Sqlite
        ? "'Data Source=hokify.db'"
        : "'Server=sql.example.at;Database=hokify;User Id=hokify;Password=\"…\"'";

    /// <summary>Refuses a server, which has its own means to back up and restore.</summary>
    /// <param name="database">The configured database.</param>
    /// <param name="what">The verb and what it does, as the beginning of a sentence.</param>
    /// <exception cref="VerbException">It is one.</exception>
    public static void RequireSqlite(DatabaseOptions database, string what)
    {
        if (database.Provider != DatabaseProvider.Sqlite)
        {
            throw new VerbException(
                $"{what} backups of SQLite alone, and Database:Provider is {database.Provider}: back it up with BACKUP DATABASE … WITH CHECKSUM and restore it with RESTORE DATABASE, as OPERATIONS.md shows under 'Backup and restore', "
                + "and take the erased along with 'hokify erasures export' and 'hokify erasures import'.");
        }
    }

    /// <summary>Refuses a database that ends with its connection: what a service imports must be there tomorrow.</summary>
    /// <exception cref="VerbException">The database has no file; or the connection string is none of the provider's.</exception>
    public static void RequireLasting(DatabaseOptions database)
    {
        _ = Of(database);
        if (database.Provider == DatabaseProvider.Sqlite && SqliteFile.PathOf(database.ConnectionString) is null)
        {
            throw new VerbException(
                $"{DatabaseOptions.Section}:{nameof(DatabaseOptions.ConnectionString)} names a database in memory or a temporary one, which would take all applicants with it; it must name a file, such as Data Source=hokify.db.");
        }
    }
}
