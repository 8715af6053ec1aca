using System.ComponentModel.DataAnnotations;

namespace HokifyMessaging;

/// <summary>Which database holds the applicants.</summary>
internal enum DatabaseProvider
{
    /// <summary>An embedded file.</summary>
    Sqlite,

    /// <summary>SQL Server 2019 or newer.</summary>
    SqlServer,
}

/// <summary>Section <c>Database</c> of the configuration: where the applicants are stored.</summary>
internal sealed class DatabaseOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Database";

    /// <summary>The kind of database. Default: <see cref="DatabaseProvider.Sqlite"/>.</summary>
    public DatabaseProvider Provider { get; set; } = DatabaseProvider.Sqlite;

    /// <summary>The ADO.NET connection string. For <c>hokify serve</c> a SQLite database is a file, not in memory; its path begins in the current folder, not beside the program or <c>appsettings.json</c>. With a password it is a secret. Default: <c>Data Source=hokify.db</c>.</summary>
    [Required]
    public string ConnectionString { get; set; } = "Data Source=hokify.db";

    /// <summary>The password for SQL Server, where it does not stand in <see cref="ConnectionString"/>, so that it can lie in a file of its own. Default: none. A secret.</summary>
    public string? Password { get; set; }

    /// <summary>Whether the service brings the schema up to date before it starts; otherwise run <c>hokify migrate</c>. Default: true with SQLite, false with SQL Server.</summary>
    public bool? MigrateAtStartUp { get; set; }

    /// <summary>How long one statement may take or wait for a lock. Default: 30 seconds; 1 second to 1 hour.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan CommandTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How large a SQLite file may be, in bytes, that is written anew (<c>VACUUM</c>) once a day, at <c>Hokify:Retention:At</c>, when somebody in it was erased or forgotten since: only then is nothing of them left
    /// between its rows. Whoever writes waits meanwhile, a few seconds for each GB on a usual disk, and the file needs its size again beside it. 0 has it never done. Default: 1073741824 (1 GB); 0 to 1099511627776 (1 TB).
    /// </summary>
    [Range(0L, 1_099_511_627_776L)]
    public long LargestRewrite { get; set; } = 1_073_741_824;
}
