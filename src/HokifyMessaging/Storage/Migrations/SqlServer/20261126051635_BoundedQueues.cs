using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace HokifyMessaging.Storage.Migrations.SqlServer
{
    /// <inheritdoc />
    public partial class BoundedQueues : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<long>(
                name: "Revision",
                table: "Scope",
                type: "bigint",
                nullable: false,
                defaultValue: 0L)
                .Annotation("Relational:ColumnOrder", 7);

            migrationBuilder.AddColumn<string>(
                name: "AskedByKey",
                table: "ImportRun",
                type: "nvarchar(64)",
                maxLength: 64,
                nullable: true,
                collation: "Latin1_General_100_BIN2")
                .Annotation("Relational:ColumnOrder", 25);

            migrationBuilder.CreateIndex(
                name: "IX_ImportRun_AskedByKey",
                table: "ImportRun",
                columns: new[] { "AskedByKey", "State" },
                filter: "AskedByKey IS NOT NULL");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_ImportRun_AskedByKey",
                table: "ImportRun");

            migrationBuilder.DropColumn(
                name: "Revision",
                table: "Scope");

            migrationBuilder.DropColumn(
                name: "AskedByKey",
                table: "ImportRun");
        }
    }
}
