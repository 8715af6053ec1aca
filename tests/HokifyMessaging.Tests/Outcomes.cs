using HokifyMessaging.Applications;
using ApplicationId = HokifyMessaging.Applications.ApplicationId;

namespace HokifyMessaging.Tests;

/// <summary>Looks at what was made of a record, and fails where it is not what the test says it is.</summary>
internal static class Outcomes
{
    public static T Understood<T>(this OrRejection<T> outcome)
        where T : class
    {
        Assert.Null(outcome.Rejection?.Message);
        return Assert.IsType<T>(outcome.Value);
    }

    public static Rejection Rejected<T>(this OrRejection<T> outcome)
        where T : class
    {
        Assert.Null(outcome.Value);
        return Assert.IsType<Rejection>(outcome.Rejection);
    }

    /// <summary>The id that reading found, be it in an application or in what is none.</summary>
    public static ApplicationId? Id(this OrRejection<HokifyApplication> outcome) => outcome.Value?.Id ?? outcome.Rejection?.Id;
}
