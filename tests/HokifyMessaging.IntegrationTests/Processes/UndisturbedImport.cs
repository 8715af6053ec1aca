using HokifyMessaging.IntegrationTests.Processes;

[assembly: AssemblyFixture(typeof(UndisturbedImport))]

namespace HokifyMessaging.IntegrationTests.Processes;

/// <summary>How an import ends that nothing disturbs: what the disturbed ones are measured by. Imported once, when the first test asks.</summary>
public sealed class UndisturbedImport : IDisposable
{
    internal const int Applications = 100;
    internal const string Key = "nightly";

    private readonly SemaphoreSlim _one = new(1);
    private Outcome? _outcome;

    internal async Task<Outcome> OutcomeAsync()
    {
        await _one.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            return _outcome ??= await ImportAsync();
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose() => _one.Dispose();

    private static async Task<Outcome> ImportAsync()
    {
        await using var site = await Installation.StartAsync(Applications);
        await site.CompleteAsync(Key);
        return await site.Database.OutcomeAsync(Key);
    }
}
