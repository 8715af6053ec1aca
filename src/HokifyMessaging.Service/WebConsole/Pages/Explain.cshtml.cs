using HokifyMessaging.Runs.Queries;
using HokifyMessaging.Service.Http.Keys;
using Microsoft.AspNetCore.Mvc;

namespace HokifyMessaging.Service.WebConsole.Pages;

/// <summary>What became of an application or a person, and why. What is asked for may be an address, and stands in no address of a page.</summary>
internal sealed class ExplainModel(Explanations explanations, ScopeQueries scopes) : ConsolePage
{
    private const int LongestAsked = 400;

    /// <summary>So many records are told; each can be asked for by itself.</summary>
    public const int RecordsTold = 10;

    private IReadOnlyList<(int Id, string Name)> _names = [];

    public string AskedFor { get; private set; } = "";

    public string? Problem { get; private set; }

    public RecordTrail? Trail { get; private set; }

    /// <summary>How many events of each are told: all of one, the last of several.</summary>
    public int EventsTold => Trail?.Found.Count > 1 ? 5 : RecordTrails.Listed;

    public bool SeesValues => May(Rights.Personal);

    public string NameOf(int scopeId) => _names.FirstOrDefault(scope => scope.Id == scopeId).Name ?? scopeId.ToString(CultureInfo.InvariantCulture);

    public IActionResult OnGet()
    {
        Asked();
        return Page();
    }

    public async Task<IActionResult> OnPostAsync(string? asked)
    {
        AskedFor = asked?.Trim() ?? "";
        if (AskedFor.Length is 0 or > LongestAsked)
        {
            Problem = T["Type the id of an application or of a person, or a mail address.", "Geben Sie die ID einer Bewerbung oder einer Person ein, oder eine E-Mail-Adresse."];
        }
        else if (RecordTrails.Comparable(AskedFor, out var problem) is not { } comparable)
        {
            Problem = $"'{AskedFor}' {problem}.";
        }
        else
        {
            _names = await scopes.NamesAsync(Cancel);
            Trail = await explanations.OfAsync(comparable, VisibleScopes, SeesValues ? Actor : null, Cancel);
        }

        return Page();
    }
}
