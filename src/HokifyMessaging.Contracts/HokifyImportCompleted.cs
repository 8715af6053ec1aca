using MassTransit;

namespace HokifyMessaging.Contracts;

/// <summary>Tells how an import ended.</summary>
[EntityName("hokify.import-completed")]
[MessageUrn("hokify:import-completed:v1")]
public sealed record HokifyImportCompleted
{
    /// <summary>The run.</summary>
    public Guid RunId { get; init; }

    /// <summary>The run's idempotency key.</summary>
    public string IdempotencyKey { get; init; } = "";

    /// <summary>The scope that was imported.</summary>
    public int ScopeId { get; init; }

    /// <summary>The mode that was asked for.</summary>
    public ImportMode ImportMode { get; init; }

    /// <summary>The start that was asked for.</summary>
    public decimal? UnixSecondsFrom { get; init; }

    /// <summary>Whether nothing was written.</summary>
    public bool DryRun { get; init; }

    /// <summary>Who asked.</summary>
    public string? RequestedBy { get; init; }

    /// <summary>When the run began.</summary>
    public DateTimeOffset StartedAt { get; init; }

    /// <summary>When the run ended.</summary>
    public DateTimeOffset CompletedAt { get; init; }

    /// <summary>What came of it.</summary>
    public ExportImportResult Result { get; init; } = new();
}
