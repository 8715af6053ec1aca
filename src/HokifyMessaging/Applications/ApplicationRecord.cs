namespace HokifyMessaging.Applications;

/// <summary>One record of a source: an application that could be understood, or the reason why it could not.</summary>
internal abstract record ApplicationRecord
{
    private ApplicationRecord()
    {
    }

    /// <param name="Application">The application.</param>
    /// <param name="Position">Where it stood, in words.</param>
    public sealed record Understood(HokifyApplication Application, string Position) : ApplicationRecord;

    public sealed record Rejected(Rejection Rejection) : ApplicationRecord;
}
