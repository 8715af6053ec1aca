using System.Text.Json.Serialization;
using HokifyMessaging.Storage;

namespace HokifyMessaging.Runs;

/// <summary>What a run, or one step of it, has counted. Steps are added up; nothing is counted that was not committed.</summary>
internal sealed record ImportTally
{
    /// <summary>How many failures of one element name travel in an event; <c>StatsCounter</c> and the CSV have the rest.</summary>
    public const int ExceptionsKept = 100;

    public SortedDictionary<string, int> Created { get; init; } = new(StringComparer.Ordinal);
    public SortedDictionary<string, int> Updated { get; init; } = new(StringComparer.Ordinal);
    public SortedDictionary<string, int> Deleted { get; init; } = new(StringComparer.Ordinal);
    public SortedDictionary<string, int> Unchanged { get; init; } = new(StringComparer.Ordinal);
    public SortedDictionary<string, int> Stats { get; init; } = new(StringComparer.Ordinal);
    public SortedDictionary<string, int> Failed { get; init; } = new(StringComparer.Ordinal);
    public SortedDictionary<string, List<ImportException>> Exceptions { get; init; } = new(StringComparer.Ordinal);

    /// <summary>The empty tally of a new run; names every element and figure, so that a subscriber finds a 0 and not a gap.</summary>
    public static ImportTally ForNewRun()
    {
        var tally = new ImportTally();
        foreach (var counts in new[] { tally.Created, tally.Updated, tally.Deleted, tally.Unchanged })
        {
            counts[ElementNames.Candidate] = 0;
            counts[ElementNames.CandidateProfile] = 0;
        }

        foreach (var stat in Stat.All)
        {
            tally.Stats[stat] = 0;
        }

        return tally;
    }

    public void Count(string stat, int by = 1) => Add(Stats, stat, by);

    public static void Add(SortedDictionary<string, int> counts, string name, int by = 1) =>
        counts[name] = counts.GetValueOrDefault(name) + by;

    public void Fail(string element, ImportException exception)
    {
        Add(Failed, element);
        if (!Exceptions.TryGetValue(element, out var kept))
        {
            Exceptions[element] = kept = [];
        }

        if (kept.Count < ExceptionsKept)
        {
            kept.Add(exception with { Message = Visible(exception.Message), Source = Visible(exception.Source) });
        }
    }

    /// <summary>Positions name files, and files may have any name.</summary>
    private static string? Visible(string? text) => text is null ? null : VisibleText.Of(text);

    public ImportTally Plus(ImportTally step)
    {
        var sum = new ImportTally
        {
            Created = Sum(Created, step.Created),
            Updated = Sum(Updated, step.Updated),
            Deleted = Sum(Deleted, step.Deleted),
            Unchanged = Sum(Unchanged, step.Unchanged),
            Stats = Sum(Stats, step.Stats),
            Failed = Sum(Failed, step.Failed),
        };
        foreach (var (element, exceptions) in Exceptions.Concat(step.Exceptions))
        {
            var kept = sum.Exceptions.GetValueOrDefault(element) ?? [];
            sum.Exceptions[element] = [.. kept, .. exceptions.Take(ExceptionsKept - kept.Count)];
        }

        return sum;

        static SortedDictionary<string, int> Sum(SortedDictionary<string, int> left, SortedDictionary<string, int> right)
        {
            var sum = new SortedDictionary<string, int>(left, StringComparer.Ordinal);
            foreach (var (name, count) in right)
            {
                Add(sum, name, count);
            }

            return sum;
        }
    }

    /// <summary>The same without what became of the records: nothing did.</summary>
    public ImportTally WithoutOutcomes() => ForNewRun() with { Stats = Stats, Failed = Failed, Exceptions = Exceptions };

    /// <summary>How many sentences about records it keeps; null for none, so that an index has the runs that name somebody.</summary>
    [JsonIgnore]
    public int? Sentences => Exceptions.Values.Sum(kept => kept.Count) is > 0 and var sentences ? sentences : null;

    /// <summary>The same without the ids of people who were erased; the same instance where it names none of them.</summary>
    public ImportTally Without(IReadOnlySet<string> ids) => Without(Exceptions, ids) is { } exceptions
        ? this with { Exceptions = new SortedDictionary<string, List<ImportException>>(exceptions.ToDictionary(e => e.Key, e => e.Value.ToList()), StringComparer.Ordinal) }
        : this;

    /// <summary>Failures without the ids of people who were erased.</summary>
    /// <returns>Null where they name none of them.</returns>
    public static Dictionary<string, IReadOnlyList<ImportException>>? Without<TList>(IEnumerable<KeyValuePair<string, TList>> exceptions, IReadOnlySet<string> ids)
        where TList : IReadOnlyList<ImportException>
    {
        var (changed, isChanged) = (new Dictionary<string, IReadOnlyList<ImportException>>(), false);
        foreach (var (element, kept) in exceptions)
        {
            changed[element] = [.. kept.Select(Without)];
        }

        return isChanged ? changed : null;

        ImportException Without(ImportException exception)
        {
            var (message, source) = (Nameless(exception.Message), Nameless(exception.Source));
            if (ReferenceEquals(message, exception.Message) && ReferenceEquals(source, exception.Source))
            {
                return exception;
            }

            isChanged = true;
            return exception with { Message = message, Source = source };
        }

        string? Nameless(string? text) => text is null ? null : WholeText.WithoutIds(text, ids, ErasedRow.Reference);
    }

    public string ToJson() => JsonSerializer.Serialize(this);

    public static ImportTally FromJson(string json) =>
        JsonSerializer.Deserialize<ImportTally>(json) ?? throw new InvalidOperationException("The run's tally is null.");
}

/// <summary>
/// The figures of <c>StatsCounter</c>. The books close, for each element name and at each step that is committed:
/// <see cref="Fetched"/> + <see cref="Retried"/> = created + updated + unchanged + <see cref="Stale"/> + <see cref="Erased"/> +
/// <see cref="ErasedWithheld"/> + <see cref="Rejected"/> + <see cref="Failed"/> + <see cref="Duplicates"/>.
/// </summary>
internal static class Stat
{
    /// <summary>Records that the source delivered and of which the run knows what became.</summary>
    public const string Fetched = nameof(Fetched);

    /// <summary>Responses of the source.</summary>
    public const string Pages = nameof(Pages);

    /// <summary>Records that the first read of a full import passed over, because the data moved, and the second one brought.</summary>
    public const string Slipped = nameof(Slipped);

    /// <summary>Database transactions that wrote records.</summary>
    public const string Batches = nameof(Batches);

    /// <summary>Records of an application, or of a failure, that the run had counted before, and copies that lost against another of the same application.</summary>
    public const string Duplicates = nameof(Duplicates);

    /// <summary>Records that could not be understood or did not fit.</summary>
    public const string Rejected = nameof(Rejected);

    /// <summary>Records that the database refused.</summary>
    public const string Failed = nameof(Failed);

    /// <summary>Ledger entries that were tried again.</summary>
    public const string Retried = nameof(Retried);

    /// <summary>Ledger entries that succeeded when tried again.</summary>
    public const string RetriesSucceeded = nameof(RetriesSucceeded);

    /// <summary>Ledger entries that now wait for an operator.</summary>
    public const string Parked = nameof(Parked);

    /// <summary>Records older than what is stored; they are not counted as unchanged.</summary>
    public const string Stale = nameof(Stale);

    /// <summary>Members that hokify sent and we do not know.</summary>
    public const string UnknownFields = nameof(UnknownFields);

    /// <summary>Records by which hokify had people erased; what was erased for them is counted as deleted.</summary>
    public const string Erased = nameof(Erased);

    /// <summary>Records of people erased earlier, which were not brought back; they are not counted as unchanged.</summary>
    public const string ErasedWithheld = nameof(ErasedWithheld);

    /// <summary>How long the run took, from its first worker to its end.</summary>
    public const string DurationMilliseconds = nameof(DurationMilliseconds);

    public static IReadOnlyList<string> All { get; } =
    [
        Fetched, Pages, Slipped, Batches, Duplicates, Rejected, Failed, Retried, RetriesSucceeded, Parked, Stale, UnknownFields, Erased,
        ErasedWithheld, DurationMilliseconds,
    ];
}
