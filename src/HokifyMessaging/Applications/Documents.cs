using System.Text.RegularExpressions;

namespace HokifyMessaging.Applications;

/// <summary>What a document is, by what hokify or the person calls it: hokify documents no list of types.</summary>
internal static partial class Documents
{
    public static bool IsCoverLetter(Attachment attachment) => HasName(attachment, CoverLetterName());

    public static bool IsVideo(Attachment attachment) =>
        (HasName(attachment, VideoName()) || Is(attachment.Url, VideoFile())) && WebAddress.IsOne(attachment.Url);

    private static bool HasName(Attachment attachment, Regex name) =>
        Is(attachment.Type, name) || Is(attachment.Title, name) || Is(attachment.OriginalName, name);

    private static bool Is(string? text, Regex name) => text is not null && name.IsMatch(text);

    [GeneratedRegex("cover[ _-]?letter|anschreiben|motivation|bewerbungsschreiben", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex CoverLetterName();

    [GeneratedRegex("video", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex VideoName();

    [GeneratedRegex(@"\.(mp4|mov|webm|m4v)(\?|$)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex VideoFile();
}
