using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace HokifyMessaging.Storage.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class DownloadsAndCancellation : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "CancelRequestedAt",
                table: "ImportRun",
                type: "TEXT",
                nullable: true)
                .Annotation("Relational:ColumnOrder", 23);

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

            migrationBuilder.CreateIndex(
                name: "IX_ActivityLog_LastRunId",
                table: "ActivityLog",
                column: "LastRunId",
                filter: "LastRunId IS NOT NULL");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "DataProtectionKey");

            migrationBuilder.DropIndex(
                name: "IX_ActivityLog_LastRunId",
                table: "ActivityLog");

            migrationBuilder.DropColumn(
                name: "CancelRequestedAt",
                table: "ImportRun");
        }
    }
}
