using System.Buffers.Binary;
using System.Numerics;

namespace HokifyMessaging.Applications;

/// <summary>
/// Which members hokify's public documentation names, of every generation, plus the spellings that the readers accept. All
/// others are counted: a number that rises says that hokify has changed its schema. An unknown object counts once, whatever is in
/// it; objects whose content is not documented at all are not looked into.
/// </summary>
internal sealed class KnownMembers
{
    private static readonly KnownMembers Images = new("thumbnail small medium large xlarge");

    private static readonly KnownMembers Location = new(
        "_id name street streetNumber district city county country code longitude latitude countryCode language "
        + "zip zipCode postalCode plz region state");

    private static readonly KnownMembers CompanySnippet = new("_id id name description") { ["logos"] = Images, ["coverImage"] = Images };

    private static readonly KnownMembers Named = new("_id id name");

    private static readonly KnownMembers CvInfo = new("experienceSummary")
    {
        ["experiences"] = new("_id title summary fields startDate endDate isCurrent isVisible selectedAsHighlight") { ["company"] = CompanySnippet },
        ["educations"] = new("_id level sublevel degree description startDate endDate isVisible status selectedAsHighlight") { ["school"] = Named },
        ["skills"] = new("_id title text order items isVisible") { ["category"] = new("_id value type") },
        ["references"] = new("name contact order relation position isVisible") { ["company"] = CompanySnippet, ["address"] = Location },
        ["completeness"] = new(
            "education email experience fraction image location name phone skill minPercentage missing percentage readyToUse"),
    };

    /// <summary>hokify documents this object as free; these are the names that the reader understands.</summary>
    private static readonly KnownMembers General = new(
        "firstName firstname givenName lastName lastname familyName surname name displayName email mail hokifyMail phone phoneNumber "
        + "telephone mobile birthday birthDate birthdate dateOfBirth gender sex nationality citizenship language "
        + "street streetNumber zip zipCode postalCode plz code city county region state country countryCode "
        + "consent consentGDPR consentGdpr gdprConsent privacyConsent")
    {
        ["address"] = Location,
        ["location"] = Location,
    };

    private static readonly KnownMembers User = new(
        "_id displayName lastActivity privacyAutoDeleted mode language hokifyMail consent consentGDPR consentGdpr gdprConsent privacyConsent")
    {
        ["images"] = Images,
        ["general"] = General,
        ["billingProfile"] = new("position slogan"),
        ["extras"] = new("_id type title url originalName date details visible") { ["antiVirusResult"] = new("timestamp clean") },
        ["cvInfo"] = CvInfo,
    };

    private static readonly KnownMembers Job = new(
        "_id id jobNr name addressText webUrl description wage type requiredFields employmenttype isJobOwner internal staticMapImageUrl "
        + "selectedCandidate personalCompanyText webPreviewUrl date statsDownloadCode defaultLanguage openRecruiterTodos sourceId")
    {
        ["images"] = Images,
        ["location"] = Location,
        ["owners"] = new("_id displayName general") { ["images"] = Images, ["billingProfile"] = new("position slogan") },
        ["fields"] = Named,
        ["questions"] = new("_id question required externalId"),
        ["company"] = CompanySnippet,
        ["descriptionBlocks"] = new("_id language block1Header block1 block2Header block2 block3Header block3 block4Header block4"),
    };

    /// <summary>The 2019 list of matches, and what stands inside today's items.</summary>
    public static KnownMembers Match { get; } = new(
        "_id openMessages dateuseraction likeuser datecompanyaction likecompany datematch actionToken lastupdate lastUpdate updatedAt "
        + "applicationDate createdAt answers contactStage sourceId")
    {
        ["user"] = User,
        ["job"] = Job,
        ["company"] = CompanySnippet,
        ["interviewQuestions"] = new("_id module moduleOptions type question currentAnswer externalId")
        {
            ["answerOptions"] = new("type defaultValue prefillValue"),
        },
    };

    /// <summary>Today's item with its one application.</summary>
    public static KnownMembers Relation { get; } = new("relationType relationId sourceId") { ["application"] = Match, ["applications"] = Match };

    /// <summary>The flat record of 2018.</summary>
    public static KnownMembers Flat { get; } = new(
        "matchId jobId jobSourceId userId name email hokifyMail phone birthday gender nationality applicationDate fileProfile fileCV")
    {
        ["additionalFiles"] = new("type title downloadUrl"),
    };

    private readonly List<(byte[] Name, KnownMembers? Inner)> _members;

    /// <summary>By the hash of its name, the member or one behind which it is; -1 where there is none.</summary>
    private int[] _places = [];

    private KnownMembers(string names)
    {
        _members = [.. names.Split(' ').Select(name => (Encoding.UTF8.GetBytes(name), (KnownMembers?)null))];
        Place();
    }

    private KnownMembers this[string name]
    {
        set
        {
            var utf8 = Encoding.UTF8.GetBytes(name);
            _members.RemoveAll(member => member.Name.AsSpan().SequenceEqual(utf8));
            _members.Add((utf8, value));
            Place();
        }
    }

    /// <summary>How many members of the value, an object or a list of objects, are unknown, at every depth.</summary>
    public int CountUnknown(JsonPart value)
    {
        var count = 0;
        if (value.Kind == JsonValueKind.Array)
        {
            foreach (var item in value.Values)
            {
                count += CountUnknown(item);
            }

            return count;
        }

        for (var member = value.Members; member.MoveNext();)
        {
            if (IndexOf(member.RawName) is var index && index < 0)
            {
                count++;
            }
            else if (_members[index].Inner is { } inner)
            {
                count += inner.CountUnknown(member.Value);
            }
        }

        return count;
    }

    /// <summary>A name's length and both its ends tell those that are known apart.</summary>
    private static int HashOf(ReadOnlySpan<byte> name)
    {
        const uint Spread = 0x9E3779B1;
        var mixed = name.Length switch
        {
            0 => 0u,
            < sizeof(int) => (uint)(name[0] | (name[name.Length / 2] << 8) | (name[^1] << 16)),
            _ => (BinaryPrimitives.ReadUInt32LittleEndian(name) * Spread) ^ BinaryPrimitives.ReadUInt32LittleEndian(name[^sizeof(int)..]),
        };
        return (int)(((mixed + (uint)name.Length) * Spread) >> 16);
    }

    private void Place()
    {
        _places = new int[(int)BitOperations.RoundUpToPowerOf2((uint)_members.Count * 4)];
        Array.Fill(_places, -1);
        foreach (var (index, (name, _)) in _members.Index())
        {
            var place = HashOf(name) & (_places.Length - 1);
            while (_places[place] >= 0)
            {
                place = (place + 1) & (_places.Length - 1);
            }

            _places[place] = index;
        }
    }

    /// <summary>Compares names as they are written: as a string each would be garbage for every member of every record.</summary>
    private int IndexOf(ReadOnlySpan<byte> name)
    {
        var place = HashOf(name) & (_places.Length - 1);
        for (; _places[place] is >= 0 and var index; place = (place + 1) & (_places.Length - 1))
        {
            if (name.SequenceEqual(_members[index].Name))
            {
                return index;
            }
        }

        return -1;
    }
}
