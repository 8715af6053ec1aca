using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace HokifyMessaging.Storage.Migrations.SqlServer
{
    /// <inheritdoc />
    public partial class PeopleAndCopies : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            // The column has no default that would have to be dropped first.
            migrationBuilder.Sql("ALTER TABLE [CandidateProfile] ALTER COLUMN [SourceDigest] varbinary(60) NULL");

            migrationBuilder.AddColumn<byte[]>(
                name: "OtherCopies",
                table: "CandidateProfile",
                type: "varbinary(max)",
                nullable: true)
                .Annotation("Relational:ColumnOrder", 13);

            migrationBuilder.AddColumn<byte[]>(
                name: "PersonKey",
                table: "CandidateProfile",
                type: "varbinary(32)",
                maxLength: 32,
                nullable: true)
                .Annotation("Relational:ColumnOrder", 12);

            migrationBuilder.CreateIndex(
                name: "IX_CandidateProfile_ScopeId_PersonKey",
                table: "CandidateProfile",
                columns: new[] { "ScopeId", "PersonKey" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_CandidateProfile_ScopeId_PersonKey",
                table: "CandidateProfile");

            migrationBuilder.DropColumn(
                name: "OtherCopies",
                table: "CandidateProfile");

            migrationBuilder.DropColumn(
                name: "PersonKey",
                table: "CandidateProfile");

            // The longer digests do not fit any more; without one a record is read again.
            migrationBuilder.Sql("UPDATE [CandidateProfile] SET [SourceDigest] = NULL");

            migrationBuilder.Sql("ALTER TABLE [CandidateProfile] ALTER COLUMN [SourceDigest] varbinary(36) NULL");
        }
    }
}
