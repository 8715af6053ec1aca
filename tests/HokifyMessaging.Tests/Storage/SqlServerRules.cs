using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace HokifyMessaging.Tests.Storage;

/// <summary>What a statement for SQL Server may not be: wrong, or in need of more than a plain server with customers' triggers has.</summary>
internal sealed class SqlServerRules : TSqlFragmentVisitor
{
    private readonly List<string> _violations = [];

    /// <summary>Which tables the statements read and write: <c>INSERT Candidate</c>.</summary>
    public SortedSet<string> Touched { get; } = new(StringComparer.Ordinal);

    public static (IReadOnlyList<string> Violations, IReadOnlySet<string> Touched) Check(string sql)
    {
        var rules = new SqlServerRules();
        Parse(sql).Accept(rules);
        return (rules._violations, rules.Touched);
    }

    /// <summary>What some statements touch, all of which must be good, with at most so many parameters.</summary>
    public static SortedSet<string> TouchedBy(IEnumerable<(string Text, int Parameters)> commands, int mostParameters = 2100)
    {
        var touched = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var (text, parameters) in commands)
        {
            var (violations, tables) = Check(text);
            Assert.Empty(violations);
            Assert.InRange(parameters, 0, mostParameters);
            touched.UnionWith(tables);
        }

        return touched;
    }

    public static TSqlScript Parse(string sql)
    {
        var script = new TSql160Parser(initialQuotedIdentifiers: true).Parse(new StringReader(sql), out var errors);
        Assert.True(errors.Count == 0, $"line {errors.FirstOrDefault()?.Line}: {errors.FirstOrDefault()?.Message}\n{sql}");
        return (TSqlScript)script;
    }

    public override void Visit(MergeStatement node) => Forbid("MERGE", node);

    public override void Visit(WaitForStatement node) => Forbid("WAITFOR", node);

    public override void Visit(CreateOrAlterProcedureStatement node) => Forbid("CREATE OR ALTER", node);

    public override void Visit(CreateOrAlterFunctionStatement node) => Forbid("CREATE OR ALTER", node);

    public override void Visit(CreateOrAlterTriggerStatement node) => Forbid("CREATE OR ALTER", node);

    public override void Visit(CreateOrAlterViewStatement node) => Forbid("CREATE OR ALTER", node);

    public override void Visit(OutputClause node) => Forbid("an OUTPUT clause, which a trigger on the table makes fail,", node);

    public override void Visit(SaveTransactionStatement node) => Forbid("a savepoint", node);

    public override void Visit(TableDefinition node)
    {
        if (node.Indexes.Count > 0)
        {
            Forbid("an inline index", node);
        }
    }

    /// <summary>A text column with a collation of its own cannot be compared with a list that has the database's (error 468).</summary>
    public override void Visit(InPredicate node)
    {
        var lists = new ListsOfText();
        node.Subquery?.Accept(lists);
        if (lists.Any && node.Expression is not PrimaryExpression { Collation: not null })
        {
            Forbid("a list of texts compared without a collation", node);
        }
    }

    public override void Visit(InsertSpecification node) => Touch("INSERT", node.Target);

    public override void Visit(UpdateSpecification node)
    {
        var tables = new TablesNamed();
        node.FromClause?.Accept(tables);
        Touch("UPDATE", tables.All.FirstOrDefault() ?? node.Target);
    }

    public override void Visit(ExecutableProcedureReference node)
    {
        if (node.ProcedureReference.ProcedureReference?.Name.BaseIdentifier.Value == "sp_sequence_get_range")
        {
            Forbid("sp_sequence_get_range", node);
        }
    }

    public override void Visit(DeleteSpecification node) => Touch("DELETE", node.FromClause?.TableReferences[0] ?? node.Target);

    public override void Visit(QuerySpecification node)
    {
        foreach (var table in node.FromClause?.TableReferences ?? [])
        {
            Touch("SELECT", table);
        }
    }

    private void Touch(string verb, TableReference table)
    {
        if (table is NamedTableReference { SchemaObject.BaseIdentifier.Value: var name })
        {
            Touched.Add($"{verb} {name}");
        }
    }

    private void Forbid(string what, TSqlFragment fragment) =>
        _violations.Add($"{what} in: {string.Concat(fragment.ScriptTokenStream.Skip(fragment.FirstTokenIndex).Take(60).Select(t => t.Text))}");

    private sealed class TablesNamed : TSqlFragmentVisitor
    {
        public List<NamedTableReference> All { get; } = [];

        public override void Visit(NamedTableReference node) => All.Add(node);
    }

    private sealed class ListsOfText : TSqlFragmentVisitor
    {
        public bool Any { get; private set; }

        public override void Visit(SchemaDeclarationItem node) =>
            Any |= node.ColumnDefinition.DataType is SqlDataTypeReference { SqlDataTypeOption: SqlDataTypeOption.NVarChar };
    }
}
