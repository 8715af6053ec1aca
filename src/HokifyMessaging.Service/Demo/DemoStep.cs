using HokifyMessaging.Runs.Queries;
using HokifyMessaging.Sandbox;

namespace HokifyMessaging.Service.Demo;

/// <summary>One step of the demonstration, held to what it promises. Compares, and does nothing else.</summary>
/// <param name="Promise">What the step shows when it comes out.</param>
/// <param name="Deviations">In what it did not come out; empty when it did.</param>
internal sealed record DemoStep(string Promise, IReadOnlyList<string> Deviations)
{
    public bool CameOut => Deviations.Count == 0;

    public static DemoStep FirstImport(HokifyImportCompleted completed, int applications, RowCounts rows)
    {
        var expect = new Expectations();
        expect.Equal("records fetched", applications, completed.Result.StatsCounter.GetValueOrDefault("Fetched"));
        expect.Equal("applications created", applications, Count(completed.Result.CreatedCounts, Profile));
        expect.Equal("applications stored", applications, rows.Profiles);
        expect.Equal("persons stored", Count(completed.Result.CreatedCounts, Person), rows.Candidates);
        expect.Equal("errors", 0, completed.Result.ErrorCount);
        return expect.Step("The first import stored every application of hokify once.");
    }

    public static DemoStep Replay(DemoState before, DemoState after)
    {
        var expect = new Expectations();
        expect.Equal("the event", before.Event, after.Event, shown: false);
        expect.Equal("the event's MessageId", before.MessageId, after.MessageId);
        expect.Equal("rows and activity logs", before.Rows, after.Rows);
        expect.Equal("calls to hokify", before.CallsToHokify, after.CallsToHokify);
        return expect.Step("The same request again changed nothing, did not ask hokify, and had the same event announced under the same MessageId.");
    }

    public static DemoStep Incremental(HokifyImportCompleted completed, IReadOnlyList<RunChange> changes, SandboxAdvance advance)
    {
        var expect = new Expectations();
        expect.Same("new applications", advance.New, References(changes, Profile, "Created"));
        expect.Same("changed applications", advance.Changed, References(changes, Profile, "Updated"));
        expect.Equal("applications created", advance.New.Count, Count(completed.Result.CreatedCounts, Profile));
        expect.Equal("applications updated", advance.Changed.Count, Count(completed.Result.UpdatedCounts, Profile));
        expect.Equal("persons erased", advance.ErasedPersons.Count, completed.Result.StatsCounter.GetValueOrDefault("Erased"));
        expect.Equal("applications of erased persons", advance.Erased.Count, Count(completed.Result.DeletedCounts, Profile));
        expect.Equal("errors", 0, completed.Result.ErrorCount);
        return expect.Step("The incremental import found what is new, changed and erased, and nothing else.");
    }

    public static DemoStep Withdrawn(HokifyImportCompleted completed, IReadOnlyList<RunChange> changes, SandboxAdvance advance)
    {
        var expect = new Expectations();
        expect.Same("withdrawn applications", advance.Withdrawn, References(changes, Profile, "Deleted"));
        expect.Equal("applications deleted", advance.Withdrawn.Count, Count(completed.Result.DeletedCounts, Profile));
        expect.Equal("applications created", 0, Count(completed.Result.CreatedCounts, Profile));
        expect.Equal("applications updated", 0, Count(completed.Result.UpdatedCounts, Profile));
        expect.Equal("errors", 0, completed.Result.ErrorCount);
        return expect.Step("The full import marked as deleted what was withdrawn, and brought nobody back who was erased.");
    }

    private const string Person = "Candidate";
    private const string Profile = "CandidateProfile";

    private static int Count(IReadOnlyDictionary<string, int> counts, string element) => counts.GetValueOrDefault(element);

    private static IEnumerable<string> References(IEnumerable<RunChange> changes, string element, string change) =>
        changes.Where(c => c.ElementName == element && c.Change == change).Select(c => c.ReferenceId);

    private sealed class Expectations
    {
        private readonly List<string> _deviations = [];

        public DemoStep Step(string promise) => new(promise, _deviations);

        public void Equal<T>(string what, T expected, T actual, bool shown = true)
        {
            if (!EqualityComparer<T>.Default.Equals(expected, actual))
            {
                _deviations.Add(shown ? FormattableString.Invariant($"{what}: expected {expected}, found {actual}") : $"{what} differs");
            }
        }

        public void Same(string what, IEnumerable<string> expected, IEnumerable<string> actual)
        {
            var (wanted, found) = (expected.ToHashSet(), actual.ToHashSet());
            if (!wanted.SetEquals(found))
            {
                _deviations.Add($"{what}: missing [{string.Join(", ", wanted.Except(found))}], unexpected [{string.Join(", ", found.Except(wanted))}]");
            }
        }
    }
}

/// <summary>What a replay must leave as it is.</summary>
/// <param name="Event">The announced event, as JSON.</param>
/// <param name="MessageId">Its MessageId.</param>
/// <param name="Rows">What is stored.</param>
/// <param name="CallsToHokify">How often hokify has been asked.</param>
internal sealed record DemoState(string Event, Guid? MessageId, RowCounts Rows, int CallsToHokify);
