namespace HokifyMessaging.Backups;

/// <summary>A backup cannot be made, read or restored, or a list of the erased not be used; the sentence says which, why, and what would be right.</summary>
internal sealed class BackupException(string message, Exception? innerException = null) : Exception(VisibleText.Of(message), innerException);
