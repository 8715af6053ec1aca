using HokifyMessaging.Contracts;
using HokifyMessaging.Runs;

namespace HokifyMessaging.Tests.Importing;

/// <summary>An idempotency key belongs to its scope: a tenant neither blocks another's import nor learns of its keys.</summary>
public sealed class KeysOfScopesTests
{
    [Theory]
    [InlineData(ImportMode.Full, ImportMode.Full)]
    [InlineData(ImportMode.Full, ImportMode.Incremental)]
    public async Task Two_scopes_import_under_one_key_and_each_is_announced_by_itself(ImportMode ofFirst, ImportMode ofSecond)
    {
        await using var setup = await ImportSetup.OfTwoScopesAsync(3, 5);
        var first = new HokifyImportRequested { IdempotencyKey = "nightly", ScopeId = 1, ImportMode = ofFirst };
        var second = new HokifyImportRequested { IdempotencyKey = "nightly", ScopeId = 2, ImportMode = ofSecond };

        await setup.PublishAsync(second);
        await setup.PublishAsync(first);
        await ImportSetup.Until(() => setup.Completions.All.Count == 2);
        await setup.PublishAsync(first);
        await ImportSetup.Until(() => setup.Completions.All.Count == 3);
        await setup.PublishAsync(second);
        await ImportSetup.Until(() => setup.Completions.All.Count == 4);

        foreach (var (scope, applications, mode) in new[] { (1, 3, ofFirst), (2, 5, ofSecond) })
        {
            var own = setup.Completions.All.Where(completion => completion.Event.ScopeId == scope).ToList();
            Assert.Equal((2, (Guid?)CompletionId.Of(scope, "nightly")), (own.Count, Assert.Single(own.Select(completion => completion.MessageId).Distinct())));
            Assert.Equal((1, applications, mode), (own.Select(completion => completion.Event.RunId).Distinct().Count(), own[0].Event.Result.StatsCounter["Fetched"], own[0].Event.ImportMode));
        }

        Assert.Empty(setup.Completions.Failures);
    }

    [Fact]
    public async Task Another_request_under_the_key_is_refused_with_the_run_of_its_own_scope()
    {
        await using var setup = await ImportSetup.OfTwoScopesAsync(3, 5);
        await setup.ImportAsync(new HokifyImportRequested { IdempotencyKey = "nightly", ScopeId = 1 });
        await setup.PublishAsync(new HokifyImportRequested { IdempotencyKey = "nightly", ScopeId = 2 });
        await ImportSetup.Until(() => setup.Completions.All.Count == 2);
        var own = setup.Completions.All.Single(completion => completion.Event.ScopeId == 2).Event.RunId;

        var sentence = await setup.FailureAsync(new HokifyImportRequested { IdempotencyKey = "nightly", ScopeId = 2, DryRun = true });

        Assert.Equal($"The idempotency key 'nightly' belongs to run {own}, whose request differs: DryRun (was False, now True). Use a new key for a new request.", sentence);
    }

    [Fact]
    public async Task A_run_from_when_keys_were_unique_over_all_scopes_is_announced_again_under_the_id_that_subscribers_know()
    {
        await using var setup = await ImportSetup.OfTwoScopesAsync(3, 5);
        var request = new HokifyImportRequested { IdempotencyKey = "old", ScopeId = 1 };
        await setup.ImportAsync(request);
        await setup.ExecuteAsync("UPDATE ImportRun SET EventId = NULL");

        await setup.ImportAsync(request);
        await setup.ImportAsync(request with { ScopeId = 2 });

        Assert.Equal(
            [CompletionId.Of(1, "old"), CompletionId.OfKeyAlone("old"), CompletionId.Of(2, "old")],
            setup.Completions.All.Select(completion => completion.MessageId!.Value));
    }
}
