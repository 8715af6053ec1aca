namespace HokifyMessaging.Applications;

/// <summary>
/// The answers of one application by the column they belong to. An answer that its column can't hold, or comes second
/// for it, is one of <see cref="WithoutColumn"/>: people answer "at once" where a date is asked for, and that is no reason
/// to refuse their application.
/// </summary>
internal sealed class SortedAnswers
{
    private static readonly SortedAnswers None = new();

    private readonly Dictionary<string, string> _texts = [];
    private readonly List<InterviewAnswer> _withoutColumn = [];

    private SortedAnswers()
    {
    }

    public IReadOnlyList<InterviewAnswer> WithoutColumn => _withoutColumn;

    public static SortedAnswers Sort(IReadOnlyList<InterviewAnswer> answers, QuestionColumns columns)
    {
        if (answers.Count == 0)
        {
            return None;
        }

        var sorted = new SortedAnswers();
        foreach (var answer in answers)
        {
            if (answer.Answer is { } text && !(columns.ColumnOf(answer) is { } column && sorted.TryPlace(column, text)))
            {
                sorted._withoutColumn.Add(answer);
            }
        }

        return sorted;
    }

    public string? Text(string column) => _texts.GetValueOrDefault(column);

    public DateTime? Date(string column) =>
        Text(column) is { } text && DateText.TryDay(text, out var day) ? day.ToDateTime(TimeOnly.MinValue) : null;

    public bool? Flag(string column) => Text(column) is { } text ? YesOrNo.Parse(text) : null;

    private bool TryPlace(string column, string text) => column switch
    {
        nameof(ProfileColumns.CurrentEarliestEntryDate) when !DateText.TryDay(text, out _) =>
            TryPlace(nameof(ProfileColumns.PreferredStartDate), text),
        nameof(ProfileColumns.CurrentJobHuntingSince) or nameof(ProfileColumns.CurrentEndOfEducation) when !DateText.TryDay(text, out _) => false,
        nameof(ProfileColumns.Consent) or nameof(ProfileColumns.ConsentGDPR) when YesOrNo.Parse(text) is null => false,
        nameof(ProfileColumns.VideoUrl) when !WebAddress.IsOne(text) => false,
        _ => _texts.TryAdd(column, text),
    };
}

/// <summary>Addresses that a page may offer as a link; a foreign text could as well be a script.</summary>
internal static class WebAddress
{
    public static bool IsOne(string? text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var address) && (address.Scheme == Uri.UriSchemeHttps || address.Scheme == Uri.UriSchemeHttp);
}
