using HokifyMessaging.CheckUp;
using HokifyMessaging.Machine;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Storage;

/// <summary>Whether the configured database can be used as it is, by whom, and for how long.</summary>
internal sealed class DatabaseCheck(
    IDbContextFactory<HokifyDbContext> contexts, DatabaseSchema schema, SchemaCheck schemaCheck, FreeSpace freeSpace) : ICheck
{
    /// <summary>What a full import of some ten thousand applications may write before anybody looks again.</summary>
    private const long LeastFree = 256_000_000;

    public string Subject => "database";

    public async IAsyncEnumerable<Finding> LookAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string place;
        string? file;
        await using (var db = await contexts.CreateDbContextAsync(cancellationToken))
        {
            place = DatabaseName.Of(db);
            file = db.Database.IsSqlite() ? SqliteFile.PathOf(db.Database.GetConnectionString()!) : null;
        }

        var problems = file is null ? [] : OfFile(file).ToList();
        foreach (var problem in problems)
        {
            yield return problem;
        }

        await schema.RequireCurrentAsync(cancellationToken);
        foreach (var (verdict, sentence) in await schemaCheck.LookAsync(cancellationToken))
        {
            problems.Add(Found(verdict, sentence));
            yield return problems[^1];
        }

        if (await schema.IsLockedAsync(cancellationToken))
        {
            problems.Add(Found(Verdict.Note, $"{place} is locked by somebody who writes; writes of others wait until they are done."));
            yield return problems[^1];
        }

        if (problems.Count == 0)
        {
            yield return Found(Verdict.Ok, $"{place} has the schema of this version{(file is null ? "" : Room(file))}.");
        }
    }

    private IEnumerable<Finding> OfFile(string file)
    {
        var folder = Path.GetDirectoryName(file)!;
        if (Directory.Exists(folder) && freeSpace(folder) is { } free && free < LeastFree)
        {
            yield return Found(
                Verdict.Wrong,
                $"The disk of the database file {VisibleText.Of(file)} has {FileSize.Of(free)} left, and an import stops when it is full; make room, at least {FileSize.Of(LeastFree)}.");
        }
    }

    private string Room(string file) =>
        freeSpace(Path.GetDirectoryName(file)!) is { } free ? $", {FileSize.Of(new FileInfo(file).Length)}, and its disk has {FileSize.Of(free)} left" : "";

    private Finding Found(Verdict verdict, string sentence) => new(Subject, verdict, sentence);
}
