using HokifyMessaging.CheckUp;
using HokifyMessaging.Machine;
using HokifyMessaging.Storage;
using HokifyMessaging.Tests.Importing;
using HokifyMessaging.Wording;
using Microsoft.Extensions.DependencyInjection;

namespace HokifyMessaging.Tests.Storage;

/// <summary>What a look at the database finds that no test can bring about for real.</summary>
public sealed class DatabaseCheckTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(255_999_999L, true)]
    [InlineData(256_000_000L, false)]
    [InlineData(null, false)]
    public async Task A_disk_that_is_almost_full_is_wrong(long? free, bool isWrong)
    {
        await using var setup = await ImportSetup.StartAsync(applications: 1, services: services => services.AddSingleton<FreeSpace>(_ => free));

        var findings = await setup.Services.GetRequiredService<DatabaseCheck>().LookAsync(Cancel).ToListAsync(Cancel);

        Assert.Equal(isWrong, findings.Any(finding =>
            finding.Verdict == Verdict.Wrong && finding.Sentence.Contains("has 256 MB left, and an import stops when it is full; make room, at least 256 MB.", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(0, "0 bytes")]
    [InlineData(999, "999 bytes")]
    [InlineData(1_000, "1.0 KB")]
    [InlineData(1_234_567, "1.2 MB")]
    [InlineData(256_000_000, "256 MB")]
    [InlineData(77_000_000_000, "77.0 GB")]
    public void A_size_is_shown_as_people_say_it(long bytes, string shown) => Assert.Equal(shown, FileSize.Of(bytes));
}
