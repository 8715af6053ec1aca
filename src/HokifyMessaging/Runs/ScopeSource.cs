using System.IO.Hashing;

namespace HokifyMessaging.Runs;

/// <summary>
/// What a scope is read from, as it is noted beside the watermark. How far one source has been read says nothing of another: a scope whose source is
/// changed is read from its beginning, or what the new one had before would never be read.
/// </summary>
internal static class ScopeSource
{
    /// <summary>Files are read whole whatever the watermark says, so one place is as good as another.</summary>
    public const string Files = nameof(SourceKind.CsvFiles);

    /// <summary>The kind of source and, of hokify, a hash of where and as whom it is asked; the token does not count.</summary>
    public static string Of(ScopeOptions scope) => scope.Source switch
    {
        SourceKind.AtsApi => Hashed(scope.Source, scope.AtsApi.BaseAddress, scope.AtsApi.Mandator),
        SourceKind.ExternApi => Hashed(scope.Source, scope.ExternApi.BaseAddress, scope.ExternApi.Mandator),
        _ => Files,
    };

    /// <summary>As people may read it.</summary>
    public static string KindOf(string source) => source.Split(' ')[0];

    private static string Hashed(SourceKind kind, Uri address, string mandator)
    {
        var place = $"{address.AbsoluteUri.TrimEnd('/')}\n{mandator}";
        return string.Create(CultureInfo.InvariantCulture, $"{kind} {XxHash64.HashToUInt64(Encoding.UTF8.GetBytes(place)):x16}");
    }
}
