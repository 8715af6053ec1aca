using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace HokifyMessaging.Storage.Migrations.Sqlite
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
                type: "BLOB",
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
