using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace HokifyMessaging.Storage.Migrations.SqlServer
{
    /// <inheritdoc />
    public partial class SourceDigests : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<byte[]>(
                name: "SourceDigest",
                table: "CandidateProfile",
                type: "varbinary(36)",
                maxLength: 36,
                nullable: true)
                .Annotation("Relational:ColumnOrder", 11);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "SourceDigest",
                table: "CandidateProfile");
        }
    }
}
