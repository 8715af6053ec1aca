using System.Data;
using System.Linq.Expressions;
using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;

namespace HokifyMessaging.Writing;

/// <summary>The statements of one table and its columns, made once from EF Core's model.</summary>
internal sealed class SqlServerTable<TRow>
    where TRow : class
{
    private readonly IEntityType _entity;
    private readonly StoreObjectIdentifier _table;
    private readonly IProperty _key;
    private readonly List<IProperty> _properties;

    /// <param name="model">EF Core's model of design time: at run time a model has neither collations nor an order of columns.</param>
    /// <param name="only">The properties that are staged beside the key; all where none is named.</param>
    public SqlServerTable(IModel model, params string[] only)
    {
        _entity = model.FindEntityType(typeof(TRow))!;
        _table = StoreObjectIdentifier.Create(_entity, StoreObjectType.Table)!.Value;
        _key = _entity.FindPrimaryKey()!.Properties.Single();
        _properties = [.. _entity.GetFlattenedProperties().Where(p => only is [] || p == _key || only.Contains(p.Name)).OrderBy(p => p.GetColumnOrder(_table))];
        Columns = [.. _properties.Select(p => new SqlServerColumn<TRow>(p, _table))];
        Name = Quoted(_table.Schema, _table.Name);
        Staging = Quoted(null, $"#{_table.Name}");
        CreateStagingSql = $"CREATE TABLE {Staging} ({string.Join(", ", Columns.Select(c => c.Definition))});";
        var sequence = model.FindSequence(_key.GetHiLoSequenceName(_table)!, _key.GetHiLoSequenceSchema(_table))!;
        KeysAtATime = sequence.IncrementBy;
        NextKeySql = $"SELECT NEXT VALUE FOR {Quoted(sequence.Schema, sequence.Name)};";
    }

    public string Name { get; }

    public IReadOnlyList<SqlServerColumn<TRow>> Columns { get; }

    /// <summary>The table of the connection's own in which rows arrive that are then written all at once.</summary>
    public string Staging { get; }

    public string CreateStagingSql { get; }

    public string NextKeySql { get; }

    public int KeysAtATime { get; }

    /// <summary>Moves the rows from the staging table that nobody else has written, and answers how many they were.</summary>
    /// <param name="unique">What no two rows have in common.</param>
    public string InsertSql(params string[] unique)
    {
        var columns = _properties.Select(Column).ToList();
        return $"""
            INSERT INTO {Name} ({string.Join(", ", columns)})
            SELECT {string.Join(", ", columns.Select(c => $"s.{c}"))}
            FROM {Staging} AS s
            WHERE NOT EXISTS (SELECT 1 FROM {Name} AS t WITH (UPDLOCK, HOLDLOCK, FORCESEEK) WHERE {string.Join(" AND ", unique.Select(Equal))})
            {End}
            """;
    }

    /// <summary>Overwrites the rows whose keys are in the staging table, and answers how many they were.</summary>
    /// <param name="fixedProperties">What no update changes.</param>
    public string UpdateSql(params string[] fixedProperties)
    {
        var columns = _properties.Where(p => p != _key && !fixedProperties.Contains(p.Name)).Select(Column);
        return $"""
            UPDATE t SET {string.Join(", ", columns.Select(c => $"t.{c} = s.{c}"))}
            FROM {Name} AS t WITH (UPDLOCK, HOLDLOCK, FORCESEEK)
            JOIN {Staging} AS s ON {Equal(_key.Name)}
            {End}
            """;
    }

    /// <summary>All values are taken and checked here: a bulk copy that fails over one of its values leaves its connection in the middle of a message.</summary>
    public DataTable Read(IEnumerable<TRow> rows)
    {
        var table = new DataTable();
        table.Columns.AddRange([.. Columns.Select(c => new DataColumn(c.Name, c.Type))]);
        foreach (var row in rows)
        {
            table.Rows.Add([.. Columns.Select(c => c.Value(row))]);
        }

        return table;
    }

    /// <summary>
    /// Row by row, each found through the index, however many there are: a scan would lock the table to the end of the batch. The count is
    /// asked for, because the one that comes with a statement includes what triggers did.
    /// </summary>
    private string End => $"""
        OPTION (LOOP JOIN);
        SELECT @@ROWCOUNT;
        DROP TABLE {Staging};
        """;

    private string Equal(string name) => $"t.{Column(_entity.FindProperty(name)!)} = s.{Column(_entity.FindProperty(name)!)}";

    private string Column(IProperty property) => Quoted(null, property.GetColumnName(_table)!);

    private static string Quoted(string? schema, string name) =>
        (schema is null ? "" : Quoted(null, schema) + ".") + $"[{name.Replace("]", "]]", StringComparison.Ordinal)}]";
}

/// <summary>One column and how a row's value for it is had.</summary>
internal sealed class SqlServerColumn<TRow>
{
    private readonly Func<TRow, object> _value;
    private readonly bool _isNullable;
    private readonly int _maxLength;

    public SqlServerColumn(IProperty property, StoreObjectIdentifier table)
    {
        Name = property.GetColumnName(table)!;
        _isNullable = property.IsColumnNullable(table);
        _maxLength = property.GetMaxLength(table) ?? int.MaxValue;
        Definition = string.Join(
            ' ',
            new[]
            {
                $"[{Name.Replace("]", "]]", StringComparison.Ordinal)}]",
                property.GetColumnType(table),
                property.GetCollation(table) is { } collation ? $"COLLATE {collation}" : null,
                _isNullable ? "NULL" : "NOT NULL",
            }.OfType<string>());
        var row = Expression.Parameter(typeof(TRow));
        var (value, type) = Stored(property, property.In(row));
        (_value, Type) = (Expression.Lambda<Func<TRow, object>>(value, row).Compile(), type);
    }

    public string Name { get; }

    /// <summary>The type of the values that are there.</summary>
    public Type Type { get; }

    /// <summary>As a table's definition has it.</summary>
    public string Definition { get; }

    /// <exception cref="DatabaseFaultException">The value does not fit: <see cref="Microsoft.Data.SqlClient.SqlBulkCopy"/> would say so only by an error that quotes it.</exception>
    public object Value(TRow row)
    {
        var value = _value(row);
        if (!_isNullable && value is DBNull)
        {
            throw new DatabaseFaultException(DatabaseFaultKind.Record, $"violates a column that must not be empty ({Name})", FailureCause.Constraint, Name);
        }

        if ((value is string text && text.Length > _maxLength) || (value is byte[] bytes && bytes.Length > _maxLength))
        {
            throw new DatabaseFaultException(DatabaseFaultKind.Record, $"has a value that is longer than its column ({Name})", FailureCause.TooLong, Name);
        }

        return value;
    }

    private static (Expression Value, Type Type) Stored(IProperty property, Expression value)
    {
        var isNullable = Nullable.GetUnderlyingType(value.Type) is not null;
        var stored = property.AsStored(isNullable ? Expression.Property(value, nameof(Nullable<>.Value)) : value);
        Expression boxed = Expression.Convert(stored, typeof(object));
        var isPresent = isNullable ? Expression.Property(value, nameof(Nullable<>.HasValue))
            : value.Type.IsValueType ? null
            : (Expression)Expression.ReferenceNotEqual(value, Expression.Constant(null));
        return (isPresent is null ? boxed : Expression.Condition(isPresent, boxed, Expression.Constant(DBNull.Value, typeof(object))), stored.Type);
    }
}
