using HokifyMessaging.Storage;

namespace HokifyMessaging.Service.WebConsole;

/// <summary>
/// Two people look at the same page, and press the same button. A form carries how far the audit log had come when the page was made; what stands in it since, of the same kind and
/// about the same thing, somebody else did meanwhile.
/// </summary>
internal sealed class FasterHands(AuditQueries audit)
{
    private const int Looked = 100;

    /// <summary>What a form carries.</summary>
    public async Task<string> StandAsync(CancellationToken cancellationToken) => (await audit.NewestAsync(cancellationToken)).ToString(CultureInfo.InvariantCulture);

    /// <summary>Who was faster, as a sentence; null where nobody was.</summary>
    /// <param name="t">The language.</param>
    /// <param name="stand">What the form carried; a form that carries nothing was made by hand, and means what it says.</param>
    /// <param name="action">What the button does.</param>
    /// <param name="scopeId">In which scope.</param>
    /// <param name="about">What the entry names that it is about.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<string?> OfAsync(Words t, string? stand, AuditAction action, int? scopeId, string about, CancellationToken cancellationToken)
    {
        if (!long.TryParse(stand, NumberStyles.None, CultureInfo.InvariantCulture, out var seen))
        {
            return null;
        }

        var since = await audit.ListAsync(new AuditFilter { ScopeId = scopeId, Action = action, NewerThan = seen, Limit = Looked }, cancellationToken);
        return since.FirstOrDefault(entry => entry.Detail.Contains(about, StringComparison.Ordinal)) is { } before
            ? t[
                $"Nothing was done, because {before.Who} did the same at {t.Exact(before.At)}, after the page was shown.",
                $"Es wurde nichts getan: Dasselbe hat {before.Who} um {t.Exact(before.At)} getan, nachdem die Seite gezeigt wurde."]
            : null;
    }
}
