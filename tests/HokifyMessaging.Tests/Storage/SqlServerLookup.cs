using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace HokifyMessaging.Tests.Storage;

/// <summary>What one condition of a statement for SQL Server says of the rows of one table.</summary>
/// <param name="Table">The table.</param>
/// <param name="Fixed">The columns that are equal to something, or to one of several things.</param>
/// <param name="Said">All that is said of single columns, as a filter of an index would say it.</param>
/// <param name="Columns">The columns that the statement names.</param>
/// <param name="HasChoice">Whether anything is said with an OR.</param>
internal sealed record SqlServerLookup(string Table, IReadOnlySet<string> Fixed, IReadOnlySet<string> Said, IReadOnlySet<string> Columns, bool HasChoice)
{
    /// <summary>The conditions of a text of one or more statements.</summary>
    public static List<SqlServerLookup> Of(string sql)
    {
        var conditions = new Conditions();
        SqlServerRules.Parse(sql).Accept(conditions);
        return conditions.All;
    }

    /// <summary>The indexes all of whose columns are fixed, and whose filter is said: the server can go straight to the rows.</summary>
    public List<string> Indexes(HokifyDbContext db)
    {
        var table = TableOf(db);
        return
        [
            .. table.GetKeys().Where(key => key.Properties.All(p => Fixed.Contains(p.Name))).Select(_ => $"the key of {Table}"),
            .. table.GetIndexes().Where(i => i.Properties.All(p => Fixed.Contains(p.Name)) && IsSaid(i.GetFilter())).Select(i => i.GetDatabaseName()!),
        ];
    }

    /// <summary>Whether an index, whose filter is said, holds every column that the statement names: then nothing but the index is read.</summary>
    public bool IsAnsweredBy(HokifyDbContext db, string index)
    {
        var found = TableOf(db).GetIndexes().Single(i => i.GetDatabaseName() == index);
        var held = found.Properties.Select(p => p.Name).Concat(found.GetIncludeProperties() ?? []).Concat(TableOf(db).FindPrimaryKey()!.Properties.Select(p => p.Name));
        return IsSaid(found.GetFilter()) && Fixed.Contains(found.Properties[0].Name) && Columns.IsSubsetOf(held.ToHashSet());
    }

    private bool IsSaid(string? filter) => filter is null || Said.Contains(filter) || Fixed.Any(column => filter == $"{column} IS NOT NULL");

    private IEntityType TableOf(HokifyDbContext db) => db.GetService<IDesignTimeModel>().Model.GetEntityTypes().Single(t => t.GetTableName() == Table);

    private sealed class Conditions : TSqlFragmentVisitor
    {
        public List<SqlServerLookup> All { get; } = [];

        public override void Visit(QuerySpecification node) => Add(node, node.FromClause?.TableReferences[0], node.WhereClause);

        public override void Visit(UpdateSpecification node) => Add(node, node.FromClause?.TableReferences[0] ?? node.Target, node.WhereClause);

        public override void Visit(DeleteSpecification node) => Add(node, node.FromClause?.TableReferences[0] ?? node.Target, node.WhereClause);

        private void Add(TSqlFragment statement, TableReference? table, WhereClause? where)
        {
            if (table is NamedTableReference { SchemaObject.BaseIdentifier.Value: var name } && where is not null)
            {
                var (terms, columns, choices) = (new List<BooleanExpression>(), new ColumnsNamed(), new ChoicesLeft());
                Flatten(where.SearchCondition, terms);
                statement.Accept(columns);
                where.Accept(choices);
                var @fixed = terms.Select(Equated).OfType<string>().ToHashSet();
                All.Add(new SqlServerLookup(name, @fixed, terms.SelectMany(Sayings).ToHashSet(), columns.All, choices.Any));
            }
        }

        private static void Flatten(BooleanExpression condition, List<BooleanExpression> terms)
        {
            switch (condition)
            {
                case BooleanBinaryExpression { BinaryExpressionType: BooleanBinaryExpressionType.And } both:
                    Flatten(both.FirstExpression, terms);
                    Flatten(both.SecondExpression, terms);
                    break;
                case BooleanParenthesisExpression { Expression: BooleanBinaryExpression { BinaryExpressionType: BooleanBinaryExpressionType.And } inner }:
                    Flatten(inner, terms);
                    break;
                default:
                    terms.Add(condition);
                    break;
            }
        }

        private static string? Equated(BooleanExpression term) => term switch
        {
            BooleanComparisonExpression { ComparisonType: BooleanComparisonType.Equals } equal => NameOf(equal.FirstExpression) ?? NameOf(equal.SecondExpression),
            InPredicate { NotDefined: false } among => NameOf(among.Expression),
            _ => null,
        };

        private static IEnumerable<string> Sayings(BooleanExpression term) => term switch
        {
            BooleanIsNullExpression isNull when NameOf(isNull.Expression) is { } column => [$"{column} IS {(isNull.IsNot ? "NOT " : "")}NULL"],
            BooleanComparisonExpression { ComparisonType: BooleanComparisonType.Equals, SecondExpression: StringLiteral literal } equal when NameOf(equal.FirstExpression) is { } column =>
                [$"{column} = '{literal.Value}'"],
            InPredicate { Subquery: null } among when NameOf(among.Expression) is { } column && among.Values.All(v => v is StringLiteral) =>
                [$"{column} IN ({string.Join(", ", among.Values.Cast<StringLiteral>().Select(v => $"'{v.Value}'"))})"],
            _ => [],
        };

        private static string? NameOf(ScalarExpression expression) =>
            expression is ColumnReferenceExpression { MultiPartIdentifier.Identifiers: { Count: > 0 } parts } ? parts[^1].Value : null;
    }

    private sealed class ColumnsNamed : TSqlFragmentVisitor
    {
        public HashSet<string> All { get; } = [];

        public override void Visit(ColumnReferenceExpression node)
        {
            if (node.MultiPartIdentifier is { Identifiers: { Count: > 0 } parts })
            {
                All.Add(parts[^1].Value);
            }
        }
    }

    private sealed class ChoicesLeft : TSqlFragmentVisitor
    {
        public bool Any { get; private set; }

        public override void Visit(BooleanBinaryExpression node) => Any |= node.BinaryExpressionType == BooleanBinaryExpressionType.Or;
    }
}
