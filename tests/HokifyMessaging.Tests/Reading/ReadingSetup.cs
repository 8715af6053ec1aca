using HokifyMessaging.Reading;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace HokifyMessaging.Tests.Reading;

/// <summary>Sources as the container builds them, and short words for what they give.</summary>
internal sealed class ReadingSetup : IDisposable
{
    private readonly ServiceProvider _services;

    public ReadingSetup(ScopeOptions scope, TimeProvider? clock = null, ReadingOptions? reading = null)
    {
        var services = new ServiceCollection();
        services.AddSingleton(clock ?? TimeProvider.System);
        services.AddReading();
        services.AddSingleton<IOptionsFactory<HokifyOptions>>(new Fixed(new HokifyOptions { Scopes = { [1] = scope }, Reading = reading ?? new ReadingOptions() }));
        _services = services.BuildServiceProvider();
    }

    public static ReadWindow Window { get; } = new(
        new DateTimeOffset(2026, 2, 1, 1, 30, 0, 250, TimeSpan.FromHours(1)), new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    /// <summary>Retries without pauses, and limits that no test meets unless it wants to.</summary>
    public static HttpRetryOptions Impatient => new()
    {
        Retries = 3,
        Delay = TimeSpan.Zero,
        AttemptTimeout = TimeSpan.FromMinutes(1),
        TotalTimeout = TimeSpan.FromMinutes(2),
    };

    public IApplicationSource Source => _services.GetRequiredService<ApplicationSources>().For(1);

    public ApplicationSources Sources => _services.GetRequiredService<ApplicationSources>();

    public async Task<List<SourcePage>> ReadAsync(ReadWindow? window = null, string? checkpoint = null)
    {
        var pages = new List<SourcePage>();
        await foreach (var page in Source.ReadAsync(window ?? Window, checkpoint, TestContext.Current.CancellationToken))
        {
            pages.Add(page);
            Assert.True(pages.Count < 1_000, "the read does not come to an end");
        }

        return pages;
    }

    public async Task<string> FailureAsync(string? checkpoint = null) =>
        (await Assert.ThrowsAsync<SourceException>(() => ReadAsync(checkpoint: checkpoint))).Message;

    public void Dispose() => _services.Dispose();

    private sealed class Fixed(HokifyOptions options) : IOptionsFactory<HokifyOptions>
    {
        public HokifyOptions Create(string name) => options;
    }
}

internal static class Pages
{
    /// <summary>The ids of all records in order; a rejection without one shows as its position.</summary>
    public static IEnumerable<string> Ids(this IEnumerable<SourcePage> pages) => pages.SelectMany(page => page.Records)
        .Select(record => record.Read().Id()?.Value ?? $"({record.Position})");
}
