namespace HokifyMessaging.Sandbox.Data;

/// <summary>The applications of one mandator: where they come from and how time changes them.</summary>
internal sealed class DataSet
{
    // Only the first one is documented.
    private static readonly string[] Stages = ["newapplicant", "contacted", "interview", "offer", "hired", "rejected"];

    private readonly Lock _gate = new();
    private readonly ulong _seed;
    private readonly TimeProvider _clock;
    private readonly DateTimeOffset _start;
    private readonly Crowd _crowd;
    private volatile Snapshot _now;
    private int _advances;

    public DataSet(string mandator, string mark, int seed, int applications, int jobs, TimeSpan history, TimeProvider clock)
    {
        (Mandator, Marking) = (mandator, new Marking(mark));
        _seed = mandator.Aggregate(Draw.Number((ulong)seed, Lot.Mandator, 0), (hash, c) => Draw.Number(hash, Lot.Mandator, c));
        _clock = clock;
        _start = DateTimeOffset.FromUnixTimeMilliseconds(clock.GetUtcNow().ToUnixTimeMilliseconds());
        var words = Vocabulary.For(seed);
        Jobs = new JobMarket(_seed, jobs, words, _start);
        _crowd = new Crowd(_seed, words, _start);
        _now = new Snapshot(new Timeline(_seed, applications, _start, history), applications, new Dictionary<int, Mutation>(), new Dictionary<int, int>(), new HashSet<int>());
        Initial = applications;
    }

    public string Mandator { get; }

    /// <summary>Marks what its people have told.</summary>
    public Marking Marking { get; }

    public int Initial { get; }

    public JobMarket Jobs { get; }

    public Snapshot Now => _now;

    public string IdOf(int index) => Draw.ObjectId(_seed, Lot.ApplicationId, index);

    public Application Application(Snapshot snapshot, int index, Flaws flaws)
    {
        var changes = snapshot.Mutations.TryGetValue(index, out var mutation) ? mutation.Changes : 0;
        var person = _crowd.PersonOf(index);
        var created = snapshot.CreatedAt(index);
        var updated = snapshot.UpdatedAt(index);
        var applicant = _crowd.Applicant(person, snapshot.Phones.GetValueOrDefault(person), snapshot.Erased.Contains(person), updated);
        var draw = Draw.For(_seed, Lot.Application, index);
        var relation = Jobs[Jobs.NumberOf(index)];
        return new Application
        {
            Id = IdOf(index),
            OtherId = IdOf(OtherPersonsApplication(index)),
            Relation = relation,
            Applicant = Marking.Applicant(applicant),
            Marking = Marking,
            ContactStage = Stages[((draw.Chance(60) ? 0 : draw.Below(Stages.Length)) + changes) % Stages.Length],
            LikeUser = draw.Chance(92) ? "true" : draw.Pick(["saved", "pending", "needreview"]),
            Created = created,
            LastUpdate = updated,
            OpenMessages = draw.Chance(80) ? 0 : draw.Between(1, 4),
            Answers = Answers(relation.StandIn.Questions, index, changes, applicant, created),
            Flaws = flaws,
        };
    }

    /// <summary>Lets time pass. What it touches is chosen by the seed; all of it gets the clock's time as <c>lastupdate</c>.</summary>
    public SandboxAdvance Advance(int added, int changed, int withdrawn, int erased)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(added, "new");
        ArgumentOutOfRangeException.ThrowIfNegative(changed);
        ArgumentOutOfRangeException.ThrowIfNegative(withdrawn);
        ArgumentOutOfRangeException.ThrowIfNegative(erased);
        lock (_gate)
        {
            var before = _now;
            var now = Later(before);
            var draw = Draw.For(_seed, Lot.Advance, _advances);
            var mutations = new Dictionary<int, Mutation>(before.Mutations);
            var phones = new Dictionary<int, int>(before.Phones);
            var erasedPersons = new HashSet<int>(before.Erased);
            var taken = new HashSet<int>();

            var changedIndices = Take(changed, "change", index => [index]);
            foreach (var index in changedIndices)
            {
                var mutation = Of(index);
                mutations[index] = mutation with { LastUpdate = now, Changes = mutation.Changes + 1 };
                var person = _crowd.PersonOf(index);
                if (draw.Chance(50))
                {
                    phones[person] = phones.GetValueOrDefault(person) + 1;
                }
            }

            var withdrawnIndices = Take(withdrawn, "withdraw", index => [index]);
            foreach (var index in withdrawnIndices)
            {
                mutations[index] = Of(index) with { LastUpdate = now, Withdrawn = true };
            }

            var persons = Take(erased, "erase", index => [.. ApplicationsOf(_crowd.PersonOf(index))]).Select(_crowd.PersonOf).ToList();
            var erasedIndices = persons.SelectMany(ApplicationsOf).ToList();
            erasedPersons.UnionWith(persons);
            foreach (var index in erasedIndices)
            {
                mutations[index] = Of(index) with { LastUpdate = now };
            }

            var addedIndices = new List<int>();
            var count = before.Count;
            for (; addedIndices.Count < added; count++)
            {
                // Somebody who was erased does not apply again: that number is left out.
                var barred = erasedPersons.Contains(_crowd.PersonOf(count));
                mutations[count] = new Mutation(now, now, 0, Withdrawn: barred);
                if (!barred)
                {
                    addedIndices.Add(count);
                }
            }

            var snapshot = new Snapshot(before.Timeline, count, mutations, phones, erasedPersons);
            _advances++;
            _now = snapshot;
            return new SandboxAdvance(Ids(addedIndices), Ids(changedIndices), Ids(withdrawnIndices), [.. persons.Select(_crowd.IdOf)], Ids(erasedIndices));

            Mutation Of(int index) => mutations.TryGetValue(index, out var known) ? known : new Mutation(null, now, 0, false);

            IEnumerable<int> ApplicationsOf(int person) => _crowd.ApplicationsOf(person, before.Count).Where(i => !before.IsWithdrawn(i));

            List<int> Take(int wanted, string verb, Func<int, IReadOnlyList<int>> together)
            {
                var chosen = new List<int>();
                while (chosen.Count < wanted)
                {
                    if (NextFree() is not { } index)
                    {
                        throw new ArgumentException($"Only {chosen.Count} are left to {verb}; ask for fewer than {wanted}.");
                    }

                    taken.UnionWith(together(index));
                    chosen.Add(index);
                }

                return chosen;

                int? NextFree()
                {
                    if (before.Count == 0)
                    {
                        return null;
                    }

                    var first = draw.Below(before.Count);
                    for (var step = 0; step < before.Count; step++)
                    {
                        var index = (int)(((long)first + step) % before.Count);
                        if (!before.IsWithdrawn(index) && !before.Erased.Contains(_crowd.PersonOf(index)) && !together(index).Any(taken.Contains))
                        {
                            return index;
                        }
                    }

                    return null;
                }
            }
        }
    }

    private List<string> Ids(List<int> indices) => [.. indices.Select(IdOf)];

    private DateTimeOffset Later(Snapshot before)
    {
        // hokify's dates have milliseconds. A clock that goes back must not make new things older than old ones.
        var now = DateTimeOffset.FromUnixTimeMilliseconds(_clock.GetUtcNow().ToUnixTimeMilliseconds());
        var last = before.Mutations.Count == 0 ? _start : before.LastMutation;
        return now < last ? last : now;
    }

    private int OtherPersonsApplication(int index)
    {
        var other = index == 0 ? 1 : index - 1;
        return _crowd.PersonOf(other) == _crowd.PersonOf(index) ? other + 2 : other;
    }

    private List<Answer> Answers(IReadOnlyList<Question> questions, int index, int changes, Applicant applicant, DateTimeOffset created)
    {
        var answers = new List<Answer>(questions.Count);
        for (var i = 0; i < questions.Count; i++)
        {
            // Every change answers one question anew, the last one first.
            var revision = (changes + i) / questions.Count;
            var inEnglish = applicant.Language == "en";
            answers.Add(new Answer(questions[i], inEnglish, applicant.Erased ? null : Marking.Answer(AnswerTo(questions[i], ((long)index * 64) + i, revision, inEnglish, created))));
        }

        return answers;
    }

    /// <summary>The answer after some revisions, each of which differs from the one before.</summary>
    private string? AnswerTo(Question question, long place, int revisions, bool inEnglish, DateTimeOffset created)
    {
        var first = Draw.For(_seed, Lot.Answers, place);
        var answer = first.Chance(90) ? question.Text.Answer(first, inEnglish, created) : null;
        for (var revision = 1; revision <= revisions; revision++)
        {
            var again = question.Text.Answer(Draw.For(_seed, Lot.Answers, place, revision), inEnglish, created);
            answer = again != answer ? again : $"{again} ({(inEnglish ? "as before" : "wie bisher")})";
        }

        return answer;
    }
}
