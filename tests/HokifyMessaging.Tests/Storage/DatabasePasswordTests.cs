using HokifyMessaging.Storage;
using Microsoft.Data.SqlClient;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace HokifyMessaging.Tests.Storage;

/// <summary>A password that lies beside the connection string, and not in it.</summary>
public sealed class DatabasePasswordTests
{
    [Theory]
    [InlineData("Server=sql;Database=ats;User Id=hokify", null, "")]
    [InlineData("Server=sql;Database=ats;User Id=hokify;Password=of-the-string", null, "of-the-string")]
    [InlineData("Server=sql;Database=ats;User Id=hokify;Password=of-the-string", "", "of-the-string")]
    [InlineData("Server=sql;Database=ats;User Id=hokify", "of;the=file \"'", "of;the=file \"'")]
    [InlineData("Server=sql;Database=ats;User Id=hokify;Password=of-the-string", "of-the-file", "of-the-file")]
    public void It_reaches_the_connection_whatever_its_characters_and_outranks_the_one_in_the_string(string connectionString, string? password, string used)
    {
        var options = new DatabaseOptions { Provider = DatabaseProvider.SqlServer, ConnectionString = connectionString, Password = password };

        using var db = new HokifyDbContexts(Options.Create(options), []).CreateDbContext();

        var connection = new SqlConnectionStringBuilder(db.Database.GetConnectionString());
        Assert.Equal((used, "hokify", "sql", "ats"), (connection.Password, connection.UserID, connection.DataSource, connection.InitialCatalog));
    }
}
