using MassTransit;

namespace HokifyMessaging.Contracts;

/// <summary>Asks for one import of a scope's applications from hokify.</summary>
[EntityName("hokify.import-requested")]
[MessageUrn("hokify:import-requested:v1")]
public sealed record HokifyImportRequested
{
    /// <summary>The scope (tenant) to import. Default 1.</summary>
    public int ScopeId { get; init; } = 1;

    /// <summary>What to read. Default <see cref="Contracts.ImportMode.Incremental"/>.</summary>
    public ImportMode ImportMode { get; init; } = ImportMode.Incremental;

    /// <summary>Start of an incremental import in seconds since 1970-01-01 UTC; fractions count.</summary>
    public decimal? UnixSecondsFrom { get; init; }

    /// <summary>At most 200 characters.</summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>Plan and count, but write nothing.</summary>
    public bool DryRun { get; init; }

    /// <summary>Who asked; free text for operators.</summary>
    public string? RequestedBy { get; init; }
}
