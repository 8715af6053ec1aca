using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Storage;

/// <summary>The configured database cannot be opened, read or written; the message says which and why.</summary>
internal sealed class UnusableDatabaseException(string message, Exception innerException) : Exception(message, innerException);

/// <summary>Names a database in sentences, by what its owner can look for: a file, or a name on a server.</summary>
internal static class DatabaseName
{
    /// <summary>The beginning of a sentence about the database.</summary>
    public static string Of(HokifyDbContext db)
    {
        if (db.Database.IsSqlite())
        {
            return SqliteFile.PathOf(db.Database.GetConnectionString()!) is { } file ? $"The database file {VisibleText.Of(file)}" : "The database in memory";
        }

        var connection = db.Database.GetDbConnection();
        return $"The database '{VisibleText.Of(connection.Database)}' on {VisibleText.Of(connection.DataSource)}";
    }

    /// <summary>A sentence about a database that its provider refuses to work with.</summary>
    public static string WhyUnusable(HokifyDbContext db, DatabaseFault fault)
    {
        var file = db.Database.IsSqlite() ? SqliteFile.PathOf(db.Database.GetConnectionString()!) : null;
        if (Directory.Exists(file))
        {
            return $"{Of(db)} is a folder; Database:ConnectionString must name a file.";
        }

        if (Path.GetDirectoryName(file) is { } folder && !Directory.Exists(folder))
        {
            return $"{Of(db)} cannot be made, because the folder {VisibleText.Of(folder)} does not exist; make the folder, or name another file in Database:ConnectionString.";
        }

        return $"{Of(db)} cannot be used: {fault.Clause}.";
    }
}
