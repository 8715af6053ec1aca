namespace HokifyMessaging.Reading;

/// <summary>An item that is not kept, because of its size.</summary>
/// <param name="Id">Which application it is, where it says so.</param>
/// <param name="Hash">Over all of its text: tells it from others.</param>
/// <param name="Problem">What is wrong with it and what would be right, as the end of a sentence.</param>
internal sealed record LeftOutItem(ApplicationId? Id, UInt128 Hash, string Problem)
{
    public static string TooLarge(int largest) =>
        $"has more than {ByteCount.Text(largest)} and was left out; expected is less, or a larger Hokify:Reading:LargestItem";

    /// <param name="position">Where it stood, in words.</param>
    public SourceRecord At(string position) => new(
        position,
        new Rejection(ElementNames.CandidateProfile, position, Id, "record", FailureCause.TooLarge, Problem, LeftOutPayload.Of(Hash)) { IsLeftOut = true });

    /// <summary>The id at the beginning of an item, be it the application itself or what holds it.</summary>
    public static ApplicationId? IdIn(ReadOnlySpan<byte> beginning)
    {
        var reader = new Utf8JsonReader(beginning, isFinalBlock: false, new JsonReaderState(new JsonReaderOptions { MaxDepth = ApplicationPayload.MaxDepth + 8 }));
        var (isId, isInApplication) = (false, false);
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType != JsonTokenType.PropertyName)
                {
                    if (isId && reader.TokenType == JsonTokenType.String && reader.ValueSpan.Length <= ApplicationId.MaxLength)
                    {
                        return ApplicationId.Of(reader.GetString());
                    }

                    isId = false;
                }
                else if (reader.CurrentDepth == 1)
                {
                    isId = reader.ValueTextEquals("_id"u8) || reader.ValueTextEquals("matchId"u8);
                    isInApplication = reader.ValueTextEquals("application"u8) || reader.ValueTextEquals("applications"u8);
                }
                else
                {
                    isId = isInApplication && reader.CurrentDepth == 2 && reader.ValueTextEquals("_id"u8);
                }
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // No JSON, or no text, from here on: what is there says no id.
        }

        return null;
    }
}
