using System.Reflection;
using System.Text;
using System.Text.Json;
using HokifyMessaging.Applications;
using HokifyMessaging.Contracts;
using HokifyMessaging.Privacy;
using HokifyMessaging.Runs;
using HokifyMessaging.Storage;
using HokifyMessaging.Tests.Writing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ApplicationId = HokifyMessaging.Applications.ApplicationId;
using Record = HokifyMessaging.Tests.Writing.Record;

namespace HokifyMessaging.Tests.Privacy;

/// <summary>People of whom every column has something, each with a mark of its own.</summary>
internal sealed class PeopleSetup(ImportWorker worker)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Stores somebody, with an application, a record that waits, and whatever else can name a person.</summary>
    /// <param name="mark">Begins every text about the person.</param>
    /// <param name="told">Stands in the texts behind it.</param>
    public async Task StoreAsync(string mark, string told = "")
    {
        var application = Record.Application($"{mark}-application", $"{mark}-person", candidate: Filled<CandidateColumns>(mark, told), profile: Filled<ProfileColumns>(mark, told));
        await worker.RunAsync(async run =>
        {
            await worker.Writer.WriteAsync(run, ImportStep.To(RunPhase.Reading), Cancel);
            var rejection = new Rejection(
                ElementNames.CandidateProfile, "page 1, item 1", new ApplicationId($"{mark}-waiting"), "datematch", FailureCause.BadDate, "is not a date", $$"""{"name":"{{mark}}-waitingName{{told}}"}""")
            {
                Person = new PersonId($"{mark}-person"),
            };
            await worker.Writer.WriteAsync(run, Record.Batch(Record.Ready(application), Record.Of(rejection)), Cancel);
        });
        await worker.QueryAsync(async db =>
        {
            var profile = await db.CandidateProfiles.Include(p => p.Candidate).SingleAsync(p => p.ScopeId == worker.ScopeId && p.ReferenceId == $"{mark}-application", Cancel);
            (profile.SourcePayload, profile.History) = ($$$"""{"unknown":{"deep":"{{{mark}}}-payload{{{told}}}"}}""", $$"""[{"time":"2026-03-01T08:00:00Z","field":"Name","old":"{{mark}}-oldJob{{told}}","new":null}]""");
            profile.Candidate!.History = $$"""[{"time":"2026-03-01T08:00:00Z","field":"City","old":"{{mark}}-oldCity{{told}}","new":null}]""";
            var waiting = await db.ActivityLogs.SingleAsync(l => l.ScopeId == worker.ScopeId && l.ReferenceId == $"{mark}-waiting", Cancel);
            waiting.ElementDisplayName = $"{mark}-display{told}";
            foreach (var run in await db.ImportRuns.Where(r => r.ScopeId == worker.ScopeId && r.SourceSaid == null).ToListAsync(Cancel))
            {
                run.SourceSaid = $"No access for {mark}-Email{told}.";
                run.Failure = $"Application {mark}-application cannot be written.";
            }

            db.PlanEntries.Add(new PlanEntry
            {
                RunId = (await db.ImportRuns.FirstAsync(r => r.ScopeId == worker.ScopeId, Cancel)).Id,
                Number = await db.PlanEntries.CountAsync(Cancel) + 1,
                ScopeId = worker.ScopeId,
                Kind = PlannedChange.Updated,
                ElementName = ElementNames.CandidateProfile,
                ReferenceId = $"{mark}-application",
                PersonReferenceId = $"{mark}-person",
                Fields = $$"""[{"field":"Name","before":"{{mark}}-plannedJob{{told}}","after":null}]""",
                Sentence = $"Application {mark}-application is refused.",
                State = $$"""{"Hash":"{{mark}}-state{{told}}"}""",
                Payload = $$"""{"name":"{{mark}}-plannedPayload{{told}}"}""",
                Hash = [1],
            });
            PendingEvents.Add(db, new HokifyImportFailed { ScopeId = worker.ScopeId, Kind = FailureKind.Failed, Reason = $"Application {mark}-application again.{told}" }, Guid.NewGuid(), Record.Epoch);
            return await db.SaveChangesAsync(Cancel);
        });
    }

    public async Task<JsonDocument> JsonAsync(string mark) => JsonDocument.Parse(await WriteAsync(mark, new PeopleFormat(PeopleFormat.Json, "de")));

    public async Task<string> PageAsync(string mark, string language) => Encoding.UTF8.GetString(await WriteAsync(mark, new PeopleFormat(PeopleFormat.Html, language)));

    private async Task<byte[]> WriteAsync(string mark, PeopleFormat format)
    {
        var export = worker.Services.GetRequiredService<PeopleExport>();
        var found = await worker.Services.GetRequiredService<PeopleFinder>().FindAsync(worker.ScopeId, new NamedPerson(NamedBy.Person, $"{mark}-person"), Cancel);
        using var output = new MemoryStream();
        await export.WriteAsync(await export.MakeAsync(found, format, Actor.OfUser(), Cancel), format, output, Cancel);
        return output.ToArray();
    }

    private static T Filled<T>(string mark, string told)
        where T : new()
    {
        var filled = new T();
        foreach (var property in typeof(T).GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.PropertyType == typeof(string) && property.SetMethod is not null))
        {
            property.SetValue(filled, $"{mark}-{property.Name}{told}");
        }

        return filled;
    }
}
