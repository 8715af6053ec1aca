namespace HokifyMessaging.Runs;

/// <summary>Who works on a scope, as the lease names them: where, which process, which of its works, and of which version.</summary>
/// <param name="Machine">The machine's name.</param>
/// <param name="Process">The process's id there.</param>
/// <param name="Version">The program's version; null where the name does not say.</param>
internal sealed record WorkerName(string Machine, string Process, string? Version)
{
    /// <summary>A name that nobody else has.</summary>
    public static string ForNewWork() => $"{Environment.MachineName}/{Environment.ProcessId}/{Guid.NewGuid():N}/{ProductVersion.Text}";

    public static WorkerName Parse(string name)
    {
        var parts = name.Split('/');
        return new WorkerName(parts[0], parts.ElementAtOrDefault(1) ?? "", parts.ElementAtOrDefault(3));
    }

    /// <summary>For people.</summary>
    public override string ToString() => VisibleText.Of(Process.Length == 0 ? Machine : $"process {Process} on {Machine}{(Version is null ? "" : $", version {Version}")}");
}
