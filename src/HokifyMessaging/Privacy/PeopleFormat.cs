namespace HokifyMessaging.Privacy;

/// <summary>As what a person's data is handed out.</summary>
/// <param name="Name">One of <see cref="Names"/>.</param>
/// <param name="Language">One of <see cref="Languages"/>, for whoever reads it; programs get all.</param>
internal sealed record PeopleFormat(string Name, string Language)
{
    public const string Json = "json";
    public const string Html = "html";

    public static IReadOnlyList<string> Names { get; } = [Json, Html];

    public static IReadOnlyList<string> Languages { get; } = [.. PeopleWords.All.Select(words => words.Language)];

    /// <summary>In which words.</summary>
    public PeopleWords Words => PeopleWords.All.Single(words => words.Language == Language);

    /// <returns>Null where the ending of a file's name says nothing.</returns>
    public static string? OfEnding(string path) => Path.GetExtension(path).ToLowerInvariant() switch
    {
        ".json" => Json,
        ".html" or ".htm" => Html,
        _ => null,
    };
}
