using HokifyMessaging.Service.Commands;
using Microsoft.Data.SqlClient;
using Microsoft.Data.Sqlite;

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
                    var file = new SqliteConnectionStringBuilder(database.ConnectionString).DataSource;
                    return $"the file {(file is ":memory:" or "" ? file : Path.GetFullPath(file))}";
                case DatabaseProvider.SqlServer:
                    var server = new SqlConnectionStringBuilder(database.ConnectionString);
                    return $"the database '{server.InitialCatalog}' on {server.DataSource}";
                default:
                    throw new VerbException($"{DatabaseOptions.Section}:{nameof(DatabaseOptions.Provider)} is {database.Provider}; it must be Sqlite or SqlServer.");
            }
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException)
        {
            // The reader's messages name keywords and positions, no values.
            throw new VerbException(
                $"{DatabaseOptions.Section}:{nameof(DatabaseOptions.ConnectionString)} is no connection string for {database.Provider}: {exception.Message}");
        }
    }
}
