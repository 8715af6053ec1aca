using System.Text.Json;
using System.Text.Json.Nodes;
using HokifyMessaging.Contracts;
using HokifyMessaging.IntegrationTests.Broker;
using HokifyMessaging.IntegrationTests.Processes;
using HokifyMessaging.Storage;
using HokifyMessaging.Tests;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.IntegrationTests.Faults;

/// <summary>What must hold after a round: nothing lost, nothing doubled, nothing that lives deleted, nothing stuck.</summary>
internal sealed class Aftermath(
    Installation site, FaultBroker broker, IReadOnlyList<HokifyImportRequested> asked, IReadOnlyList<string> askedOtherwise, Func<int, string> mandatorOf)
{
    private readonly List<string> _problems = [];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async Task<IReadOnlyList<string>> ProblemsAsync()
    {
        var runs = await site.Database.QueryAsync(db => db.ImportRuns.AsNoTracking().ToListAsync(Cancel));
        await LookAtRunsAsync(runs);
        await LookAtEventsAsync(runs);
        await LookAtQueuesAsync(runs);
        for (var scope = 1; scope <= FaultPlan.Scopes; scope++)
        {
            await LookAtRowsAsync(scope);
        }

        return _problems;
    }

    /// <summary>The idempotency key of a request in a queue, raw or in an envelope.</summary>
    public static string? KeyOf(QueuedMessage message)
    {
        var body = JsonNode.Parse(message.Payload);
        return (string?)(body?["message"]?["idempotencyKey"] ?? body?["idempotencyKey"]);
    }

    private async Task LookAtRunsAsync(List<ImportRun> runs)
    {
        Check(runs.Count == asked.Count, $"{asked.Count} requests made {runs.Count} runs");
        foreach (var request in asked)
        {
            var run = runs.SingleOrDefault(run => run.IdempotencyKey == request.IdempotencyKey);
            Check(
                run is not null && (run.ScopeId, run.ImportMode, run.DryRun) == (request.ScopeId, request.ImportMode, request.DryRun),
                $"{request.IdempotencyKey} was carried out otherwise than asked for: {run?.ScopeId} {run?.ImportMode} {run?.DryRun}");
        }

        var scopes = await site.Database.QueryAsync(db => db.Scopes.AsNoTracking().ToListAsync(Cancel));
        foreach (var scope in scopes)
        {
            Check((scope.LeaseOwner, scope.LeaseRunId, scope.LeaseExpiresAt) == (null, null, null), $"the lease of scope {scope.ScopeId} is held by {scope.LeaseOwner}");
        }

        Check(await site.Database.QueryAsync(db => db.RunBatches.CountAsync(Cancel)) == 0, "batches of completed runs were left behind");
        foreach (var run in runs.Where(run => run.CompletedEvent is not null))
        {
            var result = JsonSerializer.Deserialize<HokifyImportCompleted>(run.CompletedEvent!)!.Result;
            Accounting.Closes(result);
            Check(result.ErrorCount == 0, $"{run.IdempotencyKey} completed with {result.ErrorCount} errors: {result.Exceptions.SelectMany(of => of.Value).FirstOrDefault()?.Message}");
        }
    }

    private async Task LookAtEventsAsync(List<ImportRun> runs)
    {
        var events = (await broker.TakeEventsAsync())
            .Select(message => (Id: message.Properties.GetProperty("message_id").GetString(), Event: JsonNode.Parse(message.Payload)!["message"]!.ToJsonString()))
            .Select(message => (message.Id, message.Event, RunId: JsonSerializer.Deserialize<HokifyImportCompleted>(message.Event, JsonSerializerOptions.Web)!.RunId))
            .ToList();
        foreach (var run in runs)
        {
            var own = events.Where(message => message.RunId == run.Id).ToList();
            Check(own.Count > 0, $"{run.IdempotencyKey} has no event");
            Check(own.DistinctBy(message => message.Id).Count() <= 1, $"{run.IdempotencyKey} has events with different ids");
            Check(own.DistinctBy(message => message.Event).Count() <= 1, $"{run.IdempotencyKey} has events that differ:\n{string.Join('\n', own.Select(message => message.Event).Distinct())}");
        }

        Check(events.All(message => runs.Any(run => run.Id == message.RunId)), "there are events of runs that do not exist");
        Check(events.Select(message => message.Id).Distinct().Count() == events.Select(message => message.RunId).Distinct().Count(), "two runs share an event's id");
    }

    private async Task LookAtQueuesAsync(List<ImportRun> runs)
    {
        await site.UntilAsync(async () => (await broker.LeftOversAsync()).Length == 0, "the broker counts no message in any queue of the service");

        // What is refused lies there for an operator, and so does what failed, until somebody has looked at it.
        foreach (var error in await broker.ErrorsAsync())
        {
            var key = KeyOf(error);
            var reason = error.Header("MT-Fault-Message");
            var isRefusal = key is not null && askedOtherwise.Contains(key) && reason?.Contains("whose request differs", StringComparison.Ordinal) == true;
            var hasHealed = runs.Any(run => run.IdempotencyKey == key && run.State == RunState.Completed);
            Check(isRefusal || (hasHealed && !string.IsNullOrWhiteSpace(reason)), $"the error queue holds {key}: {reason}");
        }

        var refused = (await broker.ErrorsAsync()).Where(error => error.Header("MT-Fault-Message")?.Contains("whose request differs", StringComparison.Ordinal) == true).Select(KeyOf).ToList();
        foreach (var key in askedOtherwise)
        {
            Check(refused.Contains(key), $"{key} was asked for with another content and not refused");
        }
    }

    private async Task LookAtRowsAsync(int scope)
    {
        var truth = await Truth.OfAsync(site.Sandbox, mandatorOf(scope));
        var profiles = await site.Database.QueryAsync(db => db.CandidateProfiles.AsNoTracking().Include(profile => profile.Candidate).Where(profile => profile.ScopeId == scope).ToListAsync(Cancel));
        var candidates = await site.Database.QueryAsync(db => db.Candidates.AsNoTracking().Where(candidate => candidate.ScopeId == scope).ToListAsync(Cancel));
        Check(profiles.DistinctBy(profile => profile.ReferenceId).Count() == profiles.Count, $"scope {scope} has an application twice");
        Check(candidates.DistinctBy(candidate => candidate.ReferenceId).Count() == candidates.Count, $"scope {scope} has a person twice");
        foreach (var (id, application) in truth)
        {
            var stored = profiles.FirstOrDefault(profile => profile.ReferenceId == id);
            if ((bool?)application["user"]?["privacyAutoDeleted"] is true)
            {
                Check(stored is null or { IsDeleted: true, SourcePayload: null }, $"{id} of scope {scope} is erased at hokify and not here");
            }
            else if (stored is null)
            {
                _problems.Add($"lost: {id} of scope {scope}, last changed {application["lastupdate"]}");
            }
            else
            {
                Check(!stored.IsDeleted && stored.Candidate is { IsDeleted: false }, $"{id} of scope {scope} lives at hokify and is deleted here");
                Check(IsNewest(application, stored), $"{id} of scope {scope} is stored as of {stored.Version:O} instead of {application["lastupdate"]}");
            }
        }

        // hokify's lists say nothing of what was withdrawn; the rest must be there.
        var strangers = profiles.Where(profile => !profile.IsDeleted && !truth.ContainsKey(profile.ReferenceId)).Select(profile => profile.ReferenceId).ToList();
        var withdrawn = site.Sandbox.State(mandatorOf(scope));
        Check(strangers.Count == 0 || withdrawn.Applications != withdrawn.Initial, $"scope {scope} has applications that hokify never had: {string.Join(", ", strangers)}");
    }

    /// <summary>A phone number that a person changes with one application shows in the others without a new version: of those the person is left out.</summary>
    private static bool IsNewest(JsonObject application, CandidateProfile stored)
    {
        if (stored.Version != application["lastupdate"]!.GetValue<DateTimeOffset>() || stored.SourcePayload is null)
        {
            return false;
        }

        var payload = Truth.ApplicationsIn(JsonNode.Parse(stored.SourcePayload)!).SingleOrDefault();
        return Holds(payload?["contactStage"], application["contactStage"]) && Holds(payload?["interviewQuestions"], application["interviewQuestions"]);
    }

    /// <summary>Members that hokify sent for a while only are kept as they were sent.</summary>
    private static bool Holds(JsonNode? stored, JsonNode? sent) => (stored, sent) switch
    {
        (JsonObject has, JsonObject had) => had.All(member => has.ContainsKey(member.Key) && Holds(has[member.Key], member.Value)),
        (JsonArray has, JsonArray had) => has.Count == had.Count && has.Zip(had).All(pair => Holds(pair.First, pair.Second)),
        _ => JsonNode.DeepEquals(stored, sent),
    };

    private void Check(bool holds, string problem)
    {
        if (!holds)
        {
            _problems.Add(problem);
        }
    }
}
