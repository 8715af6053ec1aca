using System.Text.Json.Serialization;

namespace HokifyMessaging.Contracts;

/// <summary>
/// One failure in the shape of the seed: the twelve members of a serialized .NET exception, PascalCase, in the seed's order,
/// nulls written. Holds no stack trace and nothing of a person but the id of the record.
/// </summary>
public sealed record ImportException
{
    /// <summary>CLR type name of the failure. Default: <c>System.Exception</c>. Source: seed.</summary>
    [JsonPropertyName(nameof(ClassName))]
    [JsonPropertyOrder(1)]
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string ClassName { get; init; } = "System.Exception";

    /// <summary>One sentence that names the record and the field, without a person's data. Default: null. Source: seed.</summary>
    [JsonPropertyName(nameof(Message))]
    [JsonPropertyOrder(2)]
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? Message { get; init; }

    /// <summary>Always null: the payload of a failed record stays in the database. Source: seed.</summary>
    [JsonPropertyName(nameof(Data))]
    [JsonPropertyOrder(3)]
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public object? Data { get; init; }

    /// <summary>Always null: <see cref="Message"/> tells the cause. Source: seed.</summary>
    [JsonPropertyName(nameof(InnerException))]
    [JsonPropertyOrder(4)]
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public ImportException? InnerException { get; init; }

    /// <summary>Where to read more. Default: null. Source: seed.</summary>
    [JsonPropertyName(nameof(HelpURL))]
    [JsonPropertyOrder(5)]
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? HelpURL { get; init; }

    /// <summary>Always null: a stack trace is for the log. Source: seed.</summary>
    [JsonPropertyName(nameof(StackTraceString))]
    [JsonPropertyOrder(6)]
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? StackTraceString { get; init; }

    /// <summary>Always null. Source: seed.</summary>
    [JsonPropertyName(nameof(RemoteStackTraceString))]
    [JsonPropertyOrder(7)]
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? RemoteStackTraceString { get; init; }

    /// <summary>Always 0. Source: seed.</summary>
    [JsonPropertyName(nameof(RemoteStackIndex))]
    [JsonPropertyOrder(8)]
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public int RemoteStackIndex { get; init; }

    /// <summary>Always null. Source: seed.</summary>
    [JsonPropertyName(nameof(ExceptionMethod))]
    [JsonPropertyOrder(9)]
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? ExceptionMethod { get; init; }

    /// <summary>The failure's HRESULT, by which failures can be told apart; negative as .NET has it. Default: 0. Source: seed.</summary>
    [JsonPropertyName(nameof(HResult))]
    [JsonPropertyOrder(10)]
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public int HResult { get; init; }

    /// <summary>Source and position of the record, such as <c>applications.csv line 42</c>. Default: null. Source: seed.</summary>
    [JsonPropertyName(nameof(Source))]
    [JsonPropertyOrder(11)]
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? Source { get; init; }

    /// <summary>Always null. Source: seed.</summary>
    [JsonPropertyName(nameof(WatsonBuckets))]
    [JsonPropertyOrder(12)]
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public object? WatsonBuckets { get; init; }
}
