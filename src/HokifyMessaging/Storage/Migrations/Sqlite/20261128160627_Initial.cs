using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace HokifyMessaging.Storage.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class Initial : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "Audit",
                columns: table => new
                {
                    Id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    At = table.Column<string>(type: "TEXT", nullable: false),
                    Who = table.Column<string>(type: "TEXT", maxLength: 200, nullable: false),
                    Machine = table.Column<string>(type: "TEXT", maxLength: 200, nullable: false),
                    Action = table.Column<string>(type: "TEXT", maxLength: 50, nullable: false),
                    ScopeId = table.Column<int>(type: "INTEGER", nullable: true),
                    Detail = table.Column<string>(type: "TEXT", maxLength: 1000, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Audit", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "Candidate",
                columns: table => new
                {
                    Id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    ScopeId = table.Column<int>(type: "INTEGER", nullable: false),
                    ReferenceId = table.Column<string>(type: "TEXT", maxLength: 112, nullable: false, collation: "BINARY"),
                    ContentHash = table.Column<byte[]>(type: "BLOB", maxLength: 16, nullable: false),
                    Version = table.Column<string>(type: "TEXT", nullable: true),
                    VersionReferenceId = table.Column<string>(type: "TEXT", maxLength: 100, nullable: true, collation: "BINARY"),
                    IsDeleted = table.Column<bool>(type: "INTEGER", nullable: false),
                    CreatedAt = table.Column<string>(type: "TEXT", nullable: false),
                    ChangedAt = table.Column<string>(type: "TEXT", nullable: false),
                    History = table.Column<string>(type: "TEXT", nullable: true),
                    FirstName = table.Column<string>(type: "TEXT", maxLength: 200, nullable: true),
                    LastName = table.Column<string>(type: "TEXT", maxLength: 200, nullable: true),
                    DisplayName = table.Column<string>(type: "TEXT", maxLength: 400, nullable: true),
                    Email = table.Column<string>(type: "TEXT", maxLength: 320, nullable: true),
                    HokifyMail = table.Column<string>(type: "TEXT", maxLength: 320, nullable: true),
                    Phone = table.Column<string>(type: "TEXT", maxLength: 100, nullable: true),
                    Birthday = table.Column<DateOnly>(type: "TEXT", nullable: true),
                    Gender = table.Column<string>(type: "TEXT", maxLength: 50, nullable: true),
                    Nationality = table.Column<string>(type: "TEXT", maxLength: 100, nullable: true),
                    Language = table.Column<string>(type: "TEXT", maxLength: 20, nullable: true),
                    PictureUrl = table.Column<string>(type: "TEXT", maxLength: 2000, nullable: true),
                    Street = table.Column<string>(type: "TEXT", maxLength: 300, nullable: true),
                    PostalCode = table.Column<string>(type: "TEXT", maxLength: 20, nullable: true),
                    City = table.Column<string>(type: "TEXT", maxLength: 200, nullable: true),
                    Region = table.Column<string>(type: "TEXT", maxLength: 200, nullable: true),
                    Country = table.Column<string>(type: "TEXT", maxLength: 100, nullable: true),
                    Experiences = table.Column<string>(type: "TEXT", nullable: true),
                    Educations = table.Column<string>(type: "TEXT", nullable: true),
                    Skills = table.Column<string>(type: "TEXT", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Candidate", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "DataProtectionKey",
                columns: table => new
                {
                    Id = table.Column<int>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    FriendlyName = table.Column<string>(type: "TEXT", nullable: true),
                    Xml = table.Column<string>(type: "TEXT", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_DataProtectionKey", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "EndedSession",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "TEXT", nullable: false),
                    Until = table.Column<string>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_EndedSession", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "ErasedKey",
                columns: table => new
                {
                    ScopeId = table.Column<int>(type: "INTEGER", nullable: false),
                    Hash = table.Column<byte[]>(type: "BLOB", maxLength: 32, nullable: false),
                    ErasedAt = table.Column<string>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_ErasedKey", x => new { x.ScopeId, x.Hash });
                });

            migrationBuilder.CreateTable(
                name: "ErasureRequest",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "TEXT", nullable: false),
                    ScopeId = table.Column<int>(type: "INTEGER", nullable: false),
                    Who = table.Column<string>(type: "TEXT", maxLength: 200, nullable: false),
                    Machine = table.Column<string>(type: "TEXT", maxLength: 200, nullable: false),
                    Reason = table.Column<string>(type: "TEXT", maxLength: 500, nullable: true),
                    CreatedAt = table.Column<string>(type: "TEXT", nullable: false),
                    State = table.Column<string>(type: "TEXT", maxLength: 20, nullable: false),
                    CompletedAt = table.Column<string>(type: "TEXT", nullable: true),
                    DueAt = table.Column<string>(type: "TEXT", nullable: true),
                    Asked = table.Column<byte[]>(type: "BLOB", maxLength: 32, nullable: false),
                    Candidates = table.Column<string>(type: "TEXT", nullable: false),
                    Entries = table.Column<string>(type: "TEXT", nullable: false),
                    Hashes = table.Column<byte[]>(type: "BLOB", nullable: true),
                    People = table.Column<int>(type: "INTEGER", nullable: false),
                    Applications = table.Column<int>(type: "INTEGER", nullable: false),
                    Waiting = table.Column<int>(type: "INTEGER", nullable: false),
                    Runs = table.Column<int>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_ErasureRequest", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "LegalHold",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "TEXT", nullable: false),
                    ScopeId = table.Column<int>(type: "INTEGER", nullable: false),
                    Who = table.Column<string>(type: "TEXT", maxLength: 200, nullable: false),
                    Machine = table.Column<string>(type: "TEXT", maxLength: 200, nullable: false),
                    Reason = table.Column<string>(type: "TEXT", maxLength: 500, nullable: false),
                    CreatedAt = table.Column<string>(type: "TEXT", nullable: false),
                    Until = table.Column<string>(type: "TEXT", nullable: true),
                    ReleasedAt = table.Column<string>(type: "TEXT", nullable: true),
                    ReleasedBy = table.Column<string>(type: "TEXT", maxLength: 200, nullable: true),
                    Candidates = table.Column<string>(type: "TEXT", nullable: false),
                    Profiles = table.Column<string>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_LegalHold", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "PendingEvent",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "TEXT", nullable: false),
                    Event = table.Column<string>(type: "TEXT", nullable: false),
                    CreatedAt = table.Column<string>(type: "TEXT", nullable: false),
                    TakenAt = table.Column<string>(type: "TEXT", nullable: true),
                    TraceParent = table.Column<string>(type: "TEXT", maxLength: 55, nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_PendingEvent", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "Retention",
                columns: table => new
                {
                    ScopeId = table.Column<int>(type: "INTEGER", nullable: false),
                    Day = table.Column<DateOnly>(type: "TEXT", nullable: true),
                    ClaimedUntil = table.Column<string>(type: "TEXT", nullable: true),
                    BegunAt = table.Column<string>(type: "TEXT", nullable: true),
                    EndedAt = table.Column<string>(type: "TEXT", nullable: true),
                    WasDry = table.Column<bool>(type: "INTEGER", nullable: false),
                    Counts = table.Column<string>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Retention", x => x.ScopeId);
                });

            migrationBuilder.CreateTable(
                name: "RetryRamp",
                columns: table => new
                {
                    Id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    ScopeId = table.Column<int>(type: "INTEGER", nullable: false),
                    State = table.Column<string>(type: "TEXT", maxLength: 20, nullable: false),
                    StartedAt = table.Column<string>(type: "TEXT", nullable: false),
                    StartedBy = table.Column<string>(type: "TEXT", maxLength: 200, nullable: false),
                    Status = table.Column<string>(type: "TEXT", maxLength: 20, nullable: true),
                    Cause = table.Column<string>(type: "TEXT", maxLength: 20, nullable: true),
                    Field = table.Column<string>(type: "TEXT", maxLength: 200, nullable: true),
                    RunId = table.Column<Guid>(type: "TEXT", nullable: true),
                    Text = table.Column<string>(type: "TEXT", maxLength: 200, nullable: true),
                    UpTo = table.Column<long>(type: "INTEGER", nullable: false),
                    GatheredTo = table.Column<long>(type: "INTEGER", nullable: false),
                    Size = table.Column<int>(type: "INTEGER", nullable: false),
                    Step = table.Column<int>(type: "INTEGER", nullable: false),
                    Done = table.Column<int>(type: "INTEGER", nullable: false),
                    Failed = table.Column<int>(type: "INTEGER", nullable: false),
                    Ignored = table.Column<int>(type: "INTEGER", nullable: false),
                    End = table.Column<string>(type: "TEXT", maxLength: 20, nullable: true),
                    EndedAt = table.Column<string>(type: "TEXT", nullable: true),
                    StoppedBy = table.Column<string>(type: "TEXT", maxLength: 200, nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_RetryRamp", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "Schedule",
                columns: table => new
                {
                    ScopeId = table.Column<int>(type: "INTEGER", nullable: false),
                    Name = table.Column<string>(type: "TEXT", maxLength: 50, nullable: false),
                    FirstSeenAt = table.Column<string>(type: "TEXT", nullable: false),
                    LastInstant = table.Column<string>(type: "TEXT", nullable: false),
                    Outcome = table.Column<string>(type: "TEXT", maxLength: 20, nullable: true),
                    PausedAt = table.Column<string>(type: "TEXT", nullable: true),
                    PausedBy = table.Column<string>(type: "TEXT", maxLength: 200, nullable: true),
                    PauseReason = table.Column<string>(type: "TEXT", maxLength: 500, nullable: true),
                    Cron = table.Column<string>(type: "TEXT", maxLength: 200, nullable: true),
                    TimeZone = table.Column<string>(type: "TEXT", maxLength: 100, nullable: true),
                    Mode = table.Column<string>(type: "TEXT", maxLength: 20, nullable: true),
                    Overlap = table.Column<string>(type: "TEXT", maxLength: 20, nullable: true),
                    Missed = table.Column<string>(type: "TEXT", maxLength: 20, nullable: true),
                    ChangedAt = table.Column<string>(type: "TEXT", nullable: true),
                    ChangedBy = table.Column<string>(type: "TEXT", maxLength: 200, nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Schedule", x => new { x.ScopeId, x.Name });
                    table.CheckConstraint("CK_Schedule_Stored", "(Cron IS NULL AND TimeZone IS NULL AND Mode IS NULL AND Overlap IS NULL AND Missed IS NULL AND ChangedAt IS NULL AND ChangedBy IS NULL) OR (Cron IS NOT NULL AND TimeZone IS NOT NULL AND Mode IS NOT NULL AND Overlap IS NOT NULL AND Missed IS NOT NULL AND ChangedAt IS NOT NULL AND ChangedBy IS NOT NULL)");
                });

            migrationBuilder.CreateTable(
                name: "Scope",
                columns: table => new
                {
                    ScopeId = table.Column<int>(type: "INTEGER", nullable: false),
                    Watermark = table.Column<string>(type: "TEXT", nullable: true),
                    LeaseOwner = table.Column<string>(type: "TEXT", maxLength: 200, nullable: true),
                    LeaseRunId = table.Column<Guid>(type: "TEXT", nullable: true),
                    LeaseExpiresAt = table.Column<string>(type: "TEXT", nullable: true),
                    Fence = table.Column<long>(type: "INTEGER", nullable: false),
                    NudgedAt = table.Column<string>(type: "TEXT", nullable: true),
                    Revision = table.Column<long>(type: "INTEGER", nullable: false),
                    Source = table.Column<string>(type: "TEXT", maxLength: 50, nullable: true),
                    SourceChangedAt = table.Column<string>(type: "TEXT", nullable: true),
                    SkippedFrom = table.Column<string>(type: "TEXT", nullable: true),
                    SkippedTo = table.Column<string>(type: "TEXT", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Scope", x => x.ScopeId);
                });

            migrationBuilder.CreateTable(
                name: "CandidateProfile",
                columns: table => new
                {
                    Id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    ScopeId = table.Column<int>(type: "INTEGER", nullable: false),
                    ReferenceId = table.Column<string>(type: "TEXT", maxLength: 100, nullable: false, collation: "BINARY"),
                    CandidateId = table.Column<long>(type: "INTEGER", nullable: false),
                    ContentHash = table.Column<byte[]>(type: "BLOB", maxLength: 16, nullable: false),
                    Version = table.Column<string>(type: "TEXT", nullable: true),
                    IsDeleted = table.Column<bool>(type: "INTEGER", nullable: false),
                    CreatedAt = table.Column<string>(type: "TEXT", nullable: false),
                    ChangedAt = table.Column<string>(type: "TEXT", nullable: false),
                    ReceivedAt = table.Column<string>(type: "TEXT", nullable: true),
                    History = table.Column<string>(type: "TEXT", nullable: true),
                    SourcePayload = table.Column<string>(type: "TEXT", nullable: true),
                    PayloadAt = table.Column<string>(type: "TEXT", nullable: true),
                    SourceDigest = table.Column<byte[]>(type: "BLOB", maxLength: 60, nullable: true),
                    PersonKey = table.Column<byte[]>(type: "BLOB", maxLength: 32, nullable: true),
                    OtherCopies = table.Column<byte[]>(type: "BLOB", nullable: true),
                    Name = table.Column<string>(type: "TEXT", maxLength: 400, nullable: true),
                    PreferredKind = table.Column<string>(type: "TEXT", maxLength: 200, nullable: true),
                    PreferredTypes = table.Column<string>(type: "TEXT", maxLength: 400, nullable: true),
                    PreferredCategories = table.Column<string>(type: "TEXT", maxLength: 1000, nullable: true),
                    PreferredPositions = table.Column<string>(type: "TEXT", maxLength: 400, nullable: true),
                    PreferredEmloyerSelectionMode = table.Column<int>(type: "INTEGER", nullable: true),
                    PreferredOrganisationIds = table.Column<string>(type: "TEXT", maxLength: 400, nullable: true),
                    PreferredRegions = table.Column<string>(type: "TEXT", maxLength: 400, nullable: true),
                    PreferredSallery = table.Column<string>(type: "TEXT", maxLength: 400, nullable: true),
                    PreferredStartDate = table.Column<string>(type: "TEXT", maxLength: 400, nullable: true),
                    PreferredDurance = table.Column<string>(type: "TEXT", maxLength: 400, nullable: true),
                    PreferredText = table.Column<string>(type: "TEXT", nullable: true),
                    CurrentStatus = table.Column<string>(type: "TEXT", maxLength: 400, nullable: true),
                    CurrentJobHuntingSince = table.Column<DateTime>(type: "TEXT", nullable: true),
                    CurrentEmployer = table.Column<string>(type: "TEXT", maxLength: 400, nullable: true),
                    CurrentKind = table.Column<string>(type: "TEXT", maxLength: 200, nullable: true),
                    CurrentType = table.Column<string>(type: "TEXT", maxLength: 200, nullable: true),
                    CurrentCategory = table.Column<string>(type: "TEXT", maxLength: 1000, nullable: true),
                    CurrentPosition = table.Column<string>(type: "TEXT", maxLength: 400, nullable: true),
                    CurrentSallery = table.Column<string>(type: "TEXT", maxLength: 400, nullable: true),
                    CurrentChangeReason = table.Column<string>(type: "TEXT", nullable: true),
                    CurrentNoticePeriod = table.Column<string>(type: "TEXT", maxLength: 400, nullable: true),
                    CurrentEndOfEducation = table.Column<DateTime>(type: "TEXT", nullable: true),
                    CurrentEarliestEntryDate = table.Column<DateTime>(type: "TEXT", nullable: true),
                    CurrentExpectations = table.Column<string>(type: "TEXT", nullable: true),
                    CoverLetter = table.Column<string>(type: "TEXT", nullable: true),
                    VideoUrl = table.Column<string>(type: "TEXT", maxLength: 2000, nullable: true),
                    Consent = table.Column<bool>(type: "INTEGER", nullable: false),
                    ConsentGDPR = table.Column<bool>(type: "INTEGER", nullable: false),
                    Status = table.Column<string>(type: "TEXT", maxLength: 100, nullable: true),
                    IsActive = table.Column<bool>(type: "INTEGER", nullable: false),
                    Sort = table.Column<int>(type: "INTEGER", nullable: false),
                    Comment = table.Column<string>(type: "TEXT", nullable: true),
                    DatePublish = table.Column<string>(type: "TEXT", nullable: true),
                    DateExpires = table.Column<string>(type: "TEXT", nullable: true),
                    CoverLetterFile = table.Column<string>(type: "TEXT", nullable: true),
                    CandidateName = table.Column<string>(type: "TEXT", maxLength: 400, nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_CandidateProfile", x => x.Id);
                    table.ForeignKey(
                        name: "FK_CandidateProfile_Candidate_CandidateId",
                        column: x => x.CandidateId,
                        principalTable: "Candidate",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "RetryRampStep",
                columns: table => new
                {
                    RampId = table.Column<long>(type: "INTEGER", nullable: false),
                    Number = table.Column<int>(type: "INTEGER", nullable: false),
                    StartedAt = table.Column<string>(type: "TEXT", nullable: false),
                    Size = table.Column<int>(type: "INTEGER", nullable: false),
                    RunId = table.Column<Guid>(type: "TEXT", nullable: true),
                    EndedAt = table.Column<string>(type: "TEXT", nullable: true),
                    Done = table.Column<int>(type: "INTEGER", nullable: false),
                    Failed = table.Column<int>(type: "INTEGER", nullable: false),
                    Ignored = table.Column<int>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_RetryRampStep", x => new { x.RampId, x.Number });
                    table.ForeignKey(
                        name: "FK_RetryRampStep_RetryRamp_RampId",
                        column: x => x.RampId,
                        principalTable: "RetryRamp",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "ImportRun",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "TEXT", nullable: false),
                    IdempotencyKey = table.Column<string>(type: "TEXT", maxLength: 200, nullable: false, collation: "BINARY"),
                    ScopeId = table.Column<int>(type: "INTEGER", nullable: false),
                    ImportMode = table.Column<string>(type: "TEXT", maxLength: 20, nullable: false),
                    UnixSecondsFrom = table.Column<decimal>(type: "TEXT", precision: 20, scale: 9, nullable: true),
                    DryRun = table.Column<bool>(type: "INTEGER", nullable: false),
                    RequestedBy = table.Column<string>(type: "TEXT", maxLength: 200, nullable: true),
                    State = table.Column<string>(type: "TEXT", maxLength: 20, nullable: false),
                    Phase = table.Column<string>(type: "TEXT", maxLength: 20, nullable: false),
                    WindowFrom = table.Column<string>(type: "TEXT", nullable: true),
                    WindowTo = table.Column<string>(type: "TEXT", nullable: true),
                    CreatedAt = table.Column<string>(type: "TEXT", nullable: false),
                    StartedAt = table.Column<string>(type: "TEXT", nullable: true),
                    CompletedAt = table.Column<string>(type: "TEXT", nullable: true),
                    AnnouncedAt = table.Column<string>(type: "TEXT", nullable: true),
                    NudgedAt = table.Column<string>(type: "TEXT", nullable: true),
                    Checkpoint = table.Column<string>(type: "TEXT", maxLength: 2000, nullable: true),
                    Fence = table.Column<long>(type: "INTEGER", nullable: false),
                    Tally = table.Column<string>(type: "TEXT", nullable: false),
                    Sentences = table.Column<int>(type: "INTEGER", nullable: true),
                    Failures = table.Column<int>(type: "INTEGER", nullable: false),
                    Failure = table.Column<string>(type: "TEXT", nullable: true),
                    ResumeAt = table.Column<string>(type: "TEXT", nullable: true),
                    CompletedEvent = table.Column<string>(type: "TEXT", nullable: true),
                    CancelRequestedAt = table.Column<string>(type: "TEXT", nullable: true),
                    DetailsForgottenAt = table.Column<string>(type: "TEXT", nullable: true),
                    EventId = table.Column<Guid>(type: "TEXT", nullable: true),
                    AskedByKey = table.Column<string>(type: "TEXT", maxLength: 64, nullable: true, collation: "BINARY"),
                    SourceSaid = table.Column<string>(type: "TEXT", maxLength: 500, nullable: true),
                    AllowDeletions = table.Column<int>(type: "INTEGER", nullable: true),
                    IsWhole = table.Column<bool>(type: "INTEGER", nullable: true),
                    PlanDigest = table.Column<string>(type: "TEXT", maxLength: 64, nullable: true, collation: "BINARY"),
                    PlanKeptSince = table.Column<string>(type: "TEXT", nullable: true),
                    PlanForgottenAt = table.Column<string>(type: "TEXT", nullable: true),
                    TraceParent = table.Column<string>(type: "TEXT", maxLength: 55, nullable: true),
                    IsKeyless = table.Column<bool>(type: "INTEGER", nullable: false),
                    AnsweredBy = table.Column<Guid>(type: "TEXT", nullable: true),
                    Attempts = table.Column<string>(type: "TEXT", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_ImportRun", x => x.Id);
                    table.CheckConstraint("CK_ImportRun_Completed", "(State = 'Completed' AND CompletedAt IS NOT NULL AND CompletedEvent IS NOT NULL) OR (State <> 'Completed' AND CompletedAt IS NULL AND CompletedEvent IS NULL)");
                    table.CheckConstraint("CK_ImportRun_ResumeAt", "ResumeAt IS NULL OR State = 'Failed'");
                    table.ForeignKey(
                        name: "FK_ImportRun_Scope_ScopeId",
                        column: x => x.ScopeId,
                        principalTable: "Scope",
                        principalColumn: "ScopeId",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "ActivityLog",
                columns: table => new
                {
                    Id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    ScopeId = table.Column<int>(type: "INTEGER", nullable: false),
                    RunId = table.Column<Guid>(type: "TEXT", nullable: false),
                    Name = table.Column<string>(type: "TEXT", maxLength: 50, nullable: false),
                    Status = table.Column<string>(type: "TEXT", maxLength: 20, nullable: false),
                    ReferenceId = table.Column<string>(type: "TEXT", maxLength: 112, nullable: false, collation: "BINARY"),
                    Version = table.Column<string>(type: "TEXT", nullable: true),
                    PersonReferenceId = table.Column<string>(type: "TEXT", maxLength: 112, nullable: true, collation: "BINARY"),
                    ElementName = table.Column<string>(type: "TEXT", maxLength: 50, nullable: false),
                    ElementId = table.Column<long>(type: "INTEGER", nullable: true),
                    ElementDisplayName = table.Column<string>(type: "TEXT", maxLength: 400, nullable: true),
                    Command = table.Column<string>(type: "TEXT", maxLength: 50, nullable: false),
                    Date = table.Column<string>(type: "TEXT", nullable: false),
                    DateExecuted = table.Column<string>(type: "TEXT", nullable: true),
                    Data = table.Column<string>(type: "TEXT", nullable: true),
                    ResultCode = table.Column<int>(type: "INTEGER", nullable: false),
                    ResultData = table.Column<string>(type: "TEXT", nullable: true),
                    Cause = table.Column<string>(type: "TEXT", maxLength: 20, nullable: true),
                    Field = table.Column<string>(type: "TEXT", maxLength: 200, nullable: true),
                    RetryCount = table.Column<int>(type: "INTEGER", nullable: false),
                    RetryInterval = table.Column<int>(type: "INTEGER", nullable: false),
                    DueAt = table.Column<string>(type: "TEXT", nullable: true),
                    LastRunId = table.Column<Guid>(type: "TEXT", nullable: true),
                    RampId = table.Column<long>(type: "INTEGER", nullable: true),
                    RampStep = table.Column<int>(type: "INTEGER", nullable: true),
                    Why = table.Column<string>(type: "TEXT", maxLength: 20, nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_ActivityLog", x => x.Id);
                    table.ForeignKey(
                        name: "FK_ActivityLog_ImportRun_RunId",
                        column: x => x.RunId,
                        principalTable: "ImportRun",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "PlanEntry",
                columns: table => new
                {
                    RunId = table.Column<Guid>(type: "TEXT", nullable: false),
                    Number = table.Column<long>(type: "INTEGER", nullable: false),
                    ScopeId = table.Column<int>(type: "INTEGER", nullable: false),
                    Kind = table.Column<string>(type: "TEXT", maxLength: 20, nullable: false),
                    ElementName = table.Column<string>(type: "TEXT", maxLength: 50, nullable: false),
                    ReferenceId = table.Column<string>(type: "TEXT", maxLength: 112, nullable: false, collation: "BINARY"),
                    PersonReferenceId = table.Column<string>(type: "TEXT", maxLength: 112, nullable: true, collation: "BINARY"),
                    RowId = table.Column<long>(type: "INTEGER", nullable: true),
                    Fields = table.Column<string>(type: "TEXT", nullable: true),
                    Sentence = table.Column<string>(type: "TEXT", nullable: true),
                    Hash = table.Column<byte[]>(type: "BLOB", maxLength: 32, nullable: false),
                    Before = table.Column<byte[]>(type: "BLOB", maxLength: 32, nullable: true),
                    State = table.Column<string>(type: "TEXT", nullable: true),
                    PersonKey = table.Column<byte[]>(type: "BLOB", maxLength: 32, nullable: true),
                    Payload = table.Column<string>(type: "TEXT", nullable: true),
                    IsApplied = table.Column<bool>(type: "INTEGER", nullable: false),
                    Difference = table.Column<string>(type: "TEXT", maxLength: 20, nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_PlanEntry", x => new { x.RunId, x.Number });
                    table.ForeignKey(
                        name: "FK_PlanEntry_ImportRun_RunId",
                        column: x => x.RunId,
                        principalTable: "ImportRun",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "RunBatch",
                columns: table => new
                {
                    RunId = table.Column<Guid>(type: "TEXT", nullable: false),
                    Number = table.Column<int>(type: "INTEGER", nullable: false),
                    Phase = table.Column<string>(type: "TEXT", maxLength: 20, nullable: false),
                    RecordKeys = table.Column<byte[]>(type: "BLOB", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_RunBatch", x => new { x.RunId, x.Number });
                    table.ForeignKey(
                        name: "FK_RunBatch_ImportRun_RunId",
                        column: x => x.RunId,
                        principalTable: "ImportRun",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "IX_ActivityLog_Dropped",
                table: "ActivityLog",
                columns: new[] { "ScopeId", "DateExecuted" },
                filter: "Status = 'Dropped'");

            migrationBuilder.CreateIndex(
                name: "IX_ActivityLog_Due",
                table: "ActivityLog",
                columns: new[] { "ScopeId", "RampId", "DueAt" },
                filter: "Status = 'Open'");

            migrationBuilder.CreateIndex(
                name: "IX_ActivityLog_ElementId",
                table: "ActivityLog",
                column: "ElementId");

            migrationBuilder.CreateIndex(
                name: "IX_ActivityLog_LastRunId",
                table: "ActivityLog",
                column: "LastRunId",
                filter: "LastRunId IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_ActivityLog_Ledger",
                table: "ActivityLog",
                columns: new[] { "ScopeId", "ReferenceId" },
                unique: true,
                filter: "Status IN ('Open', 'Parked')");

            migrationBuilder.CreateIndex(
                name: "IX_ActivityLog_Person",
                table: "ActivityLog",
                columns: new[] { "ScopeId", "PersonReferenceId" },
                filter: "PersonReferenceId IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_ActivityLog_Ramp",
                table: "ActivityLog",
                columns: new[] { "RampId", "RampStep", "Status" },
                filter: "RampId IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_ActivityLog_RunId",
                table: "ActivityLog",
                column: "RunId");

            migrationBuilder.CreateIndex(
                name: "IX_ActivityLog_Tried",
                table: "ActivityLog",
                columns: new[] { "ScopeId", "ReferenceId" },
                filter: "LastRunId IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_ActivityLog_Waiting",
                table: "ActivityLog",
                columns: new[] { "ScopeId", "Cause", "Field", "Status", "Date", "DueAt", "RampId" },
                filter: "Status IN ('Open', 'Parked')");

            migrationBuilder.CreateIndex(
                name: "IX_Candidate_ScopeId_ReferenceId",
                table: "Candidate",
                columns: new[] { "ScopeId", "ReferenceId" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_CandidateProfile_CandidateId",
                table: "CandidateProfile",
                column: "CandidateId");

            migrationBuilder.CreateIndex(
                name: "IX_CandidateProfile_Payload",
                table: "CandidateProfile",
                columns: new[] { "ScopeId", "PayloadAt" },
                filter: "PayloadAt IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_CandidateProfile_Received",
                table: "CandidateProfile",
                columns: new[] { "ScopeId", "ReceivedAt", "Id" },
                filter: "ReceivedAt IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_CandidateProfile_ScopeId_PersonKey",
                table: "CandidateProfile",
                columns: new[] { "ScopeId", "PersonKey" });

            migrationBuilder.CreateIndex(
                name: "IX_CandidateProfile_ScopeId_ReferenceId",
                table: "CandidateProfile",
                columns: new[] { "ScopeId", "ReferenceId" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_EndedSession_Until",
                table: "EndedSession",
                column: "Until");

            migrationBuilder.CreateIndex(
                name: "IX_ErasureRequest_ScopeId_Asked",
                table: "ErasureRequest",
                columns: new[] { "ScopeId", "Asked" });

            migrationBuilder.CreateIndex(
                name: "IX_ErasureRequest_Waiting",
                table: "ErasureRequest",
                column: "ScopeId",
                filter: "State IN ('Waiting', 'Deferred')");

            migrationBuilder.CreateIndex(
                name: "IX_ImportRun_AskedByKey",
                table: "ImportRun",
                columns: new[] { "AskedByKey", "State" },
                filter: "AskedByKey IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_ImportRun_CreatedAt_Id",
                table: "ImportRun",
                columns: new[] { "CreatedAt", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_ImportRun_Details",
                table: "ImportRun",
                columns: new[] { "ScopeId", "CompletedAt" },
                filter: "DetailsForgottenAt IS NULL");

            migrationBuilder.CreateIndex(
                name: "IX_ImportRun_IdempotencyKey",
                table: "ImportRun",
                column: "IdempotencyKey");

            migrationBuilder.CreateIndex(
                name: "IX_ImportRun_Plan",
                table: "ImportRun",
                columns: new[] { "ScopeId", "PlanDigest" },
                filter: "PlanDigest IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_ImportRun_PlanKept",
                table: "ImportRun",
                columns: new[] { "ScopeId", "PlanKeptSince" },
                filter: "PlanKeptSince IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_ImportRun_ScopeId_CreatedAt",
                table: "ImportRun",
                columns: new[] { "ScopeId", "CreatedAt" });

            migrationBuilder.CreateIndex(
                name: "IX_ImportRun_ScopeId_IdempotencyKey",
                table: "ImportRun",
                columns: new[] { "ScopeId", "IdempotencyKey" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_ImportRun_Sentences",
                table: "ImportRun",
                column: "ScopeId",
                filter: "Sentences IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_ImportRun_SourceSaid",
                table: "ImportRun",
                column: "ScopeId",
                filter: "SourceSaid IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_ImportRun_State_CreatedAt",
                table: "ImportRun",
                columns: new[] { "State", "CreatedAt" });

            migrationBuilder.CreateIndex(
                name: "IX_ImportRun_Turn",
                table: "ImportRun",
                columns: new[] { "ScopeId", "State", "CreatedAt", "Id", "ResumeAt" });

            migrationBuilder.CreateIndex(
                name: "IX_ImportRun_Unannounced",
                table: "ImportRun",
                columns: new[] { "State", "CompletedAt" },
                filter: "AnnouncedAt IS NULL");

            migrationBuilder.CreateIndex(
                name: "IX_LegalHold_Open",
                table: "LegalHold",
                column: "ScopeId",
                filter: "ReleasedAt IS NULL");

            migrationBuilder.CreateIndex(
                name: "IX_PendingEvent_CreatedAt_Id",
                table: "PendingEvent",
                columns: new[] { "CreatedAt", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_PlanEntry_Difference",
                table: "PlanEntry",
                columns: new[] { "RunId", "Difference", "Number" },
                filter: "Difference IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_PlanEntry_Person",
                table: "PlanEntry",
                columns: new[] { "ScopeId", "PersonReferenceId" },
                filter: "PersonReferenceId IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_PlanEntry_PersonKey",
                table: "PlanEntry",
                columns: new[] { "RunId", "PersonKey" },
                filter: "PersonKey IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_PlanEntry_RunId_ElementName_ReferenceId",
                table: "PlanEntry",
                columns: new[] { "RunId", "ElementName", "ReferenceId" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_PlanEntry_RunId_Kind_Number",
                table: "PlanEntry",
                columns: new[] { "RunId", "Kind", "Number" });

            migrationBuilder.CreateIndex(
                name: "IX_PlanEntry_ScopeId_ReferenceId",
                table: "PlanEntry",
                columns: new[] { "ScopeId", "ReferenceId" });

            migrationBuilder.CreateIndex(
                name: "IX_RetryRamp_ScopeId_Id",
                table: "RetryRamp",
                columns: new[] { "ScopeId", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_RetryRamp_State",
                table: "RetryRamp",
                column: "State");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "ActivityLog");

            migrationBuilder.DropTable(
                name: "Audit");

            migrationBuilder.DropTable(
                name: "CandidateProfile");

            migrationBuilder.DropTable(
                name: "DataProtectionKey");

            migrationBuilder.DropTable(
                name: "EndedSession");

            migrationBuilder.DropTable(
                name: "ErasedKey");

            migrationBuilder.DropTable(
                name: "ErasureRequest");

            migrationBuilder.DropTable(
                name: "LegalHold");

            migrationBuilder.DropTable(
                name: "PendingEvent");

            migrationBuilder.DropTable(
                name: "PlanEntry");

            migrationBuilder.DropTable(
                name: "Retention");

            migrationBuilder.DropTable(
                name: "RetryRampStep");

            migrationBuilder.DropTable(
                name: "RunBatch");

            migrationBuilder.DropTable(
                name: "Schedule");

            migrationBuilder.DropTable(
                name: "Candidate");

            migrationBuilder.DropTable(
                name: "RetryRamp");

            migrationBuilder.DropTable(
                name: "ImportRun");

            migrationBuilder.DropTable(
                name: "Scope");
        }
    }
}
