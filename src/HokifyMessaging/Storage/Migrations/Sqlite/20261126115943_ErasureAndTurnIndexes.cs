using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace HokifyMessaging.Storage.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class ErasureAndTurnIndexes : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_ImportRun_Turn",
                table: "ImportRun");

            migrationBuilder.CreateIndex(
                name: "IX_ImportRun_SourceSaid",
                table: "ImportRun",
                column: "ScopeId",
                filter: "SourceSaid IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_ImportRun_Turn",
                table: "ImportRun",
                columns: new[] { "ScopeId", "State", "CreatedAt", "Id", "ResumeAt" });

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
                name: "IX_ActivityLog_Person",
                table: "ActivityLog");

            migrationBuilder.DropIndex(
                name: "IX_ActivityLog_Tried",
                table: "ActivityLog");

            migrationBuilder.CreateIndex(
                name: "IX_ImportRun_Turn",
                table: "ImportRun",
                columns: new[] { "ScopeId", "State", "CreatedAt", "Id" });
        }
    }
}
