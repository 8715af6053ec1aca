using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace HokifyMessaging.Storage.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class RunsByAge : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateIndex(
                name: "IX_ImportRun_CreatedAt_Id",
                table: "ImportRun",
                columns: new[] { "CreatedAt", "Id" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_ImportRun_CreatedAt_Id",
                table: "ImportRun");
        }
    }
}
