using System.Diagnostics;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace HokifyMessaging.Tests.Deployment;

/// <summary>The shell script that hands provision.sql its values, with a sqlcmd that writes down what it is given.</summary>
public sealed class SqlServerProvisionShellTests : IDisposable
{
    /// <summary>Keeps its arguments, the password of whoever connects, the script and the script's mode, and ends as it is told.</summary>
    private const string Recorder =
        """
        #!/bin/sh
        printf '%s\n' "$@" > "$RECORDS/arguments"
        printf '%s' "$SQLCMDPASSWORD" > "$RECORDS/password"
        for last; do :; done
        cp "$last" "$RECORDS/script"
        stat -c %a "$last" > "$RECORDS/mode"
        printf '%s' "$last" > "$RECORDS/place"
        exit "$RESULT"
        """;

    private readonly OwnFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("Aa1-0123", "Hokify", "hokify")]
    [InlineData("p'a\"s]s;--$x\\n%s{{ `id`", "it's [a] \"database\"", "O'Brien]")]
    public async Task What_the_files_hold_reaches_the_statements_unchanged_and_stands_on_no_command_line(string password, string database, string login)
    {
        var (exitCode, said) = await RunAsync(password, new() { ["DATABASE"] = database, ["LOGIN"] = login });

        Assert.Equal((0, ""), (exitCode, said));
        Assert.Equal("0f-sa'\"$", await RecordedAsync("password"));
        var arguments = (await RecordedAsync("arguments")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(["-C", "-S", "sqlserver", "-U", "sa", "-b", "-r", "1", "-i"], arguments[..^1]);
        var executed = ExecutedSql.Of(SqlcmdScript.Read(await RecordedAsync("script")).Sql).Select(e => e.Statement).ToList();
        Assert.Equal(database, Assert.Single(executed.OfType<CreateDatabaseStatement>()).DatabaseName.Value);
        var made = Assert.Single(executed.OfType<CreateLoginStatement>());
        Assert.Equal((login, password), (made.Name.Value, Assert.IsType<StringLiteral>(Assert.IsType<PasswordCreateLoginSource>(made.Source).Password).Value));
        Assert.Equal("dbo", Assert.Single(executed.OfType<CreateSchemaStatement>()).Name.Value);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Nobody_else_reads_the_file_with_the_password_which_goes_with_the_script_and_its_result_is_that_of_sqlcmd(int result)
    {
        var (exitCode, said) = await RunAsync("Aa1-0123", new() { ["RESULT"] = $"{result}" });

        Assert.Equal((result, ""), (exitCode, said));
        Assert.Equal("600\n", await RecordedAsync("mode"));
        Assert.False(File.Exists(await RecordedAsync("place")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n")]
    [InlineData("Aa1-0123\nGO")]
    public async Task A_password_that_is_not_one_line_is_refused_without_being_shown(string password)
    {
        var (exitCode, said) = await RunAsync(password, []);

        Assert.Equal((1, $"{Path.Combine(_folder.Path, "secrets", "mssql_password")} must be one line.\n"), (exitCode, said));
        Assert.False(File.Exists(Path.Combine(_folder.Path, "arguments")));
    }

    private Task<string> RecordedAsync(string what) => File.ReadAllTextAsync(Path.Combine(_folder.Path, what), Cancel);

    private async Task<(int ExitCode, string Said)> RunAsync(string password, Dictionary<string, string> environment)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There is no shell of that kind.");
        var secrets = Directory.CreateDirectory(Path.Combine(_folder.Path, "secrets")).FullName;
        await File.WriteAllTextAsync(Path.Combine(secrets, "mssql_sa_password"), "0f-sa'\"$\n", Cancel);
        await File.WriteAllTextAsync(Path.Combine(secrets, "mssql_password"), $"{password}\n", Cancel);
        var recorder = Path.Combine(_folder.Path, "sqlcmd");
        await File.WriteAllTextAsync(recorder, Recorder, Cancel);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(recorder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        var start = new ProcessStartInfo("/bin/sh", [Checkout.PathOf(".config/sqlserver/provision.sh")])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            Environment =
            {
                ["SECRETS"] = secrets,
                ["SCRIPT"] = Checkout.PathOf(".config/sqlserver/provision.sql"),
                ["SQLCMD"] = recorder,
                ["RECORDS"] = _folder.Path,
                ["RESULT"] = "0",
            },
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var script = Process.Start(start)!;
        var said = await Task.WhenAll(script.StandardOutput.ReadToEndAsync(Cancel), script.StandardError.ReadToEndAsync(Cancel));
        await script.WaitForExitAsync(Cancel);
        return (script.ExitCode, string.Concat(said));
    }
}
