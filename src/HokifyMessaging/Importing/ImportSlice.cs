namespace HokifyMessaging.Importing;

/// <summary>How long one delivery may work.</summary>
/// <param name="Deadline">After this the run stops at its next checkpoint.</param>
/// <param name="Stopping">Fires when the host shuts down: the run stops at the checkpoint that it last committed.</param>
internal sealed record ImportSlice(DateTimeOffset Deadline, CancellationToken Stopping);

/// <summary>The fault that publishers and operators see: the run failed as a whole, or its request could not be stored; the same request goes on with it.</summary>
internal sealed class ImportFailedException(string message) : Exception(VisibleText.Of(message));
