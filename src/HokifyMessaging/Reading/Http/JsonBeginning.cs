namespace HokifyMessaging.Reading.Http;

/// <summary>
/// What has come of a JSON text so far: it is broken, or whatever is missing could still come. The parser that reads the text can't
/// say that, because to it an end that comes too early is one mistake among others.
/// </summary>
internal sealed class JsonBeginning
{
    private JsonReaderState _state = new(new JsonReaderOptions { MaxDepth = ApplicationPayload.MaxDepth });
    private byte[] _rest = [];

    /// <summary>Whether no end could make it right.</summary>
    public bool IsBroken { get; private set; }

    public void Append(ReadOnlySpan<byte> json)
    {
        if (IsBroken || json.IsEmpty)
        {
            return;
        }

        byte[] text = [.. _rest, .. json];
        var reader = new Utf8JsonReader(text, isFinalBlock: false, _state);
        try
        {
            while (reader.Read())
            {
            }
        }
        catch (JsonException)
        {
            (IsBroken, _rest) = (true, []);
            return;
        }

        // The token that is not yet complete is looked at again with what follows.
        _rest = text[(int)reader.BytesConsumed..];
        _state = reader.CurrentState;
    }
}
