using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore.Metadata;

namespace HokifyMessaging.Writing;

/// <summary>Reads a row's values as EF Core's model has them, to be compiled once instead of looked up for each row.</summary>
internal static class PropertyExpressions
{
    /// <summary>The property of a row, or of what is nested in it.</summary>
    public static Expression In(this IProperty property, Expression row) =>
        Expression.Property(Owner(property.DeclaringType, row), property.PropertyInfo!);

    /// <summary>A value that is not null in the form in which the provider gets it.</summary>
    public static Expression AsStored(this IProperty property, Expression present) =>
        property.GetTypeMapping().Converter is { } converter ? Expression.Invoke(converter.ConvertToProviderExpression, present) : present;

    private static Expression Owner(ITypeBase type, Expression row) =>
        type is IComplexType nested ? Expression.Property(Owner(nested.ComplexProperty.DeclaringType, row), nested.ComplexProperty.PropertyInfo!) : row;
}
