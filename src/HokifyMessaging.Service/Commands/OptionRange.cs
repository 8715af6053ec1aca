using System.Numerics;

namespace HokifyMessaging.Service.Commands;

/// <summary>Numbers on the command line that have a least and a most.</summary>
internal static class OptionRange
{
    /// <summary>Refuses a value outside the range; one that is no number the parser refuses itself.</summary>
    public static Option<T> Between<T>(this Option<T> option, T least, T most)
        where T : INumber<T>
    {
        Refuse(option, least, most);
        return option;
    }

    /// <inheritdoc cref="Between{T}(Option{T}, T, T)"/>
    public static Option<T?> Between<T>(this Option<T?> option, T least, T most)
        where T : struct, INumber<T>
    {
        Refuse(option, least, most);
        return option;
    }

    private static void Refuse<T>(Option option, T least, T most)
        where T : INumber<T> =>
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var token]
                && T.TryParse(token.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
                && (value < least || value > most))
            {
                result.AddError(string.Create(CultureInfo.InvariantCulture, $"{option.Name} is {value}; it must be from {least} to {most}."));
            }
        });
}
