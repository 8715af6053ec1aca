namespace HokifyMessaging.Reading;

/// <summary>Numbers of bytes as people say them.</summary>
internal static class ByteCount
{
    private const int Kilo = 1024;

    public static string Text(long bytes) => bytes switch
    {
        _ when bytes % (Kilo * Kilo) == 0 => string.Create(CultureInfo.InvariantCulture, $"{bytes / (Kilo * Kilo)} MB"),
        _ when bytes % Kilo == 0 => string.Create(CultureInfo.InvariantCulture, $"{bytes / Kilo} KB"),
        _ => Counted.Text($"{bytes:N0} {bytes:byte|bytes}"),
    };
}
