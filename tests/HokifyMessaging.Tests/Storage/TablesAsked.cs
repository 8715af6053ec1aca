using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace HokifyMessaging.Tests.Storage;

/// <summary>The tables that a statement names, in its order.</summary>
internal sealed class TablesAsked : TSqlFragmentVisitor
{
    private readonly List<string> _names = [];

    public static List<string> Of(TSqlFragment fragment)
    {
        var asked = new TablesAsked();
        fragment.Accept(asked);
        return asked._names;
    }

    public override void Visit(NamedTableReference node) => _names.Add(node.SchemaObject.BaseIdentifier.Value);
}
