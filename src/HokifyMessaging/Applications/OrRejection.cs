namespace HokifyMessaging.Applications;

/// <summary>What was made of a record, or the reason why that could not be done.</summary>
internal readonly record struct OrRejection<T>
    where T : class
{
    private OrRejection(T? value, Rejection? rejection) => (Value, Rejection) = (value, rejection);

    /// <summary>Null where there is a <see cref="Rejection"/>.</summary>
    public T? Value { get; }

    /// <summary>Null where there is a <see cref="Value"/>.</summary>
    public Rejection? Rejection { get; }

    public static implicit operator OrRejection<T>(T value) => new(value, null);

    public static implicit operator OrRejection<T>(Rejection rejection) => new(null, rejection);
}
