namespace HokifyMessaging.Applications;

/// <summary>Why a record is not in the database: those of one cause at one field wait for the same remedy. Stored by name.</summary>
internal enum FailureCause
{
    /// <summary>It has no id where it needs one.</summary>
    MissingId,

    /// <summary>What stands in the place of an id is none.</summary>
    BadId,

    /// <summary>What stands in the place of a date is none, or cannot be the one that is meant.</summary>
    BadDate,

    /// <summary>It lacks a part that every record needs.</summary>
    Missing,

    /// <summary>It has something of another kind than is expected there.</summary>
    WrongType,

    /// <summary>It cannot be read: it is cut, or is no JSON, no row or no text.</summary>
    Unreadable,

    /// <summary>It is larger than what is kept of a record.</summary>
    TooLarge,

    /// <summary>A text is longer than its column.</summary>
    TooLong,

    /// <summary>It contradicts another record of its run.</summary>
    Contradiction,

    /// <summary>It violates a rule of the database: a key, an index or a check.</summary>
    Constraint,

    /// <summary>A value does not fit its column.</summary>
    Misfit,

    /// <summary>A trigger of the database has refused it.</summary>
    Trigger,

    /// <summary>The database has refused it, and does not say why.</summary>
    Refused,
}
