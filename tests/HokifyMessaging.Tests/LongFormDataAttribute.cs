using System.Reflection;
using Xunit.Sdk;
using Xunit.v3;

namespace HokifyMessaging.Tests;

/// <summary>One more row of a theory, as <c>InlineData</c> has it, for the <see cref="LongForm"/> alone: every day's rows try one of each kind.</summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
internal sealed class LongFormDataAttribute(params object?[] data) : DataAttribute
{
    public override ValueTask<IReadOnlyCollection<ITheoryDataRow>> GetData(MethodInfo testMethod, DisposalTracker disposalTracker) =>
        new([new TheoryDataRow(data) { Skip = LongForm.IsAsked ? null : LongForm.WhySkipped }]);

    public override bool SupportsDiscoveryEnumeration() => true;
}
