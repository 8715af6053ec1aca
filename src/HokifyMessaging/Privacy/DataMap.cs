namespace HokifyMessaging.Privacy;

/// <summary>
/// The one place that says of each column of each table what it is, whose, and what an erasure makes of it. The page of the data map is made from it, a
/// person's export walks through it, and a column that is not in it fails a test.
/// </summary>
internal static partial class DataMap
{
    /// <summary>All tables, those with people first.</summary>
    public static IReadOnlyList<MarkedTable> Tables { get; } =
    [
        Candidates(),
        Profiles(),
        Activities(),
        Plans(),
        Runs(),
        Batches(),
        Events(),
        Erasures(),
        Requests(),
        Holds(),
        Retentions(),
        Scopes(),
        Audit(),
        Schedules(),
        Ramps(),
        RampSteps(),
        Sessions(),
        Keys(),
    ];

    /// <summary>The table of this name.</summary>
    public static MarkedTable Of(string table) => Tables.Single(marked => marked.Name == table);

    private static DataMark None(string name, string german, string english) => new(name, DataCategory.None, german, english);

    private static DataMark Identity(string name, string german, string english) => new(name, DataCategory.Identity, german, english);

    private static DataMark Contact(string name, string german, string english) => new(name, DataCategory.Contact, german, english);

    private static DataMark Content(string name, string german, string english) => new(name, DataCategory.Content, german, english);

    private static DataMark Special(string name, string german, string english) => new(name, DataCategory.Special, german, english);
}
