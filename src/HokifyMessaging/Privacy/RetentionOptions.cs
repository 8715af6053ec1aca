using System.ComponentModel.DataAnnotations;

namespace HokifyMessaging;

/// <summary>When what has been kept long enough is forgotten. For how long applications are kept, each scope says itself (<see cref="ScopeRetentionOptions"/>).</summary>
internal sealed class RetentionOptions
{
    /// <summary>Whether the daily job forgets what is due. Otherwise it only counts, and the log, the metrics and <c>hokify retention</c> tell what it would forget. Default: false.</summary>
    public bool Enabled { get; set; }

    /// <summary>At which time of the day the job runs, by the clock of <see cref="TimeZone"/>. A service that did not run then does it soon after its start. Default: 210 minutes after midnight; 00:00:00 to 23:59:59.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "23:59:59")]
    public TimeSpan At { get; set; } = new(3, 30, 0);

    /// <summary>The time zone in which days and months are counted. Default: that of <see cref="CsvOptions.TimeZone"/>; the IANA id of one that this machine knows.</summary>
    public string? TimeZone { get; set; }

    /// <summary>For how long the record of an application is kept as hokify delivered it (<c>SourcePayload</c>), from when its last change came. What was made of it stays, and so does what recognizes the same record. Default: as long as the application; 1 to 36,500 days.</summary>
    [Range(typeof(TimeSpan), "1.00:00:00", "36500.00:00:00")]
    public TimeSpan? Payloads { get; set; }

    /// <summary>For how long a record is kept that could not be stored: a parked one from its last try, one that is tried again by itself from its first. It is lost then, and what remains is that there was one, and why it was not stored. Default: until it is stored; 1 to 36,500 days.</summary>
    [Range(typeof(TimeSpan), "1.00:00:00", "36500.00:00:00")]
    public TimeSpan? LedgerEntries { get; set; }

    /// <summary>For how long after the end of an import it is kept what it did to each record, and its sentences about records. The import stays, with its key, its counts and its event. Default: for good; 1 to 36,500 days.</summary>
    [Range(typeof(TimeSpan), "1.00:00:00", "36500.00:00:00")]
    public TimeSpan? RunDetails { get; set; }

    /// <summary>For how long the plan of an import is kept after it was asked for: of a dry run what it would change, field by field, and of a run that applied such a plan what it was. The import stays; its plan can be applied no more. Default: for good; 1 hour to 36,500 days.</summary>
    [Range(typeof(TimeSpan), "01:00:00", "36500.00:00:00")]
    public TimeSpan? Plans { get; set; }

    /// <summary>For how long it is kept what operators did by hand (<c>hokify audit</c>). Default: for good; 30 to 36,500 days.</summary>
    [Range(typeof(TimeSpan), "30.00:00:00", "36500.00:00:00")]
    public TimeSpan? Audit { get; set; }

    /// <summary>For how long a request for an erasure is kept after it was carried out. What keeps the erased out stays. Default: for good; 30 to 36,500 days.</summary>
    [Range(typeof(TimeSpan), "30.00:00:00", "36500.00:00:00")]
    public TimeSpan? ErasureRequests { get; set; }

    /// <summary>For how long it may lie in the folder for temporary files what killed programs have left there: files of imports, what came by standard input, unpacked backups. Default: until the next of these programs, or whoever cleans the folder, removes it; 1 to 36,500 days.</summary>
    [Range(typeof(TimeSpan), "1.00:00:00", "36500.00:00:00")]
    public TimeSpan? Files { get; set; }
}

/// <summary>For how long the applications of a scope are kept. Without <see cref="Months"/> and <see cref="Preset"/> they are kept until somebody erases them.</summary>
internal sealed class ScopeRetentionOptions
{
    /// <summary>What is usual in a country, for whatever is not set beside it: <c>Austria</c> counts seven months from receipt, <c>Germany</c> six from rejection. No legal advice. Default: none.</summary>
    public RetentionPreset? Preset { get; set; }

    /// <summary>From when the months are counted. Default: as <see cref="Preset"/> says; without one <c>Receipt</c>; or <c>Rejection</c> or <c>LastChange</c>.</summary>
    public RetentionStart? CountedFrom { get; set; }

    /// <summary>How many calendar months after that an application is forgotten, at the end of the day. Default: as <see cref="Preset"/> says; without one applications are kept; 1 to 1,200.</summary>
    [Range(1, 1_200)]
    public int? Months { get; set; }

    /// <summary>How many calendar months after its receipt an application is forgotten at the latest, whatever else it is counted from, and whether it was rejected or not; a talent pool and a hold keep it all the same. Default: no limit; 1 to 1,200.</summary>
    [Range(1, 1_200)]
    public int? AtMostMonths { get; set; }

    /// <summary>The stages of hokify (<c>contactstage</c>) that mean that an application was rejected, in any case. Required where it is counted from rejection.</summary>
    public IList<string> RejectionStages { get; init; } = [];

    /// <summary>For how many calendar months after the rejection, or the receipt of an application that was not rejected, claims can be made and a request for an erasure has to wait. Default: none; 1 to 1,200.</summary>
    [Range(1, 1_200)]
    public int? ClaimMonths { get; set; }

    /// <summary>How much longer people are kept who have agreed to it.</summary>
    [ValidateObjectMembers]
    public TalentPoolOptions TalentPool { get; set; } = new();
}

/// <summary>What is usual, by country.</summary>
internal enum RetentionPreset
{
    /// <summary>Seven months from receipt.</summary>
    Austria,

    /// <summary>Six months from rejection.</summary>
    Germany,
}

/// <summary>From when the time is counted for which an application is kept.</summary>
internal enum RetentionStart
{
    /// <summary>When the person applied; where the source does not say, when the application first came.</summary>
    Receipt,

    /// <summary>Since when it is at one of the stages that mean a rejection. One that was not rejected is kept.</summary>
    Rejection,

    /// <summary>When hokify last changed it; where the source does not say, when it last changed here.</summary>
    LastChange,
}

/// <summary>How much longer an application is kept whose person has agreed to be kept for other jobs.</summary>
internal sealed class TalentPoolOptions
{
    /// <summary>For how many calendar months after its receipt, with which the consent came, an application is kept whose person has agreed. Default: none, and nobody is kept longer; 1 to 1,200.</summary>
    [Range(1, 1_200)]
    public int? Months { get; set; }

    /// <summary>The column of CandidateProfile that has the consent: <c>Consent</c>, <c>ConsentGDPR</c>, or one that <c>Hokify:Mapping:Questions</c> fills. One of this, <see cref="Question"/> and <see cref="ExternalId"/> is required where there are <see cref="Months"/>.</summary>
    public string? Column { get; set; }

    /// <summary>Regular expression on the text of the interview question by which people agree, in any case.</summary>
    public string? Question { get; set; }

    /// <summary>The external id of that question, compared exactly.</summary>
    public string? ExternalId { get; set; }

    /// <summary>The answers that agree, in any case. Default: what is read as a yes elsewhere, such as <c>ja</c>, <c>yes</c> and <c>true</c>.</summary>
    public IList<string> Answers { get; init; } = [];
}
