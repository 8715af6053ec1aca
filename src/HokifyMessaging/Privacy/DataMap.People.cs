using HokifyMessaging.Storage;

namespace HokifyMessaging.Privacy;

/// <summary>The people and their applications.</summary>
internal static partial class DataMap
{
    private const string ByItsKey = "`erased:` and the row's key";
    private const string ByOne = "1";
    private const string ByTheInstant = "the instant of the erasure";

    private static MarkedTable Candidates() => new("Candidate", typeof(Candidate), "Person", "person",
    [
        None(nameof(Candidate.Id), "Nummer der Zeile", "number of the row"),
        None(nameof(Candidate.ScopeId), "Mandant", "scope"),
        Identity(nameof(Candidate.ReferenceId), "Kennung der Person bei hokify, oder was an ihrer Stelle steht", "the person's id at hokify, or what stands for it").ReplacedBy(ByItsKey).Pseudonym(),
        Content(nameof(Candidate.ContentHash), "Prüfwert des Inhalts", "hash of the content").Emptied(),
        Content(nameof(Candidate.Version), "Stand der Angaben", "from when the data is").Emptied(),
        Identity(nameof(Candidate.VersionReferenceId), "Kennung der Bewerbung, aus der die Angaben stammen", "id of the application that the data was taken from").Emptied().Pseudonym(),
        None(nameof(Candidate.IsDeleted), "gelöscht", "deleted").ReplacedBy(ByOne),
        None(nameof(Candidate.CreatedAt), "zum ersten Mal empfangen", "first received"),
        None(nameof(Candidate.ChangedAt), "zuletzt geändert", "last changed").ReplacedBy(ByTheInstant),
        Content(nameof(Candidate.History), "die letzten Änderungen", "the last changes").Emptied() with { IsJson = true },
        Identity(nameof(CandidateColumns.FirstName), "Vorname", "first name").Emptied(),
        Identity(nameof(CandidateColumns.LastName), "Nachname", "last name").Emptied(),
        Identity(nameof(CandidateColumns.DisplayName), "Name, wie er angezeigt wird", "name as it is shown").Emptied(),
        Contact(nameof(CandidateColumns.Email), "E-Mail-Adresse", "mail address").Emptied(),
        Contact(nameof(CandidateColumns.HokifyMail), "Adresse bei hokify", "address at hokify").Emptied(),
        Contact(nameof(CandidateColumns.Phone), "Telefonnummer", "phone number").Emptied(),
        Special(nameof(CandidateColumns.Birthday), "Geburtsdatum", "date of birth").Emptied(),
        Special(nameof(CandidateColumns.Gender), "Geschlecht", "gender").Emptied(),
        Special(nameof(CandidateColumns.Nationality), "Staatsangehörigkeit", "nationality").Emptied(),
        Content(nameof(CandidateColumns.Language), "Sprache", "language").Emptied(),
        Special(nameof(CandidateColumns.PictureUrl), "Adresse des Bildes", "address of the picture").Emptied(),
        Contact(nameof(CandidateColumns.Street), "Straße", "street").Emptied(),
        Contact(nameof(CandidateColumns.PostalCode), "Postleitzahl", "postal code").Emptied(),
        Contact(nameof(CandidateColumns.City), "Ort", "town").Emptied(),
        Contact(nameof(CandidateColumns.Region), "Region", "region").Emptied(),
        Contact(nameof(CandidateColumns.Country), "Land", "country").Emptied(),
        Content(nameof(CandidateColumns.Experiences), "Berufserfahrung", "positions held").Emptied() with { IsJson = true },
        Content(nameof(CandidateColumns.Educations), "Ausbildung", "education").Emptied() with { IsJson = true },
        Content(nameof(CandidateColumns.Skills), "Kenntnisse", "skills").Emptied() with { IsJson = true },
    ])
    {
        IsOfPeople = true,
    };

    private static MarkedTable Profiles() => new("CandidateProfile", typeof(CandidateProfile), "Bewerbung", "application",
    [
        None(nameof(CandidateProfile.Id), "Nummer der Zeile", "number of the row"),
        None(nameof(CandidateProfile.ScopeId), "Mandant", "scope"),
        Identity(nameof(CandidateProfile.ReferenceId), "Kennung der Bewerbung bei hokify", "the application's id at hokify").ReplacedBy(ByItsKey).Pseudonym(),
        None(nameof(CandidateProfile.CandidateId), "Nummer der Zeile der Person", "number of the person's row"),
        Content(nameof(CandidateProfile.ContentHash), "Prüfwert des Inhalts", "hash of the content").Emptied(),
        Content(nameof(CandidateProfile.Version), "bei hokify zuletzt geändert", "last changed at hokify").Emptied(),
        None(nameof(CandidateProfile.IsDeleted), "gelöscht", "deleted").ReplacedBy(ByOne),
        None(nameof(CandidateProfile.CreatedAt), "zum ersten Mal empfangen", "first received"),
        None(nameof(CandidateProfile.ChangedAt), "zuletzt geändert", "last changed").ReplacedBy(ByTheInstant),
        Content(nameof(CandidateProfile.ReceivedAt), "Tag, von dem an sie aufbewahrt wird", "from when it is kept").Emptied(),
        Content(nameof(CandidateProfile.History), "die letzten Änderungen", "the last changes").Emptied() with { IsJson = true },
        Content(nameof(CandidateProfile.SourcePayload), "die ganzen Daten, wie sie zuletzt empfangen wurden", "the whole record as it was last received").Emptied() with { IsJson = true },
        Content(nameof(CandidateProfile.PayloadAt), "wann sie zuletzt empfangen wurden", "when that record was received").Emptied(),
        Content(nameof(CandidateProfile.SourceDigest), "Prüfwert der empfangenen Daten", "hash of the record as received").Emptied(),
        Identity(nameof(CandidateProfile.PersonKey), "Prüfwert aus Adresse und Name", "hash of address and name").Emptied(),
        Content(nameof(CandidateProfile.OtherCopies), "Prüfwerte weiterer Fassungen", "hashes of other copies").Emptied(),
        Content(nameof(ProfileColumns.Name), "Stelle", "job").Emptied(),
        Content(nameof(ProfileColumns.PreferredKind), "gewünscht: Art der Stelle", "wished: kind of job").Emptied(),
        Content(nameof(ProfileColumns.PreferredTypes), "gewünscht: Art der Beschäftigung", "wished: kind of employment").Emptied(),
        Content(nameof(ProfileColumns.PreferredCategories), "gewünscht: Berufsfelder", "wished: fields of work").Emptied(),
        Content(nameof(ProfileColumns.PreferredPositions), "gewünscht: Position", "wished: position").Emptied(),
        Content(nameof(ProfileColumns.PreferredEmloyerSelectionMode), "gewünscht: Auswahl der Arbeitgeber", "wished: choice of employers").Emptied(),
        Content(nameof(ProfileColumns.PreferredOrganisationIds), "gewünscht: Unternehmen", "wished: company").Emptied(),
        Content(nameof(ProfileColumns.PreferredRegions), "gewünscht: Arbeitsort", "wished: place of work").Emptied(),
        Content(nameof(ProfileColumns.PreferredSallery), "gewünscht: Gehalt", "wished: salary").Emptied(),
        Content(nameof(ProfileColumns.PreferredStartDate), "gewünscht: Beginn", "wished: start").Emptied(),
        Content(nameof(ProfileColumns.PreferredDurance), "gewünscht: Dauer", "wished: duration").Emptied(),
        Content(nameof(ProfileColumns.PreferredText), "gewünscht: Weiteres", "wished: more").Emptied(),
        Content(nameof(ProfileColumns.CurrentStatus), "derzeit: Situation", "present: situation").Emptied(),
        Content(nameof(ProfileColumns.CurrentJobHuntingSince), "derzeit: auf Arbeitssuche seit", "present: looking for work since").Emptied(),
        Content(nameof(ProfileColumns.CurrentEmployer), "derzeit: Arbeitgeber", "present: employer").Emptied(),
        Content(nameof(ProfileColumns.CurrentKind), "derzeit: Art der Arbeit", "present: kind of work").Emptied(),
        Content(nameof(ProfileColumns.CurrentType), "derzeit: Art der Beschäftigung", "present: kind of employment").Emptied(),
        Content(nameof(ProfileColumns.CurrentCategory), "derzeit: Berufsfelder", "present: fields of work").Emptied(),
        Content(nameof(ProfileColumns.CurrentPosition), "derzeit: Position", "present: position").Emptied(),
        Content(nameof(ProfileColumns.CurrentSallery), "derzeit: Gehalt", "present: salary").Emptied(),
        Content(nameof(ProfileColumns.CurrentChangeReason), "Grund des Wechsels", "reason for the change").Emptied(),
        Content(nameof(ProfileColumns.CurrentNoticePeriod), "Kündigungsfrist", "notice period").Emptied(),
        Content(nameof(ProfileColumns.CurrentEndOfEducation), "Ende der Ausbildung", "end of education").Emptied(),
        Content(nameof(ProfileColumns.CurrentEarliestEntryDate), "frühester Eintritt", "earliest entry").Emptied(),
        Content(nameof(ProfileColumns.CurrentExpectations), "Erwartungen", "expectations").Emptied(),
        Content(nameof(ProfileColumns.CoverLetter), "Bewerbungsschreiben", "cover letter").Emptied(),
        Special(nameof(ProfileColumns.VideoUrl), "Adresse eines Videos", "address of a video").Emptied(),
        Content(nameof(ProfileColumns.Consent), "Einwilligung", "consent").Emptied(),
        Content(nameof(ProfileColumns.ConsentGDPR), "Einwilligung in die Verarbeitung", "consent to the processing of data").Emptied(),
        Content(nameof(ProfileColumns.Status), "Stand der Bewerbung bei hokify", "stage of the application at hokify").Emptied(),
        Content(nameof(ProfileColumns.IsActive), "nicht abgelehnt", "not rejected").Emptied(),
        Content(nameof(ProfileColumns.Sort), "Reihung", "order").Emptied(),
        Content(nameof(ProfileColumns.Comment), "weitere Antworten und Angaben zur Stelle", "other answers, and about the job").Emptied(),
        Content(nameof(ProfileColumns.DatePublish), "Tag der Bewerbung", "date of the application").Emptied(),
        Content(nameof(ProfileColumns.DateExpires), "Ablauf der Bewerbung", "end of the application").Emptied(),
        Content(nameof(ProfileColumns.CoverLetterFile), "Dokument des Bewerbungsschreibens", "document of the cover letter").Emptied() with { IsJson = true },
        Identity(nameof(ProfileColumns.CandidateName), "Name der Person", "the person's name").Emptied(),
    ])
    {
        IsOfPeople = true,
    };
}
