using System.Text.Json.Nodes;
using HokifyMessaging.Applications;

namespace HokifyMessaging.Tests.Applications;

public class FlatReaderTests
{
    private static readonly string NameHash = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData("anna huber maria"u8))[..32];

    [Fact]
    public void A_flat_record_is_read_whole()
    {
        var application = Records.Understood(Records.Flat());

        Assert.Equal(Records.ApplicationId, application.Id.Value);
        Assert.Equal(("636b5e00a1b2c3d4e5f60003", "hy-1"), (application.Job!.Id, application.SourceId));
        Assert.Equal(new DateTimeOffset(2018, 6, 1, 10, 0, 0, TimeSpan.Zero), application.AppliedAt);
        Assert.Equal(["profile", "cv", "certificate"], application.Attachments.Select(attachment => attachment.Type!));
        Assert.Equal(0, application.UnknownMembers);
        var person = application.Person;
        Assert.Equal(("Anna Maria", "Huber", "Anna Maria Huber"), (person.FirstName, person.LastName, person.DisplayName));
        Assert.Equal(("Anna.Huber@Mail.example", "a1@hokify.example", "+43 660 1"), (person.Email, person.HokifyMail, person.Phone));
        Assert.Equal((new DateOnly(1990, 3, 31), "female", "AT"), (person.Birthday!.Value, person.Gender, person.Nationality));
    }

    [Fact]
    public void The_address_and_the_name_stand_in_for_the_persons_id()
    {
        // The hashes are the first halves of those of sha256sum over the addresses in lower case and over "anna huber maria".
        var flat = Records.Flat();
        var byEmail = Records.Understood(flat).Person.Id;
        flat["email"] = "anna.huber@mail.EXAMPLE";
        flat["name"] = "Mag. HUBER, Anna-María";
        Assert.Equal(byEmail, Records.Understood(flat).Person.Id);
        Assert.Equal("person:e1839c89f958fb549b830d86c8f4aacf" + NameHash, byEmail.Value);

        flat["email"] = null;
        Assert.Equal("person:b13af8197d591cd89f103fd603ea731a" + NameHash, Records.Understood(flat).Person.Id.Value);

        flat["hokifyMail"] = "";
        Assert.Equal("application:" + Records.ApplicationId, Records.Understood(flat).Person.Id.Value);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("–")]
    public void Whoever_has_an_address_and_no_name_is_a_person_of_their_own(string? name)
    {
        var flat = Records.Flat();
        flat["name"] = name;

        Assert.Equal("application:" + Records.ApplicationId, Records.Understood(flat).Person.Id.Value);
    }

    [Fact]
    public void A_user_id_is_the_persons_id_where_there_is_one()
    {
        var flat = Records.Flat();
        flat["userId"] = Records.PersonId;

        Assert.Equal(Records.PersonId, Records.Understood(flat).Person.Id.Value);
    }

    [Theory]
    [InlineData("Anna Huber", "Anna", "Huber")]
    [InlineData("Anna  Maria  Huber ", "Anna Maria", "Huber")]
    [InlineData("Huber, Anna Maria", "Anna Maria", "Huber")]
    [InlineData("Huber,", null, "Huber")]
    [InlineData("Huber", null, "Huber")]
    public void A_name_is_split(string name, string? first, string? last)
    {
        var flat = Records.Flat();
        flat["name"] = name;

        var person = Records.Understood(flat).Person;

        Assert.Equal((first, last, name.Trim().Replace("  ", " ", StringComparison.Ordinal)), (person.FirstName, person.LastName, person.DisplayName));
    }

    [Theory]
    [InlineData("""[{"type":"t","title":"a","downloadUrl":"https://x/1"},{"downloadUrl":"https://x/2"}]""")]
    [InlineData("https://x/1, https://x/2")]
    [InlineData("https://x/1\nhttps://x/2")]
    public void Further_files_may_be_written_as_text(string text)
    {
        var flat = Records.Flat();
        flat["additionalFiles"] = text;

        Assert.Equal(["https://x/1", "https://x/2"], Records.Understood(flat).Attachments.Skip(2).Select(file => file.Url!));
    }

    [Theory]
    [InlineData("birthday", ElementNames.Candidate)]
    [InlineData("applicationDate", ElementNames.CandidateProfile)]
    public void A_date_that_is_none_is_rejected(string field, string element)
    {
        var flat = Records.Flat();
        flat[field] = "31.02.1990";

        var rejection = Records.Rejected(flat);

        Assert.Equal((field, element), (rejection.Field, rejection.Element));
        Assert.DoesNotContain("31.02.1990", rejection.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_flat_record_is_one_whatever_else_stands_in_it()
    {
        var flat = Records.Flat();
        flat["user"] = "Recruiter Rosi";
        flat["application"] = "yes";
        flat["relationType"] = "column";
        flat["_id"] = JsonValue.Create(1);

        var application = Records.Understood(flat);

        Assert.Equal((Records.ApplicationId, 4), (application.Id.Value, application.UnknownMembers));
    }
}
