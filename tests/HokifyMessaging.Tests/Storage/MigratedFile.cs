using HokifyMessaging.Storage;
using Microsoft.Extensions.Options;

namespace HokifyMessaging.Tests.Storage;

/// <summary>A SQLite file with the newest schema. It is made once for all tests, because migrating takes longer than most of them.</summary>
internal static class MigratedFile
{
    private static readonly Lazy<Task<byte[]>> Made = new(MakeAsync);

    public static async Task PlaceAsync(string path) =>
        await File.WriteAllBytesAsync(path, await Made.Value, TestContext.Current.CancellationToken);

    /// <summary>For all tests, so none of them may cancel it.</summary>
    private static async Task<byte[]> MakeAsync()
    {
        var folder = Directory.CreateTempSubdirectory("hokify-schema-");
        try
        {
            var file = Path.Combine(folder.FullName, "hokify.db");
            var contexts = new HokifyDbContexts(Options.Create(new DatabaseOptions { ConnectionString = $"Data Source={file};Pooling=False" }), []);
            await new DatabaseSchema(contexts).MigrateAsync(CancellationToken.None);
            return await File.ReadAllBytesAsync(file);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
