namespace HokifyMessaging.Service.Commands;

/// <summary>What a verb that asks for an import is asked for: the members of a request, as options.</summary>
internal static class RequestOptions
{
    public static readonly Option<int> Scope = new("--scope") { Description = "The scope to import.", HelpName = "id", DefaultValueFactory = _ => 1 };

    public static readonly Option<ImportMode> Mode = new("--mode")
    {
        Description = "Incremental reads what is new or changed; Full reads everything and deletes what hokify no longer has.",
        DefaultValueFactory = _ => ImportMode.Incremental,
    };

    public static readonly Option<decimal?> From = new("--from")
    {
        Description = "Where an incremental import begins, in seconds since 1970-01-01 UTC; fractions count. Default: where the last one ended.",
        HelpName = "seconds",
        CustomParser = argument =>
        {
            if (decimal.TryParse(argument.Tokens[0].Value, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seconds))
            {
                return seconds;
            }

            argument.AddError("--from must be a number of seconds since 1970-01-01 UTC, such as 1771077762.5.");
            return null;
        },
    };

    public static readonly Option<string?> Key = NotBlank(new("--key")
    {
        Description = "The idempotency key, at most 200 characters: the same key again never imports twice, it has the stored result announced again. Default: a new one.",
    });

    public static readonly Option<bool> DryRun = new("--dry-run") { Description = "Read, plan and count, but write no applicant." };

    public static readonly Option<int?> AllowDeletions = new Option<int?>("--allow-deletions")
    {
        Description = "How many applications a full import may delete although the deletion guard would refuse it.",
        HelpName = "count",
    }.AtLeastZero();

    public static readonly Option<string?> Plan = new("--plan")
    {
        Description = "Apply exactly the plan that a dry run has made, by its digest; refused where hokify or the database has moved since.",
        HelpName = "digest",
    };

    public static readonly Option<string?> RequestedBy = new("--requested-by") { Description = "Who or what asks; a system or a role rather than a person.", HelpName = "who" };

    /// <summary>Adds them to a verb.</summary>
    public static void AddTo(Command command)
    {
        foreach (var option in new Option[] { Scope, Mode, From, Key, DryRun, AllowDeletions, Plan, RequestedBy })
        {
            command.Options.Add(option);
        }
    }

    /// <summary>The request that the options ask for; one without a key gets a new one, which names the verb.</summary>
    public static HokifyImportRequested Of(ParseResult parsed) => new()
    {
        ScopeId = parsed.GetValue(Scope),
        ImportMode = parsed.GetValue(Mode),
        UnixSecondsFrom = parsed.GetValue(From),
        IdempotencyKey = parsed.GetValue(Key) ?? $"{parsed.CommandResult.Command.Name}-{Guid.NewGuid()}",
        DryRun = parsed.GetValue(DryRun),
        RequestedBy = parsed.GetValue(RequestedBy),
        AllowDeletions = parsed.GetValue(AllowDeletions),
        PlanDigest = parsed.GetValue(Plan),
    };

    /// <summary>The options that ask for the same again, under the same key.</summary>
    public static string Text(HokifyImportRequested request)
    {
        var options = new List<string> { string.Create(CultureInfo.InvariantCulture, $"--scope {request.ScopeId}") };
        if (request.ImportMode != ImportMode.Incremental)
        {
            options.Add($"--mode {request.ImportMode}");
        }

        if (request.UnixSecondsFrom is { } from)
        {
            options.Add(string.Create(CultureInfo.InvariantCulture, $"--from {from}"));
        }

        if (request.DryRun)
        {
            options.Add("--dry-run");
        }

        if (request.AllowDeletions is { } deletions)
        {
            options.Add(string.Create(CultureInfo.InvariantCulture, $"--allow-deletions {deletions}"));
        }

        if (request.PlanDigest is { } plan)
        {
            options.Add($"--plan {Terminal.Argument(plan)}");
        }

        options.Add($"--key {Terminal.Argument(request.IdempotencyKey!)}");
        return string.Join(' ', options);
    }

    private static Option<int?> AtLeastZero(this Option<int?> option)
    {
        option.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var text }] && int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number < 0)
            {
                result.AddError(string.Create(CultureInfo.InvariantCulture, $"{option.Name} is {number}; it must be 0 or more."));
            }
        });
        return option;
    }

    private static Option<string?> NotBlank(Option<string?> option)
    {
        option.Validators.Add(result =>
        {
            if (string.IsNullOrWhiteSpace(result.GetValue(option)))
            {
                result.AddError($"{option.Name} must not be blank; leave it out for a new key.");
            }
        });
        return option;
    }
}
