using System.Runtime.CompilerServices;
using HokifyMessaging.CheckUp;
using HokifyMessaging.Service.Http.Protection;

namespace HokifyMessaging.Service.Doctor;

/// <summary>Whether anybody gets in where they don't belong.</summary>
internal sealed class ProtectionCheck(OpenDoors doors) : ICheck
{
    public string Subject => "protection";

    public async IAsyncEnumerable<Finding> LookAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        List<Finding> found =
        [
            .. doors.Files().Select(sentence => new Finding(Subject, Verdict.Wrong, sentence)),
            .. doors.Addresses().Select(sentence => new Finding(Subject, Verdict.Note, sentence)),
        ];
        foreach (var finding in found.DefaultIfEmpty(new Finding(Subject, Verdict.Ok, "The database's files are their owner's alone, and no API key travels readable between machines.")))
        {
            yield return finding;
        }
    }
}
