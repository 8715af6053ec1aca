namespace HokifyMessaging.Applications;

/// <summary>
/// One record of a source: an application that could be understood, the reason why it could not, or one that says which
/// it is and is read when somebody needs the rest.
/// </summary>
internal abstract record ApplicationRecord
{
    /// <summary>What a record takes however short it is.</summary>
    public const int LeastBytes = 1024;

    private ApplicationRecord()
    {
    }

    /// <summary>How much memory it takes, as far as that grows with what the source sent: what is held at once is bounded by the sum.</summary>
    public int Bytes
    {
        get => Math.Max(field, LeastBytes);
        init;
    }

    /// <summary>Which application it is; null where the record does not say so.</summary>
    public abstract ApplicationId? Id { get; }

    /// <summary>The record as it is when it has been read.</summary>
    public virtual ApplicationRecord Read() => this;

    /// <param name="Application">The application.</param>
    /// <param name="Position">Where it stood, in words.</param>
    public sealed record Understood(HokifyApplication Application, string Position) : ApplicationRecord
    {
        public override ApplicationId? Id => Application.Id;
    }

    public sealed record Rejected(Rejection Rejection) : ApplicationRecord
    {
        public override ApplicationId? Id => Rejection.Id;
    }

    /// <param name="Application">Which application it is.</param>
    /// <param name="Hash">Over all that reading depends on: equal hash, equal application.</param>
    /// <param name="ReadAll">Reads it; on any thread, any number of times.</param>
    public sealed record Unread(ApplicationId Application, UInt128 Hash, Func<ApplicationRecord> ReadAll) : ApplicationRecord
    {
        public override ApplicationId? Id => Application;

        public override ApplicationRecord Read() => ReadAll();
    }
}
