namespace HokifyMessaging.Privacy;

/// <summary>What a column tells of a person.</summary>
internal enum DataCategory
{
    /// <summary>Nothing: bookkeeping of the program.</summary>
    None,

    /// <summary>Who it is: names, ids, and what is made of them.</summary>
    Identity,

    /// <summary>How the person is reached.</summary>
    Contact,

    /// <summary>What the person has told, and what became of it.</summary>
    Content,

    /// <summary>What nobody may be judged by: day of birth, gender, nationality, picture.</summary>
    Special,
}

/// <summary>Whose data a column holds.</summary>
internal enum DataSubject
{
    /// <summary>Nobody's.</summary>
    Nobody,

    /// <summary>Somebody's who has applied.</summary>
    Applicant,

    /// <summary>Somebody's who works with the program.</summary>
    Staff,
}

/// <summary>What becomes of a column when the person is erased.</summary>
internal enum ErasureTreatment
{
    /// <summary>It stays, for the reason that its mark gives.</summary>
    Kept,

    /// <summary>It has nothing afterwards: null, or zeros and defaults where there is no null.</summary>
    Emptied,

    /// <summary>Something stands in its place that says nothing.</summary>
    Replaced,

    /// <summary>The row goes as a whole.</summary>
    DeletedWithRow,
}

/// <summary>What a column is, and what becomes of it.</summary>
/// <param name="Name">The column.</param>
/// <param name="Category">What it tells of a person.</param>
/// <param name="German">What it is, in a few German words.</param>
/// <param name="English">The same in English.</param>
internal sealed record DataMark(string Name, DataCategory Category, string German, string English)
{
    /// <summary>Whose data it is.</summary>
    public DataSubject Subject { get; private init; } = Category == DataCategory.None ? DataSubject.Nobody : DataSubject.Applicant;

    /// <summary>What an erasure makes of it.</summary>
    public ErasureTreatment Erasure { get; private init; }

    /// <summary>Why it stays, or by what it is replaced; null where there is nothing to say.</summary>
    public string? Because { get; private init; }

    /// <summary>
    /// Whether it names somebody by an id alone, such as hokify gives, or is a sentence of ours that has no more of a person: whoever looks after imports cannot do
    /// without, so it is shown also to those who may not see values of people.
    /// </summary>
    public bool IsPseudonym { get; private init; }

    /// <summary>Whether only those may see it who may see values of people.</summary>
    public bool IsPersonal => Subject == DataSubject.Applicant && !IsPseudonym;

    /// <summary>Whether the text is JSON as a rule. What waits in the ledger may be anything.</summary>
    public bool IsJson { get; init; }

    public DataMark Emptied() => this with { Erasure = ErasureTreatment.Emptied };

    public DataMark ReplacedBy(string what) => this with { Erasure = ErasureTreatment.Replaced, Because = what };

    public DataMark DeletedWithRow() => this with { Erasure = ErasureTreatment.DeletedWithRow };

    public DataMark KeptBecause(string why) => this with { Because = why };

    public DataMark Pseudonym() => this with { IsPseudonym = true };

    /// <summary>An erasure is of an applicant, and an applicant is told nothing about others.</summary>
    public DataMark OfStaff() => this with { Subject = DataSubject.Staff };
}

/// <summary>A table and the marks of all its columns.</summary>
/// <param name="Name">The table.</param>
/// <param name="Row">What a row of it is in the program.</param>
/// <param name="German">What a row is, in a few German words.</param>
/// <param name="English">The same in English.</param>
/// <param name="Columns">The marks, in the order of the columns.</param>
internal sealed record MarkedTable(string Name, Type Row, string German, string English, IReadOnlyList<DataMark> Columns)
{
    private readonly Dictionary<string, Func<object, object?>> _values = Columns.ToDictionary(column => column.Name, column => ValueIn(Row, column.Name));

    /// <summary>Whether rows of it are a person's own, with all that is in them.</summary>
    public bool IsOfPeople { get; init; }

    /// <summary>The mark of a column.</summary>
    public DataMark ColumnOf(string name) => Columns.Single(column => column.Name == name);

    /// <summary>What a row has in a column.</summary>
    public object? ValueOf(object row, DataMark column) => _values[column.Name](row);

    /// <summary>A row's own columns are its properties, those that hokify fills are in the one that is called so.</summary>
    private static Func<object, object?> ValueIn(Type row, string column)
    {
        const string Filled = nameof(Storage.Candidate.Columns);
        if (row.GetProperty(column) is { } own)
        {
            return own.GetValue;
        }

        var filled = row.GetProperty(Filled) ?? throw Unknown();
        var property = filled.PropertyType.GetProperty(column) ?? throw Unknown();
        return from => property.GetValue(filled.GetValue(from));

        ArgumentException Unknown() => new($"{row.Name} has no column {column}.", nameof(column));
    }
}
