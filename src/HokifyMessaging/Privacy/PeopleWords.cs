namespace HokifyMessaging.Privacy;

/// <summary>The words of the page that people are given, in one language.</summary>
/// <param name="Language">The language's tag.</param>
internal sealed record PeopleWords(string Language)
{
    private const string GermanTag = "de";
    private const string EnglishTag = "en";

    public static PeopleWords German { get; } = new(GermanTag)
    {
        Title = "Gespeicherte Daten zu Ihrer Person",
        Introduction = "Das ist alles, was hier über Sie gespeichert ist (Auskunft nach Artikel 15 DSGVO).",
        About = "Über diese Auskunft",
        MadeAt = "erstellt am",
        Scope = "gespeichert für",
        Controller = "verantwortlich",
        Source = "Quelle",
        Kinds = new Dictionary<string, string>
        {
            [nameof(SourceKind.AtsApi)] = "hokify (Schnittstelle für Bewerbersysteme)",
            [nameof(SourceKind.ExternApi)] = "hokify (Schnittstelle von 2018)",
            [nameof(SourceKind.CsvFiles)] = "Dateien, die aus hokify exportiert wurden",
        },
        ReadUpTo = "gelesen bis",
        FirstReceived = "zum ersten Mal empfangen",
        LastReceived = "zuletzt Neues empfangen",
        Purposes = "Wofür die Daten gespeichert werden",
        Recipients = "Wer die Daten bekommt",
        NotNamed = "Dazu ist in den Einstellungen nichts angegeben.",
        KeptUntil = "Wie lange die Daten gespeichert bleiben",
        NoPeriod = "Es ist keine Frist festgelegt.",
        Until = "bleibt gespeichert bis",
        OnHold = "darf nicht gelöscht werden bis",
        NoEnd = "auf Weiteres",
        FromReceipt = "{0} Monate ab Eingang der Bewerbung",
        FromRejection = "{0} Monate ab der Absage",
        FromLastChange = "{0} Monate ab der letzten Änderung",
        AtMost = "längstens {0} Monate ab Eingang der Bewerbung",
        WithConsent = "mit Ihrer Einwilligung {0} Monate ab Eingang der Bewerbung",
        Rights = "Was Sie verlangen können",
        RightsAre = "Sie können verlangen, dass Ihre Daten berichtigt, gelöscht oder nur eingeschränkt verarbeitet werden, können der Verarbeitung widersprechen und sich bei der Datenschutzbehörde beschweren.",
        Person = "Person {0} von {1}",
        ThePerson = "Angaben zur Person",
        Application = "Bewerbung",
        Waiting = "Was noch nicht gespeichert werden konnte",
        WaitingWhy = "Diese Daten sind angekommen und warten, weil etwas an ihnen nicht verstanden oder nicht gespeichert werden konnte.",
        Planned = "Was mit den Daten geschehen sollte",
        PlannedWhy = "Ein Import, der nur zur Probe lief oder nach einem solchen, hat dies für diese Daten geplant.",
        Changes = "Änderungen",
        ChangedAt = "wann",
        Field = "Angabe",
        Before = "vorher",
        After = "nachher",
        AsReceived = "Die Daten, wie sie empfangen wurden",
        AsReceivedNoMore = "Die Daten, wie sie empfangen wurden, sind nicht mehr gespeichert.",
        Done = "Was mit den Daten geschah",
        When = "wann",
        What = "was",
        Elsewhere = "Wo Kennungen sonst stehen",
        Where = "wo",
        Text = "was dort steht",
        Technical = "Technische Angaben",
        NotKnown = "Was nicht gesagt werden kann",
        Nothing = "nichts",
        Yes = "ja",
        No = "nein",
        InstantFormat = "dd.MM.yyyy HH:mm:ss zzz",
        DayFormat = "dd.MM.yyyy",
        Categories = new Dictionary<DataCategory, string>
        {
            [DataCategory.Identity] = "Wer Sie sind",
            [DataCategory.Contact] = "Wie Sie zu erreichen sind",
            [DataCategory.Content] = "Was Sie angegeben haben",
            [DataCategory.Special] = "Besonders geschützte Angaben",
        },
        Acts = new Dictionary<string, string>
        {
            ["Created"] = "gespeichert",
            ["Updated"] = "geändert",
            ["Deleted"] = "gelöscht",
            ["Erased"] = "unkenntlich gemacht",
            ["Rejected"] = "nicht verstanden",
            ["Failed"] = "nicht gespeichert",
            ["Done"] = "erledigt",
            ["Open"] = "wartet auf den nächsten Versuch",
            ["Parked"] = "wartet auf jemanden, der es ansieht",
            ["Closed"] = "später gespeichert",
            ["Superseded"] = "von neueren Daten überholt",
        },
    };

    public static PeopleWords English { get; } = new(EnglishTag)
    {
        Title = "What is stored about you",
        Introduction = "This is all that is stored about you here (information under Article 15 GDPR).",
        About = "About this information",
        MadeAt = "made at",
        Scope = "stored for",
        Controller = "responsible",
        Source = "source",
        Kinds = new Dictionary<string, string>
        {
            [nameof(SourceKind.AtsApi)] = "hokify (interface for applicant systems)",
            [nameof(SourceKind.ExternApi)] = "hokify (interface of 2018)",
            [nameof(SourceKind.CsvFiles)] = "files that were exported from hokify",
        },
        ReadUpTo = "read up to",
        FirstReceived = "first received",
        LastReceived = "something new last received",
        Purposes = "What the data is stored for",
        Recipients = "Who receives the data",
        NotNamed = "The settings say nothing about this.",
        KeptUntil = "How long the data is kept",
        NoPeriod = "No period is configured.",
        Until = "kept until",
        OnHold = "must not be erased until",
        NoEnd = "further notice",
        FromReceipt = "{0} months from the receipt of the application",
        FromRejection = "{0} months from the rejection",
        FromLastChange = "{0} months from the last change",
        AtMost = "at most {0} months from the receipt of the application",
        WithConsent = "with your consent {0} months from the receipt of the application",
        Rights = "What you may ask for",
        RightsAre = "You may ask that your data be corrected, erased or processed only in part, you may object to the processing, and you may complain to the data protection authority.",
        Person = "Person {0} of {1}",
        ThePerson = "The person",
        Application = "Application",
        Waiting = "What could not be stored yet",
        WaitingWhy = "This data has arrived and waits, because something in it could not be understood or stored.",
        Planned = "What was planned with the data",
        PlannedWhy = "An import that was a dry run, or followed one, has planned this for the data.",
        Changes = "Changes",
        ChangedAt = "when",
        Field = "what",
        Before = "before",
        After = "after",
        AsReceived = "The data as it was received",
        AsReceivedNoMore = "The data as it was received is no longer stored.",
        Done = "What was done with the data",
        When = "when",
        What = "what",
        Elsewhere = "Where else ids stand",
        Where = "where",
        Text = "what stands there",
        Technical = "Technical data",
        NotKnown = "What cannot be told",
        Nothing = "nothing",
        Yes = "yes",
        No = "no",
        InstantFormat = "yyyy-MM-dd HH:mm:ss zzz",
        DayFormat = "yyyy-MM-dd",
        Categories = new Dictionary<DataCategory, string>
        {
            [DataCategory.Identity] = "Who you are",
            [DataCategory.Contact] = "How you are reached",
            [DataCategory.Content] = "What you have told",
            [DataCategory.Special] = "Specially protected",
        },
        Acts = new Dictionary<string, string>
        {
            ["Created"] = "stored",
            ["Updated"] = "changed",
            ["Deleted"] = "deleted",
            ["Erased"] = "made anonymous",
            ["Rejected"] = "not understood",
            ["Failed"] = "not stored",
            ["Done"] = "done",
            ["Open"] = "waits for the next try",
            ["Parked"] = "waits for somebody to look at it",
            ["Closed"] = "stored later",
            ["Superseded"] = "overtaken by newer data",
        },
    };

    public static IReadOnlyList<PeopleWords> All { get; } = [German, English];

    public required string Title { get; init; }
    public required string Introduction { get; init; }
    public required string About { get; init; }
    public required string MadeAt { get; init; }
    public required string Scope { get; init; }
    public required string Controller { get; init; }
    public required string Source { get; init; }

    /// <summary>The kinds of sources, by their names.</summary>
    public required IReadOnlyDictionary<string, string> Kinds { get; init; }
    public required string ReadUpTo { get; init; }
    public required string FirstReceived { get; init; }
    public required string LastReceived { get; init; }
    public required string Purposes { get; init; }
    public required string Recipients { get; init; }
    public required string NotNamed { get; init; }
    public required string KeptUntil { get; init; }
    public required string NoPeriod { get; init; }
    public required string Until { get; init; }
    public required string OnHold { get; init; }
    public required string NoEnd { get; init; }

    /// <summary>How many months, and from when.</summary>
    public required string FromReceipt { get; init; }
    public required string FromRejection { get; init; }
    public required string FromLastChange { get; init; }
    public required string AtMost { get; init; }
    public required string WithConsent { get; init; }

    public required string Rights { get; init; }
    public required string RightsAre { get; init; }

    /// <summary>Which of how many.</summary>
    public required string Person { get; init; }
    public required string ThePerson { get; init; }
    public required string Application { get; init; }
    public required string Waiting { get; init; }
    public required string WaitingWhy { get; init; }
    public required string Planned { get; init; }
    public required string PlannedWhy { get; init; }
    public required string Changes { get; init; }
    public required string ChangedAt { get; init; }
    public required string Field { get; init; }
    public required string Before { get; init; }
    public required string After { get; init; }
    public required string AsReceived { get; init; }
    public required string AsReceivedNoMore { get; init; }
    public required string Done { get; init; }
    public required string When { get; init; }
    public required string What { get; init; }
    public required string Elsewhere { get; init; }
    public required string Where { get; init; }
    public required string Text { get; init; }
    public required string Technical { get; init; }
    public required string NotKnown { get; init; }
    public required string Nothing { get; init; }
    public required string Yes { get; init; }
    public required string No { get; init; }

    /// <summary>Days and instants are written with these in every culture of the machine.</summary>
    public required string InstantFormat { get; init; }
    public required string DayFormat { get; init; }
    public required IReadOnlyDictionary<DataCategory, string> Categories { get; init; }

    /// <summary>What was done and where it stands, by the names in the database.</summary>
    public required IReadOnlyDictionary<string, string> Acts { get; init; }

    /// <summary>What a column is.</summary>
    public string Of(DataMark column) => Language == GermanTag ? column.German : column.English;

    /// <summary>What a row of a table is.</summary>
    public string Of(MarkedTable table) => Language == GermanTag ? table.German : table.English;

    /// <summary>In the other language where this one has nothing.</summary>
    public string Of(ToldText text) => (Language == GermanTag ? new[] { text.German, text.English } : [text.English, text.German]).First(one => !string.IsNullOrWhiteSpace(one))!;
}
