using Mono.Cecil;
using NetArchTest.Rules;

namespace HokifyMessaging.Tests.Architecture;

/// <summary>
/// Selects the types whose code names something forbidden. NetArchTest's own search passes by what the compiler nests
/// twice (an async lambda that captures a variable), attributes' arguments and the types of catch clauses.
/// </summary>
internal sealed class DependsOnForbidden(Func<string, bool> isForbidden) : ICustomRule
{
    public bool MeetsRule(TypeDefinition type) => Dependencies.Of(type).Any(isForbidden);
}

/// <summary>What a type's code names, as full names: <c>System.IO.File</c>, <c>System.Collections.Generic.List`1</c>.</summary>
internal static class Dependencies
{
    public static IReadOnlySet<string> Of(TypeDefinition type)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var reference in References(type))
        {
            AddParts(reference, names);
        }

        return names;
    }

    private static IEnumerable<TypeReference?> References(TypeDefinition type) =>
    [
        type.BaseType,
        .. type.Interfaces.Select(implemented => implemented.InterfaceType),
        .. type.GenericParameters.SelectMany(Constraints),
        .. type.CustomAttributes.SelectMany(Named),
        .. type.Fields.SelectMany(field => (IEnumerable<TypeReference>)[field.FieldType, .. field.CustomAttributes.SelectMany(Named)]),
        .. type.Properties.SelectMany(property => property.CustomAttributes.SelectMany(Named)),
        .. type.Methods.SelectMany(Signature),
        .. type.Methods.Where(method => method.HasBody).SelectMany(method => Body(method.Body)),
        .. type.NestedTypes.SelectMany(References),
    ];

    private static IEnumerable<TypeReference> Signature(MethodDefinition method) =>
    [
        method.ReturnType,
        .. method.Parameters.Select(parameter => parameter.ParameterType),
        .. method.GenericParameters.SelectMany(Constraints),
        .. method.CustomAttributes.SelectMany(Named),
    ];

    private static IEnumerable<TypeReference?> Body(Mono.Cecil.Cil.MethodBody body) =>
    [
        .. body.Variables.Select(variable => variable.VariableType),
        .. body.ExceptionHandlers.Select(handler => handler.CatchType),
        .. body.Instructions.SelectMany(instruction => instruction.Operand switch
        {
            TypeReference named => [named],
            FieldReference field => [field.DeclaringType, field.FieldType],
            MethodReference called => Called(called),
            _ => Array.Empty<TypeReference>(),
        }),
    ];

    private static IEnumerable<TypeReference> Called(MethodReference method) =>
    [
        method.DeclaringType,
        method.ReturnType,
        .. method.Parameters.Select(parameter => parameter.ParameterType),
        .. method is GenericInstanceMethod generic ? generic.GenericArguments : [],
    ];

    private static IEnumerable<TypeReference> Constraints(GenericParameter parameter)
        => parameter.Constraints.Select(constraint => constraint.ConstraintType);

    private static IEnumerable<TypeReference> Named(CustomAttribute attribute) =>
    [
        attribute.AttributeType,
        .. attribute.ConstructorArguments.Select(argument => argument.Value).OfType<TypeReference>(),
    ];

    private static void AddParts(TypeReference? reference, HashSet<string> names)
    {
        switch (reference)
        {
            case null or GenericParameter:
                return;
            case GenericInstanceType generic:
                foreach (var argument in generic.GenericArguments)
                {
                    AddParts(argument, names);
                }

                AddParts(generic.ElementType, names);
                return;
            case TypeSpecification specification:
                AddParts(specification.ElementType, names);
                return;
            default:
                names.Add(reference.FullName);
                return;
        }
    }
}
