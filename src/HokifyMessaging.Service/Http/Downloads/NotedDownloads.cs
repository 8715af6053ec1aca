using System.Collections.Concurrent;
using HokifyMessaging.Privacy;
using HokifyMessaging.Results;
using HokifyMessaging.Runs;
using HokifyMessaging.Storage;

namespace HokifyMessaging.Service.Http.Downloads;

/// <summary>
/// Notes each download in the audit log before its first byte is sent. Whoever fetches a file in parts begins one download with the first of them; what is not
/// remembered any more, such as after a restart, is noted once more rather than not at all.
/// </summary>
internal sealed partial class NotedDownloads(AuditLog audit, TimeProvider clock, ILogger<NotedDownloads> logger)
{
    /// <summary>For how long the parts of a file belong to one download.</summary>
    private static readonly TimeSpan OneDownload = TimeSpan.FromHours(1);

    /// <summary>How many downloads are remembered.</summary>
    private const int Most = 10_000;

    private readonly ConcurrentDictionary<Reader, Noted> _noted = new();

    /// <exception cref="NotNotedException">It cannot be noted, and that will not pass by itself; a database that is locked or away is told as everywhere.</exception>
    public async Task NoteAsync(HttpContext context, RunFileVersion version, Actor actor, CancellationToken cancellationToken)
    {
        // The address is remembered here, and kept nowhere: all who have a link are one to the audit log.
        var reader = new Reader(actor.Name, context.Connection.RemoteIpAddress?.ToString(), version.RunId, version.Format.Name, version.Tag);
        var fresh = new Noted(clock.GetUtcNow(), new Lazy<Task>(() => WriteAsync(actor, version)));
        var isPart = context.Request.Headers.Range.Count > 0;
        var noted = _noted.AddOrUpdate(reader, fresh, (_, known) => isPart && fresh.At - known.At < OneDownload ? known : fresh);
        try
        {
            // Others may wait for the same: whoever goes away does not take it along.
            await noted.Written.Value.WaitAsync(cancellationToken);
            Forget();
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            _noted.TryRemove(new KeyValuePair<Reader, Noted>(reader, noted));
            if (DatabaseErrors.IsUnavailable(exception))
            {
                throw;
            }

            LogNotNoted(logger, version.RunId, DatabaseErrors.Describe(exception) ?? exception.GetType().Name);
            throw new NotNotedException();
        }
    }

    private Task WriteAsync(Actor actor, RunFileVersion version) => audit.NoteAsync(
        actor, Deed.TakeFile(version.ScopeId, version.RunId, version.Format.Name, version.Values == PeopleValues.Masked), CancellationToken.None);

    private void Forget()
    {
        if (_noted.Count <= Most)
        {
            return;
        }

        var now = clock.GetUtcNow();
        foreach (var one in _noted.Where(one => now - one.Value.At >= OneDownload))
        {
            _noted.TryRemove(one);
        }

        if (_noted.Count > Most)
        {
            _noted.Clear();
        }
    }

    private sealed record Reader(string Who, string? Address, Guid RunId, string Format, string Tag);

    private sealed record Noted(DateTimeOffset At, Lazy<Task> Written);

    [LoggerMessage(LogLevel.Error, "A file of run {RunId} is not handed out, because that could not be noted in the audit log: {Reason}")]
    private static partial void LogNotNoted(ILogger logger, Guid runId, string reason);
}

/// <summary>What is to be handed out could not be noted in the audit log, and is not handed out without that.</summary>
internal sealed class NotNotedException() : Exception("The download cannot be noted in the audit log now, and nothing is handed out without that; ask again later.");
