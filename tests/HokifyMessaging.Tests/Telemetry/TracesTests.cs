using HokifyMessaging.Telemetry;

namespace HokifyMessaging.Tests.Telemetry;

/// <summary>What is taken for a trace, and what is stored and sent of it.</summary>
public sealed class TracesTests
{
    private const string Right = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    [Theory]
    [InlineData(Right, Right)]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00")]
    [InlineData("cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-Erika-Mustermann", Right)]
    [InlineData("00-0AF7651916CD43DD8448EB211C80319C-B7AD6B7169203331-01", null)]
    [InlineData("00-00000000000000000000000000000000-b7ad6b7169203331-01", null)]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01", null)]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-Erika", null)]
    [InlineData("ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", null)]
    [InlineData("Erika Mustermann, erika@example.at", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void Of_a_trace_only_its_numbers_are_taken(string? text, string? written)
    {
        Assert.Equal(written, Traces.Written(text));
        Assert.True(written is null || written.Length == HokifyMessaging.Storage.HokifyDbContext.TraceParentLength);
    }

    [Fact]
    public async Task What_was_brought_ends_with_whoever_has_brought_it()
    {
        await BringAsync();

        Assert.Null(Traces.Current);

        static async Task BringAsync()
        {
            Traces.Bring(Right);
            await Task.Yield();
            Assert.Equal(Right, Traces.Current);
        }
    }
}
