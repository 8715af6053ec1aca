namespace HokifyMessaging.Privacy;

/// <summary>Whether values of people stand in what is handed out.</summary>
internal enum PeopleValues
{
    /// <summary>As they are stored.</summary>
    Shown,

    /// <summary><see cref="Mask.Text"/> stands for each, also where there is none: that somebody has told nothing is a value as well.</summary>
    Masked,
}

/// <summary>What stands in the place of what may not be seen.</summary>
internal static class Mask
{
    public const string Text = "***";

    /// <summary>A value as it may be shown.</summary>
    /// <param name="values">Whether values of people are shown at all.</param>
    /// <param name="mark">What it is by the data map; null for what is in no table, which nobody has decided about.</param>
    /// <param name="value">The value.</param>
    public static object? Over(PeopleValues values, DataMark? mark, object? value) => Hides(values, mark) ? Text : value;

    public static bool Hides(PeopleValues values, DataMark? mark) => values == PeopleValues.Masked && mark?.IsPersonal != false;
}
