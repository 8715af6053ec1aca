namespace HokifyMessaging.Tests;

/// <summary>Tests that measure what the whole process holds in memory: no other runs beside them.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
