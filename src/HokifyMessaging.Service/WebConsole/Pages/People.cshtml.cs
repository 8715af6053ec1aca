using HokifyMessaging.Privacy;
using HokifyMessaging.Runs.Queries;
using HokifyMessaging.Service.Http;
using HokifyMessaging.Service.Http.Keys;
using HokifyMessaging.Service.Http.People;
using Microsoft.AspNetCore.Mvc;

namespace HokifyMessaging.Service.WebConsole.Pages;

/// <summary>Somebody wants to know what is stored about them, or to be erased. Whoever is named stands in forms and never in an address.</summary>
internal sealed class PeopleModel(
    PeopleFinder finder, ErasureRequests requests, AskedErasures erasures, PeopleExport export, PeopleExports exports, ScopeQueries scopes) : ConsolePage
{
    private const string Address = "/console/people";
    private const int Listed = 20;

    public IReadOnlyList<(int Id, string Name)> Scopes { get; private set; } = [];

    public IReadOnlyList<ErasureView> Erasures { get; private set; } = [];

    /// <summary>Who was looked for; null before.</summary>
    public FoundPeople? Found { get; private set; }

    /// <summary>What is wrong with what was asked for.</summary>
    public string? Problem { get; private set; }

    public (int ScopeId, NamedBy By, string? Value) Named { get; private set; } = (1, NamedBy.Application, null);

    public bool MaySeeValues => May(Rights.Personal);

    public async Task<IActionResult> OnGetAsync()
    {
        Asked();
        return await ShowAsync();
    }

    public async Task<IActionResult> OnPostFindAsync(string? scopeId, string? by, string? value)
    {
        await FindAsync(scopeId, by, value);
        return await ShowAsync();
    }

    public async Task<IActionResult> OnPostEraseAsync(string? scopeId, string? by, string? value, string? reason, string? sure, string? all)
    {
        if (!await FindAsync(scopeId, by, value))
        {
            return await ShowAsync();
        }

        reason = string.IsNullOrWhiteSpace(reason) ? null : reason.Trim();
        Problem = sure is null ? T["Nothing was erased: tick that it cannot be taken back.", "Es wurde nichts gelöscht: Bestätigen Sie, dass es sich nicht zurücknehmen lässt."]
            : reason is not null && ErasureAsker.ProblemOf(reason) is { } wrong ? T[$"The reason {wrong}.", $"Der Grund passt nicht: {wrong}."]
            : null;
        if (Problem is not null)
        {
            return await ShowAsync();
        }

        switch (ErasureChoice.Of(Found!, all is not null, await requests.WereMadeAsync(Found!.ScopeId, Found.Asked, Cancel)))
        {
            case ErasureChoice.Chosen(var people):
                return Told(Said(await erasures.CarryOutAsync(Found, people, Actor, reason, Cancel)), Address);
            case ErasureChoice.Refused(var sentence):
                Problem = sentence;
                return await ShowAsync();
            default:
                throw new InvalidOperationException("There is no other choice.");
        }
    }

    public async Task<IActionResult> OnPostExportAsync(string? scopeId, string? by, string? value, string? format)
    {
        if (!MaySeeValues)
        {
            return Refused($"The API key '{User.KeyName()}' lacks the right '{Rights.Personal}'.", $"Dem API-Schlüssel '{User.KeyName()}' fehlt das Recht '{Rights.Personal}'.");
        }

        if (!await FindAsync(scopeId, by, value) || Found!.People.Count == 0)
        {
            return await ShowAsync();
        }

        if (exports.Enter(HttpContext) is { } full)
        {
            await full.ExecuteAsync(HttpContext);
            return new EmptyResult();
        }

        var chosen = new PeopleFormat(format == PeopleFormat.Json ? PeopleFormat.Json : PeopleFormat.Html, T.Language);
        var document = await export.MakeAsync(Found, chosen, Actor, Cancel);
        Response.ContentType = chosen.Name == PeopleFormat.Html ? "text/html; charset=utf-8" : "application/json; charset=utf-8";
        Response.Headers.ContentDisposition = $"attachment; filename=hokify-person.{chosen.Name}";
        await export.WriteAsync(document, chosen, Response.Body, Cancel);
        return new EmptyResult();
    }

    private string Said(ErasureView request) => request switch
    {
        { CompletedAt: not null } => T.Of(
            $"Erased: {request.People:N0} {request.People:person|people}, {request.Applications:N0} {request.Applications:application|applications}, {request.Waiting:N0} {request.Waiting:record|records} that waited. No import brings them back.",
            $"Gelöscht: {request.People:N0} {request.People:Person|Personen}, {request.Applications:N0} {request.Applications:Bewerbung|Bewerbungen}, {request.Waiting:N0} {request.Waiting:wartender Datensatz|wartende Datensätze}. Kein Import bringt sie zurück."),
        { DueAt: { } due } => T[$"Something forbids it now; it is carried out by itself at {T.Exact(due)}.", $"Jetzt steht dem etwas entgegen; es wird um {T.Exact(due)} von selbst ausgeführt."],
        _ => T["It is stored, and carried out by itself as soon as nothing stands in its way: an import at work, or a hold.", "Es ist vermerkt und wird von selbst ausgeführt, sobald nichts mehr im Weg steht: ein laufender Import oder eine Löschsperre."],
    };

    /// <returns>Whether somebody was looked for.</returns>
    private async Task<bool> FindAsync(string? scopeId, string? by, string? value)
    {
        var scope = User.ScopeNamedBy("scopeId", scopeId) ?? 1;
        User.RequireScope("scopeId", scope);
        var named = QueryText.OneOf<NamedBy>("by", by) ?? NamedBy.Application;
        Named = (scope, named, value?.Trim());
        if (NamedPerson.TryRead(named, value ?? "", out var problem) is not { } person)
        {
            Problem = T[$"What you gave {problem}.", $"Das passt nicht: {problem}."];
            return false;
        }

        Found = await finder.FindAsync(scope, person, Cancel);
        return true;
    }

    private async Task<IActionResult> ShowAsync()
    {
        Scopes = [.. (await scopes.NamesAsync(Cancel)).Where(scope => VisibleScopes?.Contains(scope.Id) ?? true)];
        Erasures = await requests.ListAsync(new ErasureFilter { ScopeIds = VisibleScopes, Limit = Listed }, Cancel) ?? [];
        Response.StatusCode = Problem is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest;
        return Page();
    }
}
