using HokifyMessaging.Runs;
using HokifyMessaging.Runs.Queries;
using HokifyMessaging.Service.Screens;
using HokifyMessaging.Storage;

namespace HokifyMessaging.Service.Commands;

/// <summary><c>hokify runs plan</c>: what a dry run would do, field by field.</summary>
internal static class RunsPlanCommand
{
    private static readonly Option<int> Limit =
        new Option<int>("--limit") { Description = "The most to list, 1 to 10000.", HelpName = "n", DefaultValueFactory = _ => 100 }.Between(1, 10_000);

    private static readonly Option<long> After = new("--after") { Description = "Only what comes behind this number.", HelpName = "number" };

    private static readonly Option<PlannedChange?> Change = new("--change") { Description = "Only what would be done so." };

    private static readonly Option<bool> Differences = new("--differences") { Description = "Only that in which it differs from the plan that was to be applied." };

    public static Command Create()
    {
        var command = new Verb(
            "plan",
            "Shows what a dry run would do, field by field",
            new VerbHelp(
                "Shows what a dry run would do: what would be created, updated, deleted and refused, and each field with what is there and what would be. 'hokify request --plan' with "
                + "its digest has exactly this applied. Of a run that was to apply a plan, it shows what that run has planned itself. It has values of people, and the look is in the audit log.")
            {
                Examples =
                [
                    ("hokify runs plan nightly-dry", "By its key; an id will do as well."),
                    ("hokify runs plan nightly-dry --change Updated --json", "What would be updated, for a script."),
                    ("hokify runs plan apply-1 --differences", "Why a plan was not applied."),
                ],
                ExitCodes = [(ExitCode.Done, "shown"), (ExitCode.Failed, "there is no such run, it has no plan, or the database cannot be read")],
            })
        {
            RunsCommand.IdOrKey, RunsCommand.ScopeOfKey, Change, Differences, After, Limit,
        };
        command.SetAction((parsed, cancellationToken) => CommandErrors.GuardAsync(
            () => RunAsync(
                RunName.Of(parsed),
                new PlanFilter { After = parsed.GetValue(After), Change = parsed.GetValue(Change), OnlyDifferences = parsed.GetValue(Differences), Limit = parsed.GetValue(Limit) },
                parsed.GetValue(RunsCommand.Json),
                cancellationToken),
            cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(RunName name, PlanFilter filter, bool json, CancellationToken cancellationToken)
    {
        using var host = CommandHost.BuildWithDatabase();
        var run = (await name.FindAsync(host, cancellationToken)).Summary;
        var plans = host.Services.GetRequiredService<PlanQueries>();
        if (await plans.FindAsync(run.RunId, cancellationToken) is not { } plan)
        {
            throw new VerbException($"Run {run.RunId} has no plan: it is no dry run, and applies none. 'hokify request --dry-run' makes one.");
        }

        await host.Services.GetRequiredService<AuditLog>().NoteAsync(Actor.OfUser(), Deed.ShowPlan(plan.ScopeId, plan.RunId), cancellationToken);
        var entries = await plans.EntriesAsync(run.RunId, filter, cancellationToken);
        if (json)
        {
            CommandHost.WriteJson(new { plan.RunId, PlanDigest = plan.Digest, plan.CanBeApplied, plan.ForgottenAt, Items = entries });
        }
        else
        {
            PlanScreen.Show(Terminal.Screen(), plan, entries, filter);
        }

        return ExitCode.Done;
    }
}
