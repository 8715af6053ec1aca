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
                member.Index(index);
            else
                member.Ignore();
        }
    }
}
