using System.Text.Json.Serialization;

namespace HokifyMessaging.Contracts;

/// <summary>
/// One failure in the shape that the ATS's API has: the twelve members of a serialized .NET exception, PascalCase, in its order,
/// nulls written. Holds no stack trace and nothing of a person but the id of the record.
/// </summary>
public sealed record ImportException
{
    /// <summary>CLR type name of the failure. Default: <c>System.Exception</c>. Source: the ATS's API page.</summary>
    [JsonPropertyName(nameof(ClassName))]
    [JsonPropertyOrder(1)]
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string ClassName { get; init; } = "System.Exception";

    /// <summary>One sentence that names the record and the field, without a person's data. Default: null. Source: the ATS's API page.</summary>
    [JsonPropertyName(nameof(Message))]
    [JsonPropertyOrder(2)]
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? Message { get; init; }

    /// <summary>Always null: the payload of a failed record stays in the database. Source: the ATS's API page.</summary>
    [JsonPropertyName(nameof(Data))]
    [JsonPropertyOrder(3)]
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public object? Data { get; init; }

    /// <summary>Always null: <see cref="Message"/> tells the cause. Source: the ATS's API page.</summary>
    [JsonPropertyName(nameof(InnerException))]
    [JsonPropertyOrder(4)]
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public ImportException? InnerException { get; init; }

    /// <summary>Where to read more. Default: null. Source: the ATS's API page.</summary>
    [JsonPropertyName(nameof(HelpURL))]
    [JsonPropertyOrder(5)]
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? HelpURL { get; init; }

    /// <summary>Always null: a stack trace is for the log. Source: the ATS's API page.</summary>
    [JsonPropertyName(nameof(StackTraceString))]
    [JsonPropertyOrder(6)]
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? StackTraceString { get; init; }

    /// <summary>Always null. Source: the ATS's API page.</summary>
    [JsonPropertyName(nameof(RemoteStackTraceString))]
    [JsonPropertyOrder(7)]
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? RemoteStackTraceString { get; init; }

    /// <summary>Always 0. Source: the ATS's API page.</summary>
    [JsonPropertyName(nameof(RemoteStackIndex))]
    [JsonPropertyOrder(8)]
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public int RemoteStackIndex { get; init; }

    /// <summary>Always null. Source: the ATS's API page.</summary>
    [JsonPropertyName(nameof(ExceptionMethod))]
    [JsonPropertyOrder(9)]
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? ExceptionMethod { get; init; }

    /// <summary>The failure's HRESULT, by which failures can be told apart; negative as .NET has it. Default: 0. Source: the ATS's API page.</summary>
    [JsonPropertyName(nameof(HResult))]
    [JsonPropertyOrder(10)]
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public int HResult { get; init; }

    /// <summary>Source and position of the record, such as <c>applications.csv line 42</c>. Default: null. Source: the ATS's API page.</summary>
    [JsonPropertyName(nameof(Source))]
    [JsonPropertyOrder(11)]
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? Source { get; init; }

    /// <summary>Always null. Source: the ATS's API page.</summary>
    [JsonPropertyName(nameof(WatsonBuckets))]
    [JsonPropertyOrder(12)]
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public object? WatsonBuckets { get; init; }
}
