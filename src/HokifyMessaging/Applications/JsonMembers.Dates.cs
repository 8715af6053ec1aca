namespace HokifyMessaging.Applications;

/// <summary>The members that are dates.</summary>
internal readonly partial struct JsonMembers
{
    public DateTimeOffset? Instant(params ReadOnlySpan<string> names) => Date(names, isOfCv: false, out _);

    /// <param name="names">Its spellings.</param>
    /// <param name="name">The one that has the value.</param>
    public DateTimeOffset? Instant(ReadOnlySpan<string> names, out string name) => Date(names, isOfCv: false, out name);

    /// <summary>An instant of a CV, where a month or a year is enough.</summary>
    public DateTimeOffset? CvInstant(params ReadOnlySpan<string> names) => Date(names, isOfCv: true, out _);

    public DateOnly? Day(params ReadOnlySpan<string> names)
    {
        if (!TryFind(names, out var value, out var name))
        {
            return null;
        }

        value = JsonShape.WithoutDateWrapper(value);
        if (value.Kind == JsonValueKind.Number && value.TryGetDecimal(out var number) && DateText.TryDay(number, out var day))
        {
            return day;
        }

        if (value.Kind == JsonValueKind.String)
        {
            if (ScalarText(value, name) is not { } text)
            {
                return null;
            }

            if (DateText.TryDay(text, out day))
            {
                return day;
            }
        }

        reading.Report(PathOf(name), FailureCause.BadDate, DateText.Problem);
        return null;
    }

    private DateTimeOffset? Date(ReadOnlySpan<string> names, bool isOfCv, out string name)
    {
        if (!TryFind(names, out var value, out name))
        {
            return null;
        }

        value = JsonShape.WithoutDateWrapper(value);
        if (value.Kind == JsonValueKind.Number && value.TryGetDecimal(out var number)
            && (isOfCv ? DateText.TryCvInstant(number, out var instant) : DateText.TryInstant(number, out instant)))
        {
            return instant;
        }

        if (value.Kind == JsonValueKind.String)
        {
            if (ScalarText(value, name) is not { } text)
            {
                return null;
            }

            if (isOfCv ? DateText.TryCvInstant(text, out instant) : DateText.TryInstant(text, out instant))
            {
                return instant;
            }
        }

        reading.Report(PathOf(name), FailureCause.BadDate, DateText.Problem);
        return null;
    }
}
