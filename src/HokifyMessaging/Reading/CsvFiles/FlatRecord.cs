using System.Collections.Frozen;
using System.Collections.Immutable;
using CsvHelper.Configuration;

namespace HokifyMessaging.Reading.CsvFiles;

/// <summary>One row of an exported file in the members of hokify's flat record of 2018; all text, as the file has it.</summary>
internal sealed class FlatRecord
{
    public string? MatchId { get; set; }
    public string? JobId { get; set; }
    public string? JobSourceId { get; set; }
    public string? UserId { get; set; }
    public string? Name { get; set; }
    public string? Email { get; set; }
    public string? HokifyMail { get; set; }
    public string? Phone { get; set; }
    public string? Birthday { get; set; }
    public string? Gender { get; set; }
    public string? Nationality { get; set; }
    public string? ApplicationDate { get; set; }
    public string? FileProfile { get; set; }
    public string? FileCV { get; set; }
    public string? AdditionalFiles { get; set; }

    /// <summary>Its members by hokify's names, in the order in which a payload has them.</summary>
    public static ImmutableArray<(string Name, Func<FlatRecord, string?> Value)> Fields { get; } =
    [
        (FlatFields.MatchId, record => record.MatchId),
        (FlatFields.JobId, record => record.JobId),
        (FlatFields.JobSourceId, record => record.JobSourceId),
        (FlatFields.UserId, record => record.UserId),
        (FlatFields.Name, record => record.Name),
        (FlatFields.Email, record => record.Email),
        (FlatFields.HokifyMail, record => record.HokifyMail),
        (FlatFields.Phone, record => record.Phone),
        (FlatFields.Birthday, record => record.Birthday),
        (FlatFields.Gender, record => record.Gender),
        (FlatFields.Nationality, record => record.Nationality),
        (FlatFields.ApplicationDate, record => record.ApplicationDate),
        (FlatFields.FileProfile, record => record.FileProfile),
        (FlatFields.FileCV, record => record.FileCV),
        (FlatFields.AdditionalFiles, record => record.AdditionalFiles),
    ];

    private static readonly FrozenDictionary<string, Func<FlatRecord, string?>> ByName = Fields.ToFrozenDictionary(field => field.Name, field => field.Value);

    public static string? ValueOf(FlatRecord record, string name) => ByName[name](record);
}

/// <summary>Which column of this file fills which member.</summary>
internal sealed class FlatRecordMap : ClassMap<FlatRecord>
{
    public FlatRecordMap(FlatHeader header)
    {
        Bind(Map(record => record.MatchId), FlatFields.MatchId);
        Bind(Map(record => record.JobId), FlatFields.JobId);
        Bind(Map(record => record.JobSourceId), FlatFields.JobSourceId);
        Bind(Map(record => record.UserId), FlatFields.UserId);
        Bind(Map(record => record.Name), FlatFields.Name);
        Bind(Map(record => record.Email), FlatFields.Email);
        Bind(Map(record => record.HokifyMail), FlatFields.HokifyMail);
        Bind(Map(record => record.Phone), FlatFields.Phone);
        Bind(Map(record => record.Birthday), FlatFields.Birthday);
        Bind(Map(record => record.Gender), FlatFields.Gender);
        Bind(Map(record => record.Nationality), FlatFields.Nationality);
        Bind(Map(record => record.ApplicationDate), FlatFields.ApplicationDate);
        Bind(Map(record => record.FileProfile), FlatFields.FileProfile);
        Bind(Map(record => record.FileCV), FlatFields.FileCV);
        Bind(Map(record => record.AdditionalFiles), FlatFields.AdditionalFiles);

        void Bind<TMember>(MemberMap<FlatRecord, TMember> member, string field)
        {
            if (header.IndexOf(field) is { } index)
            {
                member.Index(index);
            }
            else
            {
                member.Ignore();
            }
        }
    }
}
