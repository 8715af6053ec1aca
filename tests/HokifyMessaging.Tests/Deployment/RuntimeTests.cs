using System.Text.Json.Nodes;

namespace HokifyMessaging.Tests.Deployment;

/// <summary>How the program collects its memory is said in the project, and not left to what its kind of project or the machine brings about.</summary>
public sealed class RuntimeTests
{
    private static readonly JsonNode Properties =
        JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "hokify.runtimeconfig.json")))!["runtimeOptions"]!["configProperties"]!;

    [Theory]
    [InlineData("System.GC.Server")]
    [InlineData("System.GC.Concurrent")]
    public void It_has_one_heap_however_many_processors_there_are_and_collects_it_at_once(string property) => Assert.False(Properties[property]!.GetValue<bool>());

    [Fact]
    public void It_lets_no_more_become_garbage_than_64_MB() => Assert.Equal(64 * 1024 * 1024, Properties["System.GC.Gen0MaxBudget"]!.GetValue<int>());
}
