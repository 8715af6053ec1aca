using System.Reflection;
using HokifyMessaging.Applications;
using HokifyMessaging.Privacy;
using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Tests.Writing;

/// <summary>An erasure makes of each column what the data map says.</summary>
public abstract partial class WriterSpecification
{
    private const string Told = "told by the applicant";

    [Fact]
    public async Task An_erasure_makes_of_each_column_what_the_data_map_says()
    {
        await RejectAsync(Record.Rejected("a2", "closed", "p1"));
        var told = Filled<CandidateColumns>();
        await ImportAsync(Record.Application("a1", candidate: told, profile: Filled<ProfileColumns>()), Record.Application("a2", candidate: told));
        await RejectAsync(Record.Rejected("a3", "waits", "p1"));
        var (person, application, done, waiting, run) = await FillAsync();
        Worker.Clock.Advance(TimeSpan.FromHours(1));

        await ImportAsync(Record.Application("a1", version: 1, erased: true));

        await Worker.QueryAsync(async db =>
        {
            Holds("Candidate", person, await db.Candidates.AsNoTracking().SingleAsync(c => c.Id == person.Id, Cancel));
            Holds("CandidateProfile", application, await db.CandidateProfiles.AsNoTracking().SingleAsync(p => p.Id == application.Id, Cancel));
            Holds("ActivityLog", done, await db.ActivityLogs.AsNoTracking().SingleAsync(l => l.Id == done.Id, Cancel), waiting);
            Assert.False(await db.ActivityLogs.AnyAsync(l => l.Id == waiting.Id, Cancel));
            Holds("ImportRun", run, await db.ImportRuns.AsNoTracking().SingleAsync(r => r.Id == run.Id, Cancel));
            return 0;
        });
    }

    /// <summary>What no import of this test fills is filled by hand, so that there is something to be taken away.</summary>
    private Task<(Candidate Person, CandidateProfile Application, ActivityLog Done, ActivityLog Waiting, ImportRun Run)> FillAsync() => Worker.QueryAsync(async db =>
    {
        var application = await db.CandidateProfiles.Include(p => p.Candidate).SingleAsync(p => p.ScopeId == Worker.ScopeId && p.ReferenceId == "a1", Cancel);
        var logs = await db.ActivityLogs.Where(l => l.ScopeId == Worker.ScopeId).ToListAsync(Cancel);
        var done = logs.Single(l => l.Status == ActivityStatus.Done && l.ElementName == ElementNames.CandidateProfile && l.ElementId == application.Id);
        var waiting = logs.Single(l => l.ReferenceId == "a3");
        var run = await db.ImportRuns.SingleAsync(r => r.Id == done.RunId, Cancel);
        foreach (var row in new object[] { application.Candidate!, application, done, run })
        {
            FillTheRest(row);
        }

        await db.SaveChangesAsync(Cancel);
        return (application.Candidate!, application, done, waiting, run);
    });

    /// <param name="table">Whose marks.</param>
    /// <param name="before">The row before the erasure.</param>
    /// <param name="after">The same row behind it.</param>
    /// <param name="gone">A row that is gone as a whole, where the table has such.</param>
    private static void Holds(string table, object before, object after, object? gone = null)
    {
        var marked = DataMap.Of(table);
        foreach (var column in marked.Columns)
        {
            var (was, now) = (marked.ValueOf(before, column), marked.ValueOf(after, column));
            var isRight = column.Erasure switch
            {
                ErasureTreatment.Emptied => !IsEmpty(was) && IsEmpty(now),
                ErasureTreatment.Replaced => !IsEmpty(now) && !Equals(was, now),
                ErasureTreatment.DeletedWithRow => gone is not null && !IsEmpty(marked.ValueOf(gone, column)) && IsEmpty(now),
                _ => Equals(was, now),
            };
            Assert.True(isRight, $"{table}.{column.Name} is {column.Erasure}, and was '{was}' and is '{now}'");
        }
    }

    private static bool IsEmpty(object? value) => value is null or "" or false or 0 || (value is byte[] bytes && bytes.All(one => one == 0));

    private static T Filled<T>()
        where T : new()
    {
        var filled = new T();
        FillTheRest(filled);
        return filled;
    }

    private static void FillTheRest(object row)
    {
        foreach (var property in row.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.SetMethod is not null && IsEmpty(property.GetValue(row))))
        {
            var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
            object? value = type == typeof(string) && property.Name is not ("Data" or "ResultData" or "TraceParent") ? Told[..Math.Min(Told.Length, 20)]
                : type == typeof(byte[]) ? new byte[] { 1, 2, 3 }
                : type == typeof(DateOnly) ? new DateOnly(1987, 6, 5)
                : type == typeof(DateTime) ? new DateTime(2026, 2, 3, 0, 0, 0, DateTimeKind.Unspecified)
                : row is not ImportRun && type == typeof(DateTimeOffset) ? Record.Epoch
                : row is ProfileColumns && type == typeof(bool) ? true
                : row is ProfileColumns && type == typeof(int) ? 7
                : null;
            if (value is not null)
            {
                property.SetValue(row, value);
            }
        }
    }
}
