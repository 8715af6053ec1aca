namespace HokifyMessaging.Contracts;

/// <summary>What an import reads.</summary>
public enum ImportMode
{
    /// <summary>What is new or changed since the watermark (or <see cref="HokifyImportRequested.UnixSecondsFrom"/>).</summary>
    Incremental = 0,

    /// <summary>Everything; afterwards what the source no longer has is soft-deleted.</summary>
    Full = 1,
}
