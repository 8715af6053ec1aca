namespace HokifyMessaging.Applications;

/// <summary>An application in the shape of the database, or the reason why it does not fit.</summary>
internal abstract record MappingOutcome
{
    private MappingOutcome()
    {
    }

    public sealed record Mapped(MappedApplication Application) : MappingOutcome;

    public sealed record Rejected(Rejection Rejection) : MappingOutcome;
}
