namespace HokifyMessaging.Contracts;

/// <summary>What an import did.</summary>
public sealed record ExportImportResult
{
    /// <summary>Rows created, by element name.</summary>
    public IReadOnlyDictionary<string, int> CreatedCounts { get; init; } = new Dictionary<string, int>();

    /// <summary>Rows updated, by element name.</summary>
    public IReadOnlyDictionary<string, int> UpdatedCounts { get; init; } = new Dictionary<string, int>();

    /// <summary>Rows deleted, by element name.</summary>
    public IReadOnlyDictionary<string, int> DeletedCounts { get; init; } = new Dictionary<string, int>();

    /// <summary>Rows left as they were, by element name.</summary>
    public IReadOnlyDictionary<string, int> UnchangedCounts { get; init; } = new Dictionary<string, int>();

    /// <summary>Failures, by element name.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<ImportException>> Exceptions { get; init; } = new Dictionary<string, IReadOnlyList<ImportException>>();

    /// <summary>Where the run's CSV can be downloaded.</summary>
    public string? DownloadUrl { get; init; }

    /// <summary>Created, updated, deleted and unchanged together.</summary>
    public int OkCount { get; init; }

    /// <summary>Exceptions together.</summary>
    public int ErrorCount { get; init; }

    /// <summary>Further figures.</summary>
    public IReadOnlyDictionary<string, int> StatsCounter { get; init; } = new Dictionary<string, int>();
}

/// <summary>One failure in the shape of the seed.</summary>
public sealed record ImportException
{
    /// <summary>CLR type name of the failure.</summary>
    public string ClassName { get; init; } = "System.Exception";

    /// <summary>One sentence that names the record and the field.</summary>
    public string? Message { get; init; }

    /// <summary>Always null.</summary>
    public object? Data { get; init; }

    /// <summary>Always null.</summary>
    public ImportException? InnerException { get; init; }

    /// <summary>Where to read more.</summary>
    public string? HelpURL { get; init; }

    /// <summary>Always null.</summary>
    public string? StackTraceString { get; init; }

    /// <summary>Always null.</summary>
    public string? RemoteStackTraceString { get; init; }

    /// <summary>Always 0.</summary>
    public int RemoteStackIndex { get; init; }

    /// <summary>Always null.</summary>
    public string? ExceptionMethod { get; init; }

    /// <summary>HRESULT of the failure.</summary>
    public int HResult { get; init; }

    /// <summary>The source and position of the record.</summary>
    public string? Source { get; init; }

    /// <summary>Always null.</summary>
    public object? WatsonBuckets { get; init; }
}
