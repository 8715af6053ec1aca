namespace HokifyMessaging.Reading;

internal sealed class ApplicationSources
{
    public IApplicationSource For(int scopeId) => throw new NotSupportedException($"{scopeId}");
}
