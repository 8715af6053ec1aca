using Microsoft.Extensions.Configuration;

namespace HokifyMessaging;

/// <summary>
/// How sections are bound: a setting that is misspelt, or has a value that is none, stops the start. By default the
/// binder passes over it, and over the whole scope that holds it.
/// </summary>
internal static class KnownSettings
{
    public static void Only(BinderOptions binder) => binder.ErrorOnUnknownConfiguration = true;
}
