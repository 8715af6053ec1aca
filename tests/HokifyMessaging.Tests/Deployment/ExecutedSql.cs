using HokifyMessaging.Tests.Storage;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace HokifyMessaging.Tests.Deployment;

/// <summary>
/// What a script executes, with what it puts together as text and executes then: of both branches of each condition, because
/// no server answers which it is. Knows the few expressions that such a script needs, and fails over any other.
/// </summary>
internal sealed class ExecutedSql : TSqlFragmentVisitor
{
    private readonly Dictionary<string, string> _values;
    private readonly List<(TSqlStatement Statement, bool IsConditional)> _statements;
    private int _conditions;

    private ExecutedSql(Dictionary<string, string> values, List<(TSqlStatement Statement, bool IsConditional)> statements, int conditions) =>
        (_values, _statements, _conditions) = (values, statements, conditions);

    /// <summary>In their order; conditional is what stands behind an IF or an ELSE.</summary>
    public static IReadOnlyList<(TSqlStatement Statement, bool IsConditional)> Of(string script)
    {
        var statements = new List<(TSqlStatement Statement, bool IsConditional)>();
        foreach (var batch in SqlServerRules.Parse(script).Batches)
        {
            // Variables end with their batch.
            batch.Accept(new ExecutedSql([], statements, conditions: 0));
        }

        return statements;
    }

    public override void Visit(TSqlStatement node)
    {
        if (node is not (BeginEndBlockStatement or IfStatement or DeclareVariableStatement or SetVariableStatement or ExecuteStatement))
        {
            _statements.Add((node, _conditions > 0));
        }
    }

    public override void ExplicitVisit(IfStatement node)
    {
        _conditions++;
        base.ExplicitVisit(node);
        _conditions--;
    }

    public override void Visit(DeclareVariableElement node)
    {
        if (node.Value is { } value)
        {
            _values[node.VariableName.Value] = Text(value);
        }
    }

    public override void Visit(SetVariableStatement node) => _values[node.Variable.Name] = Text(node.Expression);

    public override void Visit(ExecuteStatement node)
    {
        switch (node.ExecuteSpecification.ExecutableEntity)
        {
            case ExecutableStringList strings:
                Execute(string.Concat(strings.Strings.Select(Text)), []);
                break;
            case ExecutableProcedureReference procedure:
                var name = procedure.ProcedureReference.ProcedureVariable is { } variable
                    ? _values[variable.Name]
                    : string.Join('.', procedure.ProcedureReference.ProcedureReference.Name.Identifiers.Select(part => part.Value));
                Assert.EndsWith("sys.sp_executesql", name, StringComparison.Ordinal);
                var given = procedure.Parameters.Select(parameter => Text(parameter.ParameterValue)).ToList();
                var names = given.Count > 1 ? given[1].Split(',').Select(declared => declared.Trim().Split(' ')[0]).ToList() : [];
                Execute(given[0], names.Zip(given.Skip(2)).ToDictionary(pair => pair.First, pair => pair.Second));
                break;
            case var other:
                throw new NotSupportedException($"{other.GetType().Name} is not known.");
        }
    }

    private void Execute(string text, Dictionary<string, string> values) => SqlServerRules.Parse(text).Accept(new ExecutedSql(values, _statements, _conditions));

    private string Text(ScalarExpression expression) => expression switch
    {
        StringLiteral literal => literal.Value,
        VariableReference variable => _values[variable.Name],
        ParenthesisExpression inner => Text(inner.Expression),
        BinaryExpression { BinaryExpressionType: BinaryExpressionType.Add } sum => Text(sum.FirstExpression) + Text(sum.SecondExpression),
        FunctionCall { FunctionName.Value: "QUOTENAME", Parameters: [var name] } => $"[{Text(name).Replace("]", "]]", StringComparison.Ordinal)}]",
        FunctionCall { FunctionName.Value: "REPLACE", Parameters: [var text, var old, var replacement] } => Text(text).Replace(Text(old), Text(replacement), StringComparison.Ordinal),
        _ => throw new NotSupportedException($"{expression.GetType().Name} is not known."),
    };
}
