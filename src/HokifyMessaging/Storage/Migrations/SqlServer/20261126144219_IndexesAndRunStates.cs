using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace HokifyMessaging.Storage.Migrations.SqlServer
{
    /// <inheritdoc />
    public partial class IndexesAndRunStates : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            // Earlier versions left an instant behind that had passed, and the last chapter of a run that had ended as it was.
            migrationBuilder.Sql("UPDATE ImportRun SET ResumeAt = NULL WHERE ResumeAt IS NOT NULL AND State <> 'Failed';");
            migrationBuilder.Sql("UPDATE ImportRun SET Phase = 'Concluding' WHERE State = 'Completed' AND Phase <> 'Concluding';");

            migrationBuilder.DropIndex(
                name: "IX_ImportRun_Turn",
                table: "ImportRun");

            migrationBuilder.DropIndex(
                name: "IX_ImportRun_Unannounced",
                table: "ImportRun");

            migrationBuilder.DropIndex(
                name: "IX_CandidateProfile_ScopeId_ReferenceId",
                table: "CandidateProfile");

            migrationBuilder.CreateIndex(
                name: "IX_ImportRun_SourceSaid",
                table: "ImportRun",
                column: "ScopeId",
                filter: "SourceSaid IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_ImportRun_Turn",
                table: "ImportRun",
                columns: new[] { "ScopeId", "State", "CreatedAt", "Id" })
                .Annotation("SqlServer:Include", new[] { "ResumeAt" });

            migrationBuilder.CreateIndex(
                name: "IX_ImportRun_Unannounced",
                table: "ImportRun",
                columns: new[] { "State", "CompletedAt" },
                filter: "AnnouncedAt IS NULL")
                .Annotation("SqlServer:Include", new[] { "NudgedAt", "AnnouncedAt" });

            migrationBuilder.AddCheckConstraint(
                name: "CK_ImportRun_Completed",
                table: "ImportRun",
                sql: "(State = 'Completed' AND CompletedAt IS NOT NULL AND CompletedEvent IS NOT NULL) OR (State <> 'Completed' AND CompletedAt IS NULL AND CompletedEvent IS NULL)");

            migrationBuilder.AddCheckConstraint(
                name: "CK_ImportRun_ResumeAt",
                table: "ImportRun",
                sql: "ResumeAt IS NULL OR State = 'Failed'");

            migrationBuilder.CreateIndex(
                name: "IX_CandidateProfile_ScopeId_ReferenceId",
                table: "CandidateProfile",
                columns: new[] { "ScopeId", "ReferenceId" },
                unique: true)
                .Annotation("SqlServer:Include", new[] { "IsDeleted" });

            migrationBuilder.CreateIndex(
                name: "IX_ActivityLog_Person",
                table: "ActivityLog",
                columns: new[] { "ScopeId", "PersonReferenceId" },
                filter: "PersonReferenceId IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_ActivityLog_Tried",
                table: "ActivityLog",
                columns: new[] { "ScopeId", "ReferenceId" },
                filter: "LastRunId IS NOT NULL");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_ImportRun_SourceSaid",
                table: "ImportRun");

            migrationBuilder.DropIndex(
                name: "IX_ImportRun_Turn",
                table: "ImportRun");

            migrationBuilder.DropIndex(
                name: "IX_ImportRun_Unannounced",
                table: "ImportRun");

            migrationBuilder.DropCheckConstraint(
                name: "CK_ImportRun_Completed",
                table: "ImportRun");

            migrationBuilder.DropCheckConstraint(
                name: "CK_ImportRun_ResumeAt",
                table: "ImportRun");

            migrationBuilder.DropIndex(
                name: "IX_CandidateProfile_ScopeId_ReferenceId",
                table: "CandidateProfile");

            migrationBuilder.DropIndex(
                name: "IX_ActivityLog_Person",
                table: "ActivityLog");

            migrationBuilder.DropIndex(
                name: "IX_ActivityLog_Tried",
                table: "ActivityLog");

            migrationBuilder.CreateIndex(
                name: "IX_ImportRun_Turn",
                table: "ImportRun",
                columns: new[] { "ScopeId", "State", "CreatedAt", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_ImportRun_Unannounced",
                table: "ImportRun",
                columns: new[] { "State", "CompletedAt" },
                filter: "AnnouncedAt IS NULL");

            migrationBuilder.CreateIndex(
                name: "IX_CandidateProfile_ScopeId_ReferenceId",
                table: "CandidateProfile",
                columns: new[] { "ScopeId", "ReferenceId" },
                unique: true);
        }
    }
}
