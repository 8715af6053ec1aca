using System.Text.RegularExpressions;

namespace HokifyMessaging.Storage;

/// <summary>
/// The script of the migrations as an administrator runs it, with a tool of their own: those go on behind an error, and sqlcmd begins
/// with settings under which an index with a condition cannot be made. One migration is one batch and one transaction.
/// </summary>
internal static partial class SqlServerScript
{
    /// <summary>The settings that the indexes need; and an error ends its transaction, so that no migration is recorded without what it does.</summary>
    private const string Beginning =
        $"""
        -- Brings the schema up to date; what is applied already is passed over. Behind the first error nothing is executed any more, and the
        -- migration that failed has left nothing behind. sqlcmd: call it with -b, or write ":on error exit" before this line, to have it end with an error, too.
        {SqlServerSession.IndexOptions}
        GO


        """;

    /// <summary>Behind each batch: the settings last for the session, and what is not executed is still parsed.</summary>
    private const string Guard =
        """
        GO

        IF @@ERROR <> 0 SET NOEXEC ON;
        GO

        """;

    private const string End =
        """

        SET NOEXEC OFF;
        GO

        """;

    /// <param name="script">The script of EF Core.</param>
    public static string Guarded(string script) => Beginning + EndOfBatch().Replace(script, Guard).TrimEnd() + Environment.NewLine + End;

    [GeneratedRegex(@"^GO\r?$\n?", RegexOptions.Multiline)]
    private static partial Regex EndOfBatch();
}
