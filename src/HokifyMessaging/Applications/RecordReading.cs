namespace HokifyMessaging.Applications;

/// <summary>
/// One pass over one record: it goes on after a fault, and the first fault decides. So the readers can be written as a
/// plain list of members, without a branch after each.
/// </summary>
internal sealed class RecordReading(RecordText record, string position)
{
    private string? _faultyField;
    private FailureCause _cause;
    private string _problem = "";

    /// <summary>Known as soon as it has been read, so that a later fault can name it.</summary>
    public ApplicationId? Id { get; private set; }

    /// <summary>Known as soon as it has been read, like <see cref="Id"/>.</summary>
    public PersonId? Person { get; private set; }

    public bool HasFault => _faultyField is not null;

    /// <summary>The record exactly as it came, even where its bytes are no valid text.</summary>
    public RecordText Record => record;

    public void Report(string field, FailureCause cause, string problem)
    {
        if (HasFault)
        {
            return;
        }

        (_faultyField, _cause, _problem) = (field, cause, problem);
    }

    /// <param name="given">The id as the record has it; null where it has none.</param>
    /// <param name="path">Where the record has it.</param>
    public ApplicationId ApplicationIdOf(string? given, string path)
    {
        var id = new ApplicationId(RequiredId(given, path));
        if (!HasFault)
        {
            Id = id;
        }

        return id;
    }

    /// <param name="given">The id as the record has it; null where it has none.</param>
    /// <param name="path">Where the record has it.</param>
    public PersonId PersonIdOf(string? given, string path) =>
        RequiredId(given, path) is { Length: > 0 } id ? BelongsTo(new PersonId(id)) : new PersonId("");

    public PersonId BelongsTo(PersonId person)
    {
        Person = person;
        return person;
    }

    public Rejection Rejected() => new(ElementOf(_faultyField!), position, Id, _faultyField!, _cause, _problem, record.ToString()) { Person = Person, AppliedAt = Read?.AppliedAt };

    /// <summary>What could be read, whatever is wrong with the rest; null where nothing could.</summary>
    public HokifyApplication? Read { get; private set; }

    public OrRejection<HokifyApplication> Conclude(HokifyApplication application)
    {
        Read = application;
        return HasFault ? Rejected() : application;
    }

    /// <summary>The names that a flat record uses for what belongs to the person.</summary>
    private static string ElementOf(string field) =>
        field is "user" or "name" or "email" or "hokifyMail" or "phone" or "birthday" or "gender" or "nationality" or "userId"
        || field.StartsWith("user.", StringComparison.Ordinal)
            ? ElementNames.Candidate
            : ElementNames.CandidateProfile;

    private string RequiredId(string? id, string path)
    {
        if (RecordId.TryRead(id ?? "", out var read, out var problem))
        {
            return read;
        }

        Report(path, read.Length == 0 ? FailureCause.MissingId : FailureCause.BadId, problem);
        return "";
    }
}
