using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace HokifyMessaging.Storage.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class Turns : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "NudgedAt",
                table: "Scope",
                type: "TEXT",
                nullable: true)
                .Annotation("Relational:ColumnOrder", 6);

            migrationBuilder.CreateIndex(
                name: "IX_ImportRun_Turn",
                table: "ImportRun",
                columns: new[] { "ScopeId", "State", "CreatedAt", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_ImportRun_Unannounced",
                table: "ImportRun",
                columns: new[] { "State", "CompletedAt" },
                filter: "AnnouncedAt IS NULL");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_ImportRun_Turn",
                table: "ImportRun");

            migrationBuilder.DropIndex(
                name: "IX_ImportRun_Unannounced",
                table: "ImportRun");

            migrationBuilder.DropColumn(
                name: "NudgedAt",
                table: "Scope");
        }
    }
}
