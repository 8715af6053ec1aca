using HokifyMessaging.Planning;
using HokifyMessaging.Storage;

namespace HokifyMessaging.Runs;

/// <summary>A request that has been checked and has a key.</summary>
/// <param name="IdempotencyKey">The run's identity within its scope.</param>
internal sealed record ImportRequest(
    string IdempotencyKey, int ScopeId, ImportMode ImportMode, decimal? UnixSecondsFrom, bool DryRun, string? RequestedBy)
{
    /// <summary>How many deletions are accepted whatever the guard says; null leaves it to the guard.</summary>
    public int? AllowDeletions { get; init; }

    /// <summary>Which plan is to be applied, and nothing else; null reads and writes what there is.</summary>
    public string? PlanDigest { get; init; }

    /// <summary>Whether it came without a key of its own, in its body or its header: then it is for no import in particular.</summary>
    public bool IsKeyless { get; init; }

    /// <summary>Whether the program sent it to itself, for a run that goes on. Such a one does not wake a run that was cancelled.</summary>
    public bool IsNudge { get; init; }

    /// <summary>The scope's note of the nudge (<see cref="Nudge.SentAt"/>); null for a request of others, and for a nudge that carries none.</summary>
    public DateTimeOffset? NudgedAt { get; init; }

    /// <summary>The trace in which its run was asked for, as a W3C <c>traceparent</c>; null for none, and for a request that has only just come.</summary>
    public string? TraceParent { get; init; }

    /// <summary>2000-01-01 UTC: hokify did not exist, so an earlier start is a mistake in the unit.</summary>
    private const decimal EarliestUnixSeconds = 946_684_800m;

    /// <summary>Nothing at hokify was changed before: whoever reads from here reads everything.</summary>
    public static readonly DateTimeOffset Earliest = DateTimeOffset.UnixEpoch.AddSeconds((double)EarliestUnixSeconds);

    /// <summary>How far a publisher's clock may run ahead of ours.</summary>
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromMinutes(5);

    /// <summary>Checks what was asked for.</summary>
    /// <exception cref="RequestRefusedException">With one sentence that says what is wrong and what would be right.</exception>
    public static ImportRequest From(HokifyImportRequested message, string idempotencyKey, IReadOnlyCollection<int> knownScopes, DateTimeOffset now)
    {
        if (KeyForm.Problem(idempotencyKey) is { } problem)
        {
            throw new RequestRefusedException(nameof(IdempotencyKey), $"The idempotency key {problem}.");
        }

        if (!knownScopes.Contains(message.ScopeId))
        {
            throw new RequestRefusedException(
                nameof(ScopeId),
                $"ScopeId {message.ScopeId} is not configured; " + (knownScopes.Count == 0
                    ? "no scope is configured under Hokify:Scopes."
                    : $"the configured scopes are {string.Join(", ", knownScopes.Order())}."));
        }

        if (!Enum.IsDefined(message.ImportMode))
        {
            throw new RequestRefusedException(nameof(ImportMode), $"ImportMode {(int)message.ImportMode} is unknown; it must be Incremental (0) or Full (1).");
        }

        if (message.UnixSecondsFrom is { } seconds)
        {
            if (message.ImportMode == ImportMode.Full)
            {
                throw new RequestRefusedException(nameof(UnixSecondsFrom), "UnixSecondsFrom goes with ImportMode Incremental; a Full import reads everything. Leave one of the two out.");
            }

            var latest = (decimal)(now + ClockTolerance).ToUnixTimeMilliseconds() / 1000m;
            if (seconds < EarliestUnixSeconds || seconds > latest)
            {
                throw new RequestRefusedException(nameof(UnixSecondsFrom), FormattableString.Invariant(
                    $"UnixSecondsFrom {seconds} lies {(seconds > latest ? "in the future" : "before the year 2000")}; it must be seconds since 1970-01-01 UTC, from {EarliestUnixSeconds} to now."));
            }
        }

        if (message.RequestedBy is { } requestedBy && RequesterProblem(requestedBy) is { } flaw)
        {
            throw new RequestRefusedException(nameof(RequestedBy), $"RequestedBy {flaw}.");
        }

        if (message.AllowDeletions is { } deletions)
        {
            RequireDeletions(message.ImportMode, deletions);
        }

        if (message.PlanDigest is { } digest)
        {
            RequirePlan(digest, message.DryRun);
        }

        return new ImportRequest(
            idempotencyKey, message.ScopeId, message.ImportMode, Stored(message.UnixSecondsFrom), message.DryRun,
            string.IsNullOrWhiteSpace(message.RequestedBy) ? null : message.RequestedBy)
        {
            AllowDeletions = message.AllowDeletions,
            PlanDigest = message.PlanDigest,
        };
    }

    private static void RequirePlan(string digest, bool isDryRun)
    {
        if (PlanHash.Problem(digest) is { } problem)
        {
            throw new RequestRefusedException(nameof(PlanDigest), $"PlanDigest {problem}.");
        }

        if (isDryRun)
        {
            throw new RequestRefusedException(nameof(PlanDigest), "PlanDigest has a plan applied, and DryRun writes nothing; leave one of the two out.");
        }
    }

    /// <summary>The request as its run is to carry it out: what it leaves out is as it was when the plan was made.</summary>
    /// <param name="plan">The dry run that has made the plan that is asked for.</param>
    /// <exception cref="RequestRefusedException">The plan is of something else, or not whole any more.</exception>
    public ImportRequest For(ImportRun plan)
    {
        if (plan.PlanForgottenAt is not null)
        {
            throw new RequestRefusedException(nameof(PlanDigest), "The plan of this PlanDigest is no longer whole, because somebody in it was erased or it was kept long enough; make a new one with a dry run.");
        }

        Require(nameof(ImportMode), ImportMode != default && ImportMode != plan.ImportMode, plan.ImportMode);
        Require(nameof(UnixSecondsFrom), UnixSecondsFrom is not null && UnixSecondsFrom != plan.UnixSecondsFrom, plan.UnixSecondsFrom);
        Require(nameof(AllowDeletions), AllowDeletions is not null && AllowDeletions != plan.AllowDeletions, plan.AllowDeletions);
        return this with { ImportMode = plan.ImportMode, UnixSecondsFrom = plan.UnixSecondsFrom, AllowDeletions = plan.AllowDeletions };

        static void Require(string member, bool isOther, object? planned)
        {
            if (isOther)
            {
                throw new RequestRefusedException(member, FormattableString.Invariant($"{member} is not as it was when the plan was made, which had {planned ?? "none"}; leave it out, or make another plan."));
            }
        }
    }

    private static void RequireDeletions(ImportMode mode, int deletions)
    {
        if (mode != ImportMode.Full)
        {
            throw new RequestRefusedException(nameof(AllowDeletions), $"AllowDeletions goes with ImportMode Full; an {mode} import does not look for what is gone. Ask for a Full import, or leave it out.");
        }

        if (deletions < 0)
        {
            throw new RequestRefusedException(nameof(AllowDeletions), FormattableString.Invariant($"AllowDeletions is {deletions}; it must be the number of applications that may be deleted, 0 or more."));
        }
    }

    /// <summary>What is wrong with who asks, as the rest of a sentence that begins with it; null when nothing is.</summary>
    /// <param name="requestedBy">Who asks, as the request says.</param>
    /// <param name="most">How many characters there is room for.</param>
    public static string? RequesterProblem(string requestedBy, int most = HokifyDbContext.RequestedByLength) => requestedBy.Length > most
        ? Counted.Text($"has {requestedBy.Length} characters; at most {most} {most:is|are} allowed")
        : VisibleText.Problem(requestedBy);

    /// <summary>As many digits as the database keeps, or the request would differ from its own run when it comes again.</summary>
    private static decimal? Stored(decimal? unixSeconds) =>
        unixSeconds is { } seconds ? decimal.Round(seconds, HokifyDbContext.UnixSecondsScale, MidpointRounding.ToZero) : null;

    /// <summary>The same request as a message: what the sweeper and the next slice send.</summary>
    public HokifyImportRequested ToMessage() => new()
    {
        IdempotencyKey = IdempotencyKey,
        ScopeId = ScopeId,
        ImportMode = ImportMode,
        UnixSecondsFrom = UnixSecondsFrom,
        DryRun = DryRun,
        // One that was stored when any text was taken in must not stop its own run.
        RequestedBy = RequestedBy is { } requestedBy ? VisibleText.Of(requestedBy, HokifyDbContext.RequestedByLength) : null,
        AllowDeletions = AllowDeletions,
        PlanDigest = PlanDigest,
    };

    /// <summary>The request that a run was made for.</summary>
    public static ImportRequest Of(ImportRun run) =>
        new(run.IdempotencyKey, run.ScopeId, run.ImportMode, run.UnixSecondsFrom, run.DryRun, run.RequestedBy)
        {
            AllowDeletions = run.AllowDeletions,
            PlanDigest = run.DryRun ? null : run.PlanDigest,
            TraceParent = run.TraceParent,
        };

    /// <summary>
    /// The members in which a known key's request differs from this one. Who asked is not part of what was asked.
    /// </summary>
    public IReadOnlyList<string> DifferencesFrom(ImportRun run)
    {
        var differences = new List<string>();
        var plan = run.DryRun ? null : run.PlanDigest;
        var isOfPlan = plan is not null && plan == PlanDigest;
        Compare(nameof(ImportMode), run.ImportMode, isOfPlan && ImportMode == default ? run.ImportMode : ImportMode);
        Compare(nameof(UnixSecondsFrom), run.UnixSecondsFrom, isOfPlan ? UnixSecondsFrom ?? run.UnixSecondsFrom : UnixSecondsFrom);
        Compare(nameof(DryRun), run.DryRun, DryRun);
        Compare(nameof(AllowDeletions), run.AllowDeletions, isOfPlan ? AllowDeletions ?? run.AllowDeletions : AllowDeletions);
        Compare(nameof(PlanDigest), plan, PlanDigest);
        return differences;

        void Compare<T>(string member, T known, T asked)
        {
            if (!EqualityComparer<T>.Default.Equals(known, asked))
            {
                differences.Add(FormattableString.Invariant($"{member} (was {Text(known)}, now {Text(asked)})"));
            }
        }

        static object Text<T>(T value) => value is null ? "nothing" : value;
    }
}

/// <summary>The request cannot be carried out as it is, now or later: a fault without retry, and nothing is written.</summary>
/// <param name="member">The member of the request that is wrong.</param>
/// <param name="message">The sentence.</param>
internal sealed class RequestRefusedException(string member, string message) : Exception(VisibleText.Of(message))
{
    /// <summary>The member of the request that is wrong, as the contract names it.</summary>
    public string Member { get; } = member;
}

/// <summary>The key is known with another request of the same scope.</summary>
/// <param name="message">The sentence; it tells of that run.</param>
internal sealed class IdempotencyKeyReusedException(string message) : Exception(VisibleText.Of(message));
