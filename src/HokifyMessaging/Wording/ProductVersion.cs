using System.Reflection;

namespace HokifyMessaging.Wording;

/// <summary>The program's version as people say it: that of <c>Directory.Build.props</c>, without the commit that the build adds to it.</summary>
internal static class ProductVersion
{
    /// <summary>Such as <c>1.2.0</c> or <c>1.2.0-rc.1</c>.</summary>
    public static string Text { get; } =
        typeof(ProductVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];
}
