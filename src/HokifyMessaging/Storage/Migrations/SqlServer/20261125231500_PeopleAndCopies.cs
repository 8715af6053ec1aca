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
            migrationBuilder.AlterColumn<byte[]>(
                name: "SourceDigest",
                table: "CandidateProfile",
                type: "varbinary(60)",
                maxLength: 60,
                nullable: true,
                oldClrType: typeof(byte[]),
                oldType: "varbinary(36)",
                oldMaxLength: 36,
                oldNullable: true);

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

            migrationBuilder.AlterColumn<byte[]>(
                name: "SourceDigest",
                table: "CandidateProfile",
                type: "varbinary(36)",
                maxLength: 36,
                nullable: true,
                oldClrType: typeof(byte[]),
                oldType: "varbinary(60)",
                oldMaxLength: 60,
                oldNullable: true);
        }
    }
}
