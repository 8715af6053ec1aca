using System.Reflection;
using HokifyMessaging.Contracts;
using HokifyMessaging.Receiving;
using HokifyMessaging.Runs;
using HokifyMessaging.Storage;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace HokifyMessaging.Tests.Importing;

/// <summary>Requests that wait behind each other and ask for the same: one import answers them, each by its own event.</summary>
public sealed class JoinedRequestTests
{
    private static readonly HokifyImportRequested Keyless = new() { ImportMode = ImportMode.Incremental, RequestedBy = "crm" };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Many_that_wait_are_answered_by_one_import_each_under_its_own_key_and_with_its_own_event()
    {
        await using var setup = await HeldAsync();

        for (var i = 0; i < 30; i++)
        {
            await setup.PublishAsync(Keyless);
        }

        await ReleaseAsync(setup, 30);
        await ImportSetup.Until(async () => await setup.QueryAsync(db => db.ImportRuns.AllAsync(r => r.AnnouncedAt != null, Cancel)));

        var runs = await setup.QueryAsync(db => db.ImportRuns.AsNoTracking().OrderBy(r => r.CreatedAt).ThenBy(r => r.Id).ToListAsync(Cancel));
        var answering = Assert.Single(runs, run => run.IdempotencyKey != "before" && run.AnsweredBy is null);
        Assert.Equal(29, runs.Count(run => run.AnsweredBy == answering.Id));
        Assert.All(runs, run => Assert.Equal((RunState.Completed, true), (run.State, run.AnnouncedAt is not null)));
        var events = setup.Completions.All.Where(one => one.Event.IdempotencyKey != "before").ToList();
        Assert.Equal(30, events.Select(one => one.MessageId).Distinct().Count());
        Assert.Equal(runs.Where(run => run.IdempotencyKey != "before").Select(run => (run.Id, run.IdempotencyKey)).Order(), events.Select(one => (one.Event.RunId, one.Event.IdempotencyKey)).Order());
        Assert.All(events, one => Assert.Equal(("crm", answering.StartedAt, 0), (one.Event.RequestedBy, one.Event.StartedAt, one.Event.Result.ErrorCount)));
    }

    [Fact]
    public async Task Whoever_has_a_key_of_its_own_asks_for_something_else_or_only_wants_to_know_has_an_import_of_its_own()
    {
        await using var setup = await HeldAsync();
        HokifyImportRequested[] others =
        [
            Keyless with { IdempotencyKey = "own" }, Keyless with { ImportMode = ImportMode.Full }, Keyless with { UnixSecondsFrom = 1_700_000_000 }, Keyless with { DryRun = true },
            Keyless with { ImportMode = ImportMode.Full, AllowDeletions = 1 },
        ];

        foreach (var request in others.Prepend(Keyless))
        {
            await setup.PublishAsync(request);
        }

        await ReleaseAsync(setup, others.Length + 1);

        // Whoever comes first is carried out: where that is the one with the key, it answers the one without.
        var answered = await setup.QueryAsync(db => db.ImportRuns.Where(r => r.AnsweredBy != null).ToListAsync(Cancel));
        Assert.All(answered, run => Assert.Equal((true, ImportMode.Incremental, null, false), (run.IsKeyless, run.ImportMode, run.UnixSecondsFrom, run.DryRun)));
        Assert.InRange(answered.Count, 0, 1);
    }

    [Fact]
    public async Task An_import_answers_whoever_had_asked_when_it_began_and_nobody_who_asks_while_it_is_under_way()
    {
        await using var setup = await ImportSetup.StartAsync(applications: 3);
        var ended = await EndedAsync(setup);
        await AddWaitingAsync(setup, ended, ended.StartedAt!.Value.AddTicks(1));

        Assert.Empty(await AnsweredAsync(setup, ended));
        await setup.ExecuteAsync("UPDATE ImportRun SET CreatedAt = (SELECT StartedAt FROM ImportRun WHERE IdempotencyKey = 'ends') WHERE IdempotencyKey = 'waits'");
        Assert.Equal("waits", Assert.Single(await AnsweredAsync(setup, ended)).IdempotencyKey);
        Assert.Empty(await AnsweredAsync(setup, ended));
    }

    [Fact]
    public async Task Where_that_is_switched_off_each_is_carried_out()
    {
        await using var setup = await HeldAsync(new KeyValuePair<string, string?>("Hokify:Import:JoinRequests", "false"));

        await setup.PublishAsync(Keyless);
        await setup.PublishAsync(Keyless);
        await ReleaseAsync(setup, 2);

        Assert.Equal(0, await setup.QueryAsync(db => db.ImportRuns.CountAsync(r => r.AnsweredBy != null, Cancel)));
    }

    [Fact]
    public async Task A_message_that_was_answered_and_comes_again_is_told_the_same_again()
    {
        await using var setup = await HeldAsync();
        var messages = Enumerable.Range(0, 2).Select(_ => Guid.NewGuid()).ToList();
        foreach (var id in messages)
        {
            await setup.PublishAsync(Keyless, context => context.MessageId = id);
        }

        await ReleaseAsync(setup, 2);
        var answered = await setup.QueryAsync(db => db.ImportRuns.AsNoTracking().SingleAsync(r => r.AnsweredBy != null, Cancel));

        await setup.PublishAsync(Keyless, context => context.MessageId = Guid.Parse(answered.IdempotencyKey));
        await ImportSetup.Until(() => setup.Completions.Of(answered.IdempotencyKey).Count == 2);

        Assert.Single(setup.Completions.Of(answered.IdempotencyKey).Select(one => one.MessageId).Distinct());
        Assert.Equal(3, await setup.QueryAsync(db => db.ImportRuns.CountAsync(Cancel)));
    }

    [Fact]
    public async Task An_import_that_did_not_read_to_the_end_answers_nobody()
    {
        await using var setup = await ImportSetup.StartAsync(applications: 3);
        var ended = await EndedAsync(setup);
        await setup.ExecuteAsync("UPDATE ImportRun SET IsWhole = 0");
        await AddWaitingAsync(setup, ended, ended.StartedAt!.Value);

        Assert.Empty(await AnsweredAsync(setup, ended));
        await setup.ExecuteAsync("UPDATE ImportRun SET IsWhole = 1 WHERE IdempotencyKey = 'ends'");
        Assert.Equal("waits", Assert.Single(await AnsweredAsync(setup, ended)).IdempotencyKey);
    }

    [Fact]
    public async Task Of_events_that_are_told_together_those_are_noted_that_the_broker_has_taken_and_it_is_asked_once_for_the_rest()
    {
        await using var setup = await ImportSetup.StartAsync(applications: 3);
        var ended = await EndedAsync(setup);
        foreach (var key in new[] { "1", "2", "3", "4", "5" })
        {
            await AddWaitingAsync(setup, ended, ended.StartedAt!.Value, key);
        }

        var answered = await AnsweredAsync(setup, ended);
        var broker = DispatchProxy.Create<IPublishEndpoint, FullBroker>();
        await setup.Services.GetRequiredService<CompletionAnnouncer>().AnnounceAsync(broker, answered, Cancel);

        var taken = await setup.QueryAsync(db => db.ImportRuns.Where(r => r.AnsweredBy != null && r.AnnouncedAt != null).Select(r => r.Id).ToListAsync(Cancel));
        Assert.Equal(5, answered.Count);
        Assert.Equal(answered.Take(FullBroker.Room).Select(one => one.RunId).Order(), taken.Order());
        Assert.Equal(FullBroker.Room + 1, ((FullBroker)broker).Asked);
    }

    /// <summary>An import that has ended, in a service that then listens no more: it would answer whoever waits, or carry out what they have asked for.</summary>
    private static async Task<ImportRun> EndedAsync(ImportSetup setup)
    {
        await setup.ImportAsync(new HokifyImportRequested { IdempotencyKey = "ends" });
        await setup.Services.GetRequiredService<IBusControl>().StopAsync(Cancel);
        return await setup.RunAsync("ends");
    }

    private static async Task<List<HokifyImportCompleted>> AnsweredAsync(ImportSetup setup, ImportRun run)
    {
        var answered = new List<HokifyImportCompleted>();
        await foreach (var some in setup.Services.GetRequiredService<RunStore>().AnswerAsync(RunStore.EventOf(run.CompletedEvent)!, Cancel))
        {
            answered.AddRange(some);
        }

        return answered;
    }

    private static async Task AddWaitingAsync(ImportSetup setup, ImportRun like, DateTimeOffset askedAt, string key = "waits") => await setup.QueryAsync(async db =>
    {
        db.ImportRuns.Add(new ImportRun
        {
            Id = Guid.CreateVersion7(),
            IdempotencyKey = key,
            ScopeId = like.ScopeId,
            ImportMode = like.ImportMode,
            State = RunState.Queued,
            Phase = RunPhase.Retrying,
            CreatedAt = askedAt,
            NudgedAt = TimeProvider.System.GetUtcNow(),
            Tally = like.Tally,
            IsKeyless = true,
        });
        return await db.SaveChangesAsync(Cancel);
    });

    /// <summary>A service in which a worker holds the scope that is on another machine, until <see cref="ReleaseAsync"/>.</summary>
    private static async Task<ImportSetup> HeldAsync(params KeyValuePair<string, string?>[] settings)
    {
        var setup = await ImportSetup.StartAsync(applications: 3, settings: settings);
        await setup.ImportAsync(new HokifyImportRequested { IdempotencyKey = "before" });
        await setup.ExecuteAsync("UPDATE Scope SET LeaseOwner = 'another machine', LeaseExpiresAt = '9000-01-01 00:00:00.0000000'");
        return setup;
    }

    private static async Task ReleaseAsync(ImportSetup setup, int runs)
    {
        await ImportSetup.Until(async () => await setup.QueryAsync(db => db.ImportRuns.CountAsync(Cancel)) == runs + 1);
        await setup.ExecuteAsync("UPDATE Scope SET LeaseOwner = NULL, LeaseExpiresAt = NULL");
        await setup.Services.GetRequiredService<Nudges>().PassTurnAsync(setup.Services.GetRequiredService<IBus>(), 1, Cancel);
        await ImportSetup.Until(() => setup.Completions.All.Count == runs + 1);
    }

    /// <summary>Takes two events, and no more.</summary>
#pragma warning disable CA1852 // The proxy is made as a subclass.
    private class FullBroker : DispatchProxy
#pragma warning restore CA1852
    {
        public const int Room = 2;

        public int Asked { get; private set; }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
            ++Asked <= Room ? Task.CompletedTask : Task.FromException(new InvalidOperationException("The broker has no room."));
    }
}
