using System.Text.RegularExpressions;
using HokifyMessaging.Storage;

namespace HokifyMessaging.Results;

/// <summary>The columns' names as people say them.</summary>
internal static partial class FieldWords
{
    /// <summary>Where the words of the name would be wrong, or misleading.</summary>
    private static readonly Dictionary<string, string> Names = new()
    {
        [nameof(ProfileColumns.Name)] = "job",
        [nameof(ProfileColumns.CandidateName)] = "name",
        [nameof(ProfileColumns.PreferredEmloyerSelectionMode)] = "preferred employer selection mode",
        [nameof(ProfileColumns.PreferredSallery)] = "preferred salary",
        [nameof(ProfileColumns.PreferredDurance)] = "preferred duration",
        [nameof(ProfileColumns.CurrentSallery)] = "current salary",
        [nameof(ProfileColumns.ConsentGDPR)] = "consent (GDPR)",
        [nameof(ProfileColumns.DatePublish)] = "applied at",
        [nameof(ProfileColumns.DateExpires)] = "expires at",
        [nameof(CandidateProfile.IsDeleted)] = "came back after it was deleted",
        [nameof(CandidateColumns.DisplayName)] = "name",
        [nameof(CandidateColumns.Email)] = "mail",
        [nameof(CandidateColumns.HokifyMail)] = "mail at hokify",
        [nameof(CandidateColumns.PictureUrl)] = "picture",
        [nameof(ProfileColumns.VideoUrl)] = "video",
    };

    public static string Of(string column) => Names.GetValueOrDefault(column) ?? WordBegins().Replace(column, " $0").ToLowerInvariant();

    [GeneratedRegex("(?<=[a-z])[A-Z]")]
    private static partial Regex WordBegins();
}
