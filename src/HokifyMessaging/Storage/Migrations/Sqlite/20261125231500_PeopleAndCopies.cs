using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace HokifyMessaging.Storage.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class PeopleAndCopies : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<byte[]>(
                name: "OtherCopies",
                table: "CandidateProfile",
                type: "BLOB",
                nullable: true)
                .Annotation("Relational:ColumnOrder", 13);

            migrationBuilder.AddColumn<byte[]>(
                name: "PersonKey",
                table: "CandidateProfile",
                type: "BLOB",
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
        }
    }
}
