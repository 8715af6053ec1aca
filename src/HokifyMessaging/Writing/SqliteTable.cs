using System.Linq.Expressions;
using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;

namespace HokifyMessaging.Writing;

/// <summary>The statements of one table and the binding of its rows, made once from EF Core's model.</summary>
internal sealed class SqliteTable<TRow>
    where TRow : class
{
    private readonly IEntityType _entity;
    private readonly StoreObjectIdentifier _table;
    private readonly Action<SqliteStatement, TRow> _bindInsert;
    private readonly Action<SqliteStatement, TRow> _bindUpdate;
    private readonly int _updateKey;

    /// <param name="model">EF Core's model.</param>
    /// <param name="fixedProperties">What no update changes.</param>
    public SqliteTable(IModel model, params string[] fixedProperties)
    {
        _entity = model.FindEntityType(typeof(TRow))!;
        _table = StoreObjectIdentifier.Create(_entity, StoreObjectType.Table)!.Value;
        var key = _entity.FindPrimaryKey()!.Properties.Single();
        var inserted = _entity.GetFlattenedProperties().Where(p => p != key).ToList();
        var updated = inserted.Where(p => !fixedProperties.Contains(p.Name)).ToList();
        _updateKey = updated.Count + 1;
        _bindInsert = Binding(inserted);
        _bindUpdate = Binding(updated);
        InsertSql = $"INSERT INTO {Quoted(_table.Name)} ({string.Join(", ", inserted.Select(Column))}) VALUES ({string.Join(", ", inserted.Select((_, i) => $"?{i + 1}"))})";
        UpdateSql = UpdateSqlOf(updated);
    }

    public string InsertSql { get; }

    public string UpdateSql { get; }

    /// <returns>The key that SQLite gave the row.</returns>
    public long Insert(SqliteStatement statement, TRow row)
    {
        _bindInsert(statement, row);
        statement.Execute();
        return statement.LastRowId;
    }

    public void Update(SqliteStatement statement, TRow row, long key)
    {
        _bindUpdate(statement, row);
        statement.Bind(_updateKey, key);
        statement.Execute();
    }

    /// <summary>Looks rows up by some columns, whose values are the parameters in the same order.</summary>
    public string SelectSql(string[] columns, params string[] by) =>
        $"SELECT {string.Join(", ", columns.Select(name => Column(Property(name))))} FROM {Quoted(_table.Name)} WHERE {string.Join(" AND ", by.Select((name, i) => $"{Column(Property(name))} = ?{i + 1}"))}";

    /// <summary>Changes some columns of one row: their values are the parameters in the same order, its key is the last.</summary>
    public string UpdateSqlOf(params string[] columns) => UpdateSqlOf(columns.Select(Property).ToList());

    private string UpdateSqlOf(List<IProperty> columns) =>
        $"UPDATE {Quoted(_table.Name)} SET {string.Join(", ", columns.Select((p, i) => $"{Column(p)} = ?{i + 1}"))} WHERE {Column(_entity.FindPrimaryKey()!.Properties.Single())} = ?{columns.Count + 1}";

    /// <summary>A property that <see cref="SqliteStatement.Instant"/> can read.</summary>
    public string Instant(string property) => Property(property).GetTypeMapping().Converter is UtcText
        ? property
        : throw new NotSupportedException($"{_entity.DisplayName()}.{property} is not stored as {nameof(UtcText)}, which {nameof(SqliteStatement)} reads.");

    private IProperty Property(string name) => _entity.FindProperty(name)!;

    private string Column(IProperty property) => Quoted(property.GetColumnName(_table)!);

    private static string Quoted(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private static Action<SqliteStatement, TRow> Binding(IEnumerable<IProperty> properties)
    {
        var (statement, row) = (Expression.Parameter(typeof(SqliteStatement)), Expression.Parameter(typeof(TRow)));
        var bindings = properties.Select((property, index) => Bind(statement, index + 1, property, property.In(row)));
        return Expression.Lambda<Action<SqliteStatement, TRow>>(Expression.Block(bindings), statement, row).Compile();
    }

    private static Expression Bind(Expression statement, int index, IProperty property, Expression value)
    {
        var at = Expression.Constant(index);
        var isNull = Expression.Call(statement, nameof(SqliteStatement.BindNull), null, at);
        return Nullable.GetUnderlyingType(value.Type) is null
            ? value.Type.IsValueType ? Bind(value) : Expression.IfThenElse(Expression.ReferenceEqual(value, Expression.Constant(null)), isNull, Bind(value))
            : Expression.IfThenElse(Expression.Property(value, nameof(Nullable<>.HasValue)), Bind(Expression.Property(value, nameof(Nullable<>.Value))), isNull);

        Expression Bind(Expression present)
        {
            // The statement writes these itself, without a text between.
            var stored = property.GetTypeMapping().Converter is UtcText ? present : property.AsStored(present);
            if (stored.Type == typeof(int))
            {
                stored = Expression.Convert(stored, typeof(long));
            }

            var bind = typeof(SqliteStatement).GetMethod(nameof(SqliteStatement.Bind), [typeof(int), stored.Type])
                ?? throw new NotSupportedException($"{property.DeclaringType.DisplayName()}.{property.Name} is stored as {stored.Type.Name}, which {nameof(SqliteStatement)} does not bind.");
            return Expression.Call(statement, bind, at, stored);
        }
    }
}
