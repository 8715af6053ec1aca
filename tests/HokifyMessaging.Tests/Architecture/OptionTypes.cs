using System.Reflection;

namespace HokifyMessaging.Tests.Architecture;

/// <summary>The types that configuration is bound to: a section's, and those of its settings.</summary>
internal static class OptionTypes
{
    public static IEnumerable<Type> Of(Type section) => Below(section, []);

    private static HashSet<Type> Below(Type type, HashSet<Type> found)
    {
        if (type.Assembly.GetName().Name is "HokifyMessaging" or "hokify" && found.Add(type))
        {
            foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance))
            {
                foreach (var part in property.PropertyType.GenericTypeArguments.Prepend(property.PropertyType))
                {
                    Below(part, found);
                }
            }
        }

        return found;
    }
}
