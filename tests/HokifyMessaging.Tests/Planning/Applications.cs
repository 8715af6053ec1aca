using System.Globalization;
using HokifyMessaging.Applications;
using HokifyMessaging.Planning;
using ApplicationId = HokifyMessaging.Applications.ApplicationId;

namespace HokifyMessaging.Tests.Planning;

/// <summary>Applications in the shape that the planner sees, told apart by a word instead of by 50 columns.</summary>
internal static class Applications
{
    public static readonly DateTimeOffset Epoch = new(2026, 3, 1, 8, 0, 0, TimeSpan.Zero);

    public static MappedApplication Application(
        string id, string person = "p1", int? version = 0, string profile = "profile", string candidate = "candidate", bool erased = false) =>
        new(
            new ApplicationId(id),
            new PersonId(person),
            version is { } minutes ? Epoch.AddMinutes(minutes) : null,
            erased,
            new CandidateColumns { DisplayName = candidate },
            new ProfileColumns { Name = profile },
            "{}",
            0,
            $"page 1, item {id}")
        {
            CandidateHash = Hash(candidate),
            ProfileHash = Hash(profile),
        };

    public static ContentHash Hash(string content) => ContentHash.Of(System.IO.Hashing.XxHash128.Hash(System.Text.Encoding.UTF8.GetBytes(content)));
}

/// <summary>A database of two dictionaries that does what plans say.</summary>
internal sealed class PlannedRows
{
    private readonly SortedDictionary<string, (StoredCandidate Row, string Content)> _candidates = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, (StoredProfile Row, string Content)> _profiles = new(StringComparer.Ordinal);
    private readonly HashSet<string> _erased = [];
    private readonly HashSet<ApplicationId> _counted = [];
    private long _lastId;

    public IReadOnlyList<ApplicationPlan> Import(IReadOnlyList<MappedApplication> batch)
    {
        var plans = Planner.Plan(batch, Stored, a => _counted.Contains(a.Id), a => _erased.Contains(a.PersonId.Value));
        foreach (var plan in plans)
        {
            if (plan is not ApplicationPlan.Hold)
            {
                _counted.Add(plan.Application.Id);
            }

            Apply(plan);
            if (plan.Remembered is { } others)
            {
                var (row, content) = _profiles[plan.Application.Id.Value];
                _profiles[plan.Application.Id.Value] = (row with { Others = others }, content);
            }
        }

        return plans;
    }

    /// <summary>Ends the run: what it has counted no longer matters.</summary>
    public void EndRun() => _counted.Clear();

    public void Delete(string id) =>
        _profiles[id] = (_profiles[id].Row with { IsDeleted = true }, _profiles[id].Content);

    /// <summary>The rows as text: who is there, in which version, belonging to whom; without integer ids, which depend on the order of arrival.</summary>
    public string Describe()
    {
        var people = _candidates.ToDictionary(c => c.Value.Row.Id, c => c.Key);
        return string.Join(
            '\n',
            _candidates.Select(c => string.Create(CultureInfo.InvariantCulture, $"C {c.Key} {c.Value.Content} {c.Value.Row.Version:O} {c.Value.Row.IsDeleted}"))
                .Concat(_profiles.Select(p => string.Create(CultureInfo.InvariantCulture, $"P {p.Key} {p.Value.Content} {p.Value.Row.Version:O} {p.Value.Row.IsDeleted} of {people[p.Value.Row.CandidateId]}"))));
    }

    private StoredRows Stored => new(
        _candidates.ToDictionary(c => new PersonId(c.Key), c => c.Value.Row),
        _profiles.ToDictionary(p => new ApplicationId(p.Key), p => p.Value.Row));

    private void Apply(ApplicationPlan plan)
    {
        var application = plan.Application;
        switch (plan)
        {
            case ApplicationPlan.Erase:
                _erased.Add(application.PersonId.Value);
                break;
            case ApplicationPlan.Store(_, var candidate, var profile, _):
                ApplyCandidate(application, candidate);
                ApplyProfile(application, profile);
                break;
        }
    }

    private void ApplyCandidate(IncomingApplication application, ElementPlan plan)
    {
        var key = application.PersonId.Value;
        if (plan is ElementPlan.Create or ElementPlan.Update or ElementPlan.Unchanged { IsNewerCopy: true })
        {
            var id = plan is ElementPlan.Create ? ++_lastId : _candidates[key].Row.Id;
            Assert.Equal(plan is ElementPlan.Create, !_candidates.ContainsKey(key));
            _candidates[key] = (
                new StoredCandidate(id, application.CandidateHash, application.Instant, application.Id.Value, false),
                application.Whole().Candidate.DisplayName!);
        }
    }

    private void ApplyProfile(IncomingApplication application, ElementPlan plan)
    {
        var key = application.Id.Value;
        if (plan is ElementPlan.Create or ElementPlan.Update or ElementPlan.Unchanged { IsNewerCopy: true })
        {
            var id = plan is ElementPlan.Create ? ++_lastId : _profiles[key].Row.Id;
            Assert.Equal(plan is ElementPlan.Create, !_profiles.ContainsKey(key));
            _profiles[key] = (
                new StoredProfile(id, _candidates[application.PersonId.Value].Row.Id, application.ProfileHash, application.Version, false, application.Digest, application.Key, _profiles.GetValueOrDefault(key).Row.Others),
                application.Whole().Profile.Name!);
        }
    }
}
