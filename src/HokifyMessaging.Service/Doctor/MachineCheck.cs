using System.Runtime.CompilerServices;
using HokifyMessaging.CheckUp;
using HokifyMessaging.Machine;

namespace HokifyMessaging.Service.Doctor;

/// <summary>What the service takes from its machine: the time, and room for files that are made for downloads.</summary>
internal sealed class MachineCheck(IOptions<HokifyOptions> hokify, FreeSpace freeSpace, TimeProvider clock) : ICheck
{
    /// <summary>The CSV of some hundred thousand applications.</summary>
    private const long LeastFree = 256_000_000;

    public string Subject => "machine";

    public async IAsyncEnumerable<Finding> LookAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var zone = hokify.Value.Csv.TimeZone;
        var there = TimeZoneInfo.ConvertTime(now, TimeZoneInfo.FindSystemTimeZoneById(zone));
        yield return new Finding(
            Subject, Verdict.Ok, string.Create(CultureInfo.InvariantCulture, $"Its clock says {Instant.Of(now)}; in {zone}, of which CSV files tell the time, that is {there:HH:mm:ss zzz}."));
        yield return await FolderAsync(Path.GetTempPath(), cancellationToken);
    }

    private async Task<Finding> FolderAsync(string folder, CancellationToken cancellationToken)
    {
        var shown = VisibleText.Of(folder);
        try
        {
            // Gone with its handle, and with the process.
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Options = FileOptions.DeleteOnClose }.OfOwnerAlone();
            await using var file = new FileStream(Path.Combine(folder, $"hokify-doctor-{Guid.NewGuid():N}"), options);
            await file.WriteAsync("hokify"u8.ToArray(), cancellationToken);
            await file.FlushAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return new Finding(Subject, Verdict.Wrong, $"The folder for temporary files, {shown}, cannot be written, and the files of runs cannot be downloaded; give this user the right or room, or name another folder in TMPDIR (on Windows TEMP).");
        }

        return freeSpace(folder) is { } free && free < LeastFree
            ? new Finding(Subject, Verdict.Wrong, $"The disk of the folder for temporary files, {shown}, has {FileSize.Of(free)} left; the files of large runs need {FileSize.Of(LeastFree)}. Make room, or name another folder in TMPDIR (on Windows TEMP).")
            : new Finding(Subject, Verdict.Ok, $"The folder for temporary files, {shown}, can be written{(freeSpace(folder) is { } left ? $", and its disk has {FileSize.Of(left)} left" : "")}.");
    }
}
