using HokifyMessaging.Applications;
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
