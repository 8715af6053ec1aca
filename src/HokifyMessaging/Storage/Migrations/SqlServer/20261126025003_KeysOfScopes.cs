using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace HokifyMessaging.Storage.Migrations.SqlServer
{
    /// <inheritdoc />
    public partial class KeysOfScopes : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_ImportRun_IdempotencyKey",
                table: "ImportRun");

            migrationBuilder.AddColumn<Guid>(
                name: "EventId",
                table: "ImportRun",
                type: "uniqueidentifier",
                nullable: true)
                .Annotation("Relational:ColumnOrder", 24);

            migrationBuilder.CreateIndex(
                name: "IX_ImportRun_IdempotencyKey",
                table: "ImportRun",
                column: "IdempotencyKey");

            migrationBuilder.CreateIndex(
                name: "IX_ImportRun_ScopeId_IdempotencyKey",
                table: "ImportRun",
                columns: new[] { "ScopeId", "IdempotencyKey" },
                unique: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_ImportRun_IdempotencyKey",
                table: "ImportRun");

            migrationBuilder.DropIndex(
                name: "IX_ImportRun_ScopeId_IdempotencyKey",
                table: "ImportRun");

            migrationBuilder.DropColumn(
                name: "EventId",
                table: "ImportRun");

            migrationBuilder.CreateIndex(
                name: "IX_ImportRun_IdempotencyKey",
                table: "ImportRun",
                column: "IdempotencyKey",
                unique: true);
        }
    }
}
