using HokifyMessaging.Privacy;
using HokifyMessaging.Runs.Queries;
using HokifyMessaging.Storage;

namespace HokifyMessaging.Service.WebConsole;

/// <summary>What became of a record, and why, as the page says it.</summary>
internal static class RecordWords
{
    /// <summary>The longest value that is shown; what is longer is cut and says so.</summary>
    private const int LongestValue = 80;

    public static string Fate(Words t, FoundRecord found) => found.Fate switch
    {
        RecordFate.Stored => t["stored", "gespeichert"],
        RecordFate.Deleted => t["deleted", "gelöscht"],
        RecordFate.Waiting => t["waits to be tried again", "wartet auf einen neuen Versuch"],
        RecordFate.Parked => t["parked: waits for an operator", "geparkt: wartet auf jemanden"],
        RecordFate.Withheld => t["kept out: the person was erased", "wird ferngehalten: Die Person wurde gelöscht"],
        RecordFate.Forgotten => t["kept out: forgotten when its time was over; the person may apply again", "wird ferngehalten: nach Ablauf der Frist vergessen; die Person darf sich wieder bewerben"],
        RecordFate.Dropped => t["not stored: it had waited for too long", "nicht gespeichert: Es hat zu lange gewartet"],
        _ => t["not stored: a newer copy took its place", "nicht gespeichert: Eine neuere Fassung ist an seiner Stelle"],
    };

    public static string Tone(FoundRecord found) => found.Fate switch
    {
        RecordFate.Stored => "good",
        RecordFate.Waiting => "warn",
        RecordFate.Parked or RecordFate.Dropped => "bad",
        _ => "off",
    };

    public static string Decision(Words t, RecordDecision decision) => decision switch
    {
        RecordDecision.New => t["new, and stored", "neu, und gespeichert"],
        RecordDecision.Changed => t["changed", "geändert"],
        RecordDecision.CameBack => t["back again: it had been deleted, and hokify has it again", "wieder da: Sie war gelöscht, und hokify hat sie wieder"],
        RecordDecision.OtherPersons => t["belongs to another person since", "gehört seither zu einer anderen Person"],
        RecordDecision.NotThere => t["deleted, because a full read to the end did not find it any more", "gelöscht, weil ein vollständiger Durchgang sie nicht mehr gefunden hat"],
        RecordDecision.LastGone => t["deleted, because the person's last application had gone", "gelöscht, weil die letzte Bewerbung der Person weg war"],
        RecordDecision.Erased => t["the person was erased", "die Person wurde gelöscht"],
        RecordDecision.DoesNotFit => t["could not be understood", "war nicht zu verstehen"],
        RecordDecision.Refused => t["refused by the database", "von der Datenbank abgelehnt"],
        RecordDecision.Contradicts => t["contradicts another record of the same id, which is somebody else's", "widerspricht einem anderen Datensatz derselben ID, der jemand anderem gehört"],
        RecordDecision.FailedAgain => t["tried again, and failed again", "wieder versucht, und wieder gescheitert"],
        RecordDecision.StoredAfterAll => t["stored after all", "doch noch gespeichert"],
        RecordDecision.Outdated => t["older than what is stored by then, so nothing waits any more", "älter als das, was inzwischen gespeichert ist; es wartet nichts mehr"],
        _ => t["dropped: it had waited for longer than such records are kept", "verworfen: Es hat länger gewartet, als solche Datensätze aufbewahrt werden"],
    };

    /// <summary>A column, as the data map calls it.</summary>
    public static string Field(Words t, string element, string column) =>
        DataMap.Tables.SingleOrDefault(table => table.Name == element)?.Columns.FirstOrDefault(mark => mark.Name == column) is { } mark ? t[mark.English, mark.German] : column;

    public static string Value(Words t, object? value) => value switch
    {
        null or "" => t["nothing", "nichts"],
        true => t["yes", "ja"],
        false => t["no", "nein"],
        var other => VisibleText.Cut(VisibleText.Of(Convert.ToString(other, CultureInfo.InvariantCulture)!), LongestValue),
    };

    public static string Element(Words t, FoundRecord found) => found.Fate is RecordFate.Withheld ? t["asked for", "gefragt"]
        : found.ElementName == nameof(Candidate) ? t["person", "Person"] : t["application", "Bewerbung"];

    /// <summary>Whether its id is gone with the person: nobody can ask for it any more.</summary>
    public static bool IsErased(RunRecord record) => record.ReferenceId == ErasedRow.Reference;
}
