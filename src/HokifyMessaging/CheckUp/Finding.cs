namespace HokifyMessaging.CheckUp;

/// <summary>How a part of an installation stands.</summary>
internal enum Verdict
{
    /// <summary>As it should be.</summary>
    Ok,

    /// <summary>It works, and somebody should know of it.</summary>
    Note,

    /// <summary>It could not be looked at; the sentence says why.</summary>
    Unknown,

    /// <summary>It does not work, or loses or shows what it must not.</summary>
    Wrong,
}

/// <summary>What looking at one part of an installation has led to.</summary>
/// <param name="Subject">What was looked at: <c>database</c>, <c>scope 2</c>.</param>
/// <param name="Verdict">How it stands.</param>
/// <param name="Sentence">What is so, and where something is to be done, what.</param>
internal sealed record Finding(string Subject, Verdict Verdict, string Sentence);

/// <summary>Looks at one part of an installation and changes nothing of it.</summary>
internal interface ICheck
{
    /// <summary>What it looks at.</summary>
    string Subject { get; }

    /// <summary>Gives its findings as they are made; what keeps it from looking any further it throws.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    IAsyncEnumerable<Finding> LookAsync(CancellationToken cancellationToken);
}

/// <summary>A check that is made when its turn comes: settings that are wrong keep some from being made at all.</summary>
/// <param name="Subject">What it looks at.</param>
/// <param name="Make">Makes it; throws what is wrong with the settings that it needs.</param>
internal sealed record PlannedCheck(string Subject, Func<ICheck> Make);
