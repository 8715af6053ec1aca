using System.Data.Common;
using HokifyMessaging.Storage;

namespace HokifyMessaging.Telemetry;

/// <summary>
/// What errors say, as the log may have it: with escapes for what cannot be seen, and without the texts of databases, which quote the data that they refuse.
/// </summary>
internal static class ErrorTexts
{
    /// <summary>Whether an error may be told as it is.</summary>
    public static bool IsSanitized(Exception exception) =>
        All(exception).All(cause => cause is not DbException && VisibleText.IsVisible(cause.Message)) && exception.ToString() is var whole && VisibleText.OfLines(whole) == whole;

    /// <summary>The message; of a database's error what its code means.</summary>
    public static string Sentence(Exception exception) => VisibleText.Of(Without(exception, exception is AggregateException ? "Several errors." : exception.Message));

    /// <summary>A text in which others may have repeated what the database says: what it means instead.</summary>
    public static string Without(Exception exception, string text)
    {
        foreach (var cause in All(exception).OfType<DbException>().Where(cause => cause.Message.Length > 0))
        {
            text = text.Replace(cause.Message, DatabaseErrors.Describe(cause) ?? "The database failed.", StringComparison.Ordinal);
        }

        return text;
    }

    /// <summary>The error with its causes and their places, as <see cref="Exception.ToString"/> has them.</summary>
    public static string Whole(Exception exception)
    {
        var whole = new StringBuilder().Append(exception.GetType()).Append(": ").Append(Sentence(exception));
        foreach (var cause in Causes(exception))
        {
            whole.Append("\n ---> ").Append(Whole(cause)).Append("\n   --- End of inner exception stack trace ---");
        }

        if (exception.StackTrace is { } place)
        {
            whole.Append('\n').Append(VisibleText.OfLines(place));
        }

        return whole.ToString();
    }

    private static IEnumerable<Exception> All(Exception exception) => Causes(exception).SelectMany(All).Prepend(exception);

    private static IEnumerable<Exception> Causes(Exception exception)
    {
        if (exception is AggregateException several)
        {
            foreach (var cause in several.InnerExceptions)
            {
                yield return cause;
            }
        }
        else if (exception.InnerException is { } cause)
        {
            yield return cause;
        }
    }
}
