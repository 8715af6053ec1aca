using System.Runtime.Versioning;
using HokifyMessaging.Machine;
using HokifyMessaging.Service.Http.Keys;
using HokifyMessaging.Storage;
using HokifyMessaging.Tests.Service.Http;
using HokifyMessaging.Writing;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace HokifyMessaging.Tests.Machine;

/// <summary>Files about people are their owner's alone, and those that are not are told of.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class PrivateFileTests : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly OwnFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("Data Source={0}")]
    [InlineData("Data Source=file:{0}")]
    [InlineData("Data Source=file:{0}?mode=rwc;Cache=Shared")]
    public async Task A_new_database_its_log_its_shared_memory_and_its_keys_are_their_owners_alone(string form)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such modes.");
        var file = Path.Combine(_folder.Path, "hokify.db");
        var connectionString = string.Format(System.Globalization.CultureInfo.InvariantCulture, form, file) + ";Pooling=False";
        var contexts = new HokifyDbContexts(Options.Create(new DatabaseOptions { ConnectionString = connectionString }), []);
        await new DatabaseSchema(contexts).MigrateAsync(Cancel);
        new ErasureKeyFile(file).Make();

        // The log and the shared memory are there for as long as somebody has the database open.
        await using var db = contexts.CreateDbContext();
        db.Scopes.Add(new ScopeState { ScopeId = 1 });
        await db.Database.EnsureCreatedAsync(Cancel);
        await using var transaction = await db.Database.BeginTransactionAsync(Cancel);
        await db.SaveChangesAsync(Cancel);

        var modes = PrivateFile.Beside(file).ToDictionary(path => Path.GetFileName(path)!, File.GetUnixFileMode);
        Assert.Equal(["hokify.db", "hokify.db-shm", "hokify.db-wal", "hokify.db.erasure-key", "hokify.db.migrating"], modes.Keys.Order(StringComparer.Ordinal));
        Assert.All(modes, mode => Assert.Equal(OwnerOnly, mode.Value));
    }

    [Fact]
    public async Task A_file_that_is_not_to_be_made_is_not_made()
    {
        var file = Path.Combine(_folder.Path, "hokify.db");
        var contexts = new HokifyDbContexts(Options.Create(new DatabaseOptions { ConnectionString = $"Data Source={file};Mode=ReadWrite;Pooling=False" }), []);

        var refused = await Assert.ThrowsAsync<UnusableDatabaseException>(() => new DatabaseSchema(contexts).MigrateAsync(Cancel));

        Assert.IsType<SqliteException>(refused.InnerException);

        Assert.False(File.Exists(file));
    }

    [Theory]
    [InlineData("", UnixFileMode.GroupRead, true)]
    [InlineData("", UnixFileMode.OtherRead, true)]
    [InlineData("-wal", UnixFileMode.GroupWrite, true)]
    [InlineData(".backup", UnixFileMode.OtherRead, true)]
    [InlineData(".erasure-key", UnixFileMode.OtherWrite, true)]
    [InlineData("", UnixFileMode.None, false)]
    [InlineData(".backup", UnixFileMode.None, false)]
    [InlineData("2", UnixFileMode.OtherRead, false)]
    public async Task What_others_may_read_or_change_is_told_at_the_start(string suffix, UnixFileMode others, bool isTold)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such modes.");
        var file = Path.Combine(_folder.Path, "hokify.db");
        await Storage.MigratedFile.PlaceAsync(file);
        File.SetUnixFileMode(file, OwnerOnly);
        var wide = file + suffix;
        if (suffix == ".erasure-key")
        {
            new ErasureKeyFile(file).Make();
        }
        else if (suffix.Length > 0)
        {
            await File.WriteAllTextAsync(wide, "", Cancel);
        }

        File.SetUnixFileMode(wide, OwnerOnly | others);
        var lines = new LogLines();

        await using var service = await HttpService.StartAsync(
            applications: 0, [new("Database:ConnectionString", $"Data Source={file};Pooling=False")], builder => builder.Logging.AddProvider(lines));

        var told = $"The file {wide} is about people, and others than its owner may read or change it; 'chmod 600' on it keeps them out";
        Assert.Equal(isTold, lines.Text.Contains(told, StringComparison.Ordinal));
        Assert.Equal(isTold ? 1 : 0, lines.Text.Split("is about people").Length - 1);
    }

    [Fact]
    public async Task A_local_token_that_others_can_read_is_told_of_by_itself()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such modes.");
        var file = Path.Combine(_folder.Path, "hokify.db");
        await Storage.MigratedFile.PlaceAsync(file);
        File.SetUnixFileMode(file, OwnerOnly);
        await File.WriteAllTextAsync($"{file}.local-token", ApiKey.Create(), Cancel);
        File.SetUnixFileMode($"{file}.local-token", OwnerOnly | UnixFileMode.GroupRead);
        var lines = new LogLines();

        await using var service = await HttpService.StartAsync(
            applications: 0, [new("Database:ConnectionString", $"Data Source={file};Pooling=False")], builder => builder.Logging.AddProvider(lines));

        Assert.Contains(
            $"Whoever reads the file {file}.local-token may do everything, and others than its owner may; 'chmod 600' on it keeps them out, and when it is deleted the next start makes another",
            lines.Text,
            StringComparison.Ordinal);
        Assert.DoesNotContain("is about people", lines.Text, StringComparison.Ordinal);
    }
}
