using HokifyMessaging.Receiving;
using HokifyMessaging.Results;
using HokifyMessaging.Runs.Queries;
using HokifyMessaging.Service.Http;
using HokifyMessaging.Service.Http.Downloads;
using HokifyMessaging.Service.Http.Keys;
using HokifyMessaging.Storage;
using HokifyMessaging.Waiting;
using Microsoft.AspNetCore.Mvc;

namespace HokifyMessaging.Service.WebConsole.Pages;

/// <summary>One run, and what can be done with it.</summary>
internal sealed class RunModel(RunQueries runs, ImportRequests imports, TriesNow tries, FasterHands faster, ScopeQueries scopes, SpooledFiles files, IOptions<HttpOptions> options) : ConsolePage
{
    private const int PageSize = 50;

    public RunDetails Run { get; private set; } = null!;

    public RunSummary Summary => Run.Summary;

    public string ScopeName { get; private set; } = "";

    public IReadOnlyList<RunRecord> Records { get; private set; } = [];

    public string? Next { get; private set; }

    /// <summary>How many records a full import of the scope brought the last time: how far this one has come can be told by it. Null where nobody knows.</summary>
    public int? Expected { get; private set; }

    public Func<string, string?> Filter { get; private set; } = _ => null;

    public bool IsStopping => Run.CancelRequestedAt is not null && Summary.State == RunState.Running;

    public bool MayCancel => May(Rights.Operate) && !IsStopping && Summary.State is not (RunState.Completed or RunState.Cancelled);

    public bool MayResume => May(Rights.Import) && Summary.State is RunState.Failed or RunState.Cancelled;

    public bool MayAnnounce => May(Rights.Operate) && Summary.State == RunState.Completed;

    public bool MayRetry => May(Rights.Operate) && Run.Waiting.Any(record => record.Parked);

    public string Stand { get; private set; } = "";

    public async Task<IActionResult> OnGetAsync(Guid id)
    {
        Filter = Asked("outcome", "referenceId", "after");
        return await FindAsync(id) ? await ShowAsync() : NoSuchRun();
    }

    /// <summary>The whole event, which may be longer than a page.</summary>
    public async Task<IActionResult> OnGetEventAsync(Guid id) =>
        await FindAsync(id) && Run.CompletedEvent is { } stored ? Content(stored, "application/json") : NoSuchRun();

    /// <summary>The run's rows, as the API hands them out: masked for who may not see values of people, and noted.</summary>
    public async Task<IActionResult> OnGetFileAsync(Guid id, string? format)
    {
        if (!await FindAsync(id) || await files.FindAsync(id, ResultFormat.FileOf(format, RunFileFormat.Csv, RunFileFormat.CsvForSpreadsheets, RunFileFormat.Workbook), User.AsFileReader(), Cancel) is not { } version)
        {
            return NoSuchRun();
        }

        await (await files.AnswerAsync(HttpContext, version, Actor, Cancel)).ExecuteAsync(HttpContext);
        return new EmptyResult();
    }

    public Task<IActionResult> OnPostCancelAsync(Guid id, string? stand) => PressAsync(id, Rights.Operate, stand, AuditAction.CancelImport, async () =>
        await imports.CancelAsync(id, Actor, Cancel) switch
        {
            RunState.Completed => T["It had ended already; nothing was left to cancel.", "Er war schon zu Ende; es gab nichts mehr abzubrechen."],
            RunState.Cancelled => T["Cancelled. Its request can have it go on from where it stopped.", "Abgebrochen. Er kann von dort weitermachen, wo er aufgehört hat."],
            _ => T["It stops at its next checkpoint.", "Er hält am nächsten Haltepunkt an."],
        });

    public Task<IActionResult> OnPostResumeAsync(Guid id, string? stand) => PressAsync(id, Rights.Import, stand, AuditAction.ResumeImport, async () =>
        await imports.ResumeAsync(id, options.Value.Limits.PlaceOf(User), Cancel)
            ? T["It goes on from its checkpoint as soon as it is its turn.", "Er macht von seinem Haltepunkt weiter, sobald er an der Reihe ist."]
            : null);

    public Task<IActionResult> OnPostAnnounceAsync(Guid id, string? stand) => PressAsync(id, Rights.Operate, stand, AuditAction.AnnounceImport, async () =>
        await imports.AnnounceAgainAsync(id, Actor, Cancel) ? T["Its event was published again.", "Sein Ereignis wurde noch einmal veröffentlicht."] : null);

    public Task<IActionResult> OnPostRetryAsync(Guid id, string? stand) => PressAsync(id, Rights.Operate, stand, AuditAction.RetryRecords, async () =>
        await tries.TryAsync(new WaitingFilter { ScopeIds = [Summary.ScopeId], Status = ActivityStatus.Parked, RunId = id }, Actor, CancellationToken.None) is { Waiting.Done: > 0 } tried
            ? WaitingWords.Tried(T, tried)
            : null);

    private async Task<IActionResult> PressAsync(Guid id, string right, string? stand, AuditAction deed, Func<Task<string?>> press)
    {
        if (!await FindAsync(id))
        {
            return NoSuchRun();
        }

        if (!May(right))
        {
            return Refused($"The API key '{User.KeyName()}' lacks the right '{right}'.", $"Dem API-Schlüssel '{User.KeyName()}' fehlt das Recht '{right}'.");
        }

        var done = await faster.OfAsync(T, stand, deed, Summary.ScopeId, id.ToString(), Cancel)
            ?? await press()
            ?? T["Nothing was done: the run has gone on since the page was shown.", "Es wurde nichts getan: Der Lauf ist weiter, seit die Seite gezeigt wurde."];
        return Told(done, WebConsolePath.Run(id));
    }

    private async Task<bool> FindAsync(Guid id)
    {
        if (!await runs.IsThereAsync(id, VisibleScopes, Cancel) || await runs.FindAsync(id, Cancel) is not { } run)
        {
            return false;
        }

        Run = run.ShownTo(User);
        return true;
    }

    private async Task<IActionResult> ShowAsync()
    {
        var filter = new RecordFilter
        {
            Outcome = QueryText.OneOf<RecordOutcome>("outcome", Filter("outcome")),
            ReferenceId = Filter("referenceId"),
            After = QueryText.Position("after", Filter("after")),
            Limit = PageSize + 1,
        };
        var found = await runs.RecordsAsync(Summary.RunId, filter, Cancel);
        Records = [.. found.Take(PageSize)];
        Next = found.Count > PageSize ? Request.Next("after", Records[^1].Id.ToString(CultureInfo.InvariantCulture)) : null;
        Expected = Summary.CompletedAt is null ? await runs.ExpectedAsync(Run.Request, Cancel) : null;
        Stand = await faster.StandAsync(Cancel);
        ScopeName = (await scopes.NamesAsync(Cancel)).FirstOrDefault(scope => scope.Id == Summary.ScopeId).Name;
        return Page();
    }

    private IActionResult NoSuchRun() => NotThere("There is no such run, or the API key may not see it.", "Diesen Lauf gibt es nicht, oder der API-Schlüssel darf ihn nicht sehen.");
}
