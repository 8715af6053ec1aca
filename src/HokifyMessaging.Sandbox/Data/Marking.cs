namespace HokifyMessaging.Sandbox.Data;

/// <summary>
/// Puts a mark into everything that a person has told: whatever a program lets out of it can be found. Each text has the name of its place
/// behind the mark, so that what is found says where it came from. Without a mark everything stays as it is.
/// </summary>
/// <param name="mark">Stands in no other text of the world; empty for none.</param>
internal sealed class Marking(string mark)
{
    /// <summary>How long the text of a person is who has much to tell.</summary>
    private const int Much = 200_000;

    /// <summary>What people have in their names, and what programs read something else in.</summary>
    private const string Odd = " d'Arc-Ößő \"Zoë\" <b>&amp;</b> =1+1 \U0001D4B5;,";

    /// <summary>Whether there is a mark.</summary>
    public bool IsOn => mark.Length > 0;

    public Applicant Applicant(Applicant person) => !IsOn || person.Erased ? person : person with
    {
        FirstName = Marked("FirstName", person.FirstName),
        LastName = Marked("LastName", person.LastName) + Odd,
        DisplayName = Marked("DisplayName", person.DisplayName) + Odd,
        Email = Address("Email", person.Email),
        HokifyMail = Address("HokifyMail", person.HokifyMail),
        Phone = person.Phone is { } phone ? Marked("Phone", phone) : null,
        Gender = person.Gender is { } gender ? Marked("Gender", gender) : null,
        Nationality = person.Nationality is { } nationality ? Marked("Nationality", nationality) : null,
        Address = person.Address is { } address ? new Location(Place(address.Place), Marked("Street", address.Street), Marked("Number", address.StreetNumber)) : null,
        Uploads = [.. person.Uploads.Select(upload => upload with
        {
            Id = $"{upload.Id}?{mark}File",
            Title = Marked("Title", upload.Title),
            OriginalName = Marked("FileName", upload.OriginalName),
        })],
        Experiences = [.. person.Experiences.Select(one => one with
        {
            Title = Marked("Position", one.Title),
            Summary = Marked("Summary", one.Summary) + new string('ß', one.IsCurrent ? Much : 0),
            Company = one.Company is { } company ? Marked("Employer", company) : null,
        })],
        Educations = [.. person.Educations.Select(one => one with { School = Marked("School", one.School), Description = Marked("Schooling", one.Description) })],
        Skills = [.. person.Skills.Select(one => one with { Title = Marked("Skill", one.Title), Text = Marked("Level", one.Text) })],
    };

    /// <summary>What was told in the interview.</summary>
    public string? Answer(string? text) => text is null ? null : Marked("Answer", text);

    /// <summary>What the server says about a call that went wrong: it has somebody's record before it.</summary>
    public string Message(string message) => Marked("Message", message);

    /// <summary>A text with its mark.</summary>
    public string Marked(string place, string text) => !IsOn ? text : $"{mark}{place} {text}";

    private string Address(string place, string address) => $"{mark}{place}.{address}";

    private Place Place(Place place) => place with { City = Marked("City", place.City), Code = Marked("Code", place.Code), County = Marked("County", place.County) };
}
