namespace HokifyMessaging;

/// <summary>How interview answers reach columns of the candidate profile.</summary>
internal sealed class MappingOptions
{
    /// <summary>
    /// Rules that are tried in order before the built-in German and English ones; the first that matches a question decides.
    /// </summary>
    public IList<QuestionRule> Questions { get; init; } = [];

    /// <summary>Whether the built-in rules apply behind <see cref="Questions"/>. Default: true.</summary>
    public bool UseDefaultQuestions { get; set; } = true;
}

/// <summary>Sends the answer of one interview question to one column.</summary>
internal sealed class QuestionRule
{
    /// <summary>Regular expression on the question's text, in any case. Required, unless <see cref="ExternalId"/> is given.</summary>
    public string? Pattern { get; set; }

    /// <summary>The question's external id, compared exactly. Required, unless <see cref="Pattern"/> is given.</summary>
    public string? ExternalId { get; set; }

    /// <summary>The column of CandidateProfile that receives the answer, by its name: <c>PreferredSallery</c>, <c>CurrentNoticePeriod</c> … Required.</summary>
    public string Column { get; set; } = "";
}
