using HokifyMessaging.Sandbox;

namespace HokifyMessaging.Service.Commands;

/// <summary><c>hokify sandbox</c>: a hokify that runs on this machine, until it is told to stop.</summary>
internal static class SandboxCommand
{
    private static readonly Option<int> Port =
        new Option<int>("--port") { Description = "The port on 127.0.0.1; 0 takes a free one.", DefaultValueFactory = _ => 5090 }.Between(0, 65_535);

    private static readonly Option<int> Applications = new Option<int>("--applications")
    {
        Description = "How many applications there are at the start, 0 to 100000000.",
        HelpName = "n",
        DefaultValueFactory = _ => 200,
    }.Between(0, 100_000_000);

    private static readonly Option<int> Seed = new("--seed") { Description = "Decides every name, date and answer.", HelpName = "n", DefaultValueFactory = _ => 1 };

    private static readonly Option<int> Jobs =
        new Option<int>("--jobs") { Description = "How many jobs they are for, 1 to 10000.", HelpName = "n", DefaultValueFactory = _ => 25 }.Between(1, 10_000);

    private static readonly Option<int> PageLimit = new Option<int>("--page-limit")
    {
        Description = "The most applications of one page; larger limits are cut to it.",
        HelpName = "n",
        DefaultValueFactory = _ => 100,
    }.Between(1, int.MaxValue);

    private static readonly Option<string> Mandator = new("--mandator") { Description = "Who may log in.", DefaultValueFactory = _ => "demo" };

    private static readonly Option<string> Token = new("--token") { Description = "The mandator's token; not a secret.", DefaultValueFactory = _ => "demo-token" };

    private static readonly Option<int> Scope = new("--scope")
    {
        Description = "The scope that the printed environment variables configure.",
        HelpName = "id",
        DefaultValueFactory = _ => 1,
    };

    private static readonly Option<bool> Json = new("--json") { Description = "Print address and environment variables as JSON." };

    public static Command Create()
    {
        var command = new Verb(
            "sandbox",
            "Runs a hokify with made-up applications on this machine",
            new VerbHelp(
                "Runs a hokify with made-up applications on this machine until it is told to stop: today's API and those of 2019 and 2018. Prints the environment variables by "
                + "which a scope reads from it. Under /sandbox its time is moved and faults are ordered (src/HokifyMessaging.Sandbox/README.md).")
            {
                EndsByItself = false,
                Examples =
                [
                    ("hokify sandbox", "200 applications on port 5090, for scope 1."),
                    ("hokify sandbox --port 0 --applications 5000 --scope 2 --json", "On a free port, for a script."),
                ],
                ExitCodes = [(ExitCode.Done, "it was told to stop"), (ExitCode.Failed, "it cannot start; the error stream says why")],
            })
        {
            Port, Applications, Seed, Jobs, PageLimit, Mandator, Token, Scope, Json,
        };
        command.SetAction((parsed, cancellationToken) => CommandErrors.GuardAsync(() => RunAsync(parsed, cancellationToken), cancellationToken, ExitCode.Done));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var options = new SandboxOptions
        {
            Port = parsed.GetValue(Port),
            Applications = parsed.GetValue(Applications),
            Seed = parsed.GetValue(Seed),
            Jobs = parsed.GetValue(Jobs),
            MaxLimit = parsed.GetValue(PageLimit),
            Mandators = [new SandboxMandator(parsed.GetValue(Mandator)!, parsed.GetValue(Token)!)],
        };
        try
        {
            await HokifySandbox.RunAsync(options, sandbox => Print(sandbox, options.Mandators[0], parsed.GetValue(Scope), parsed.GetValue(Json)), cancellationToken);
        }
        catch (IOException exception) when (ListenFault.Taken(exception, "choose another port with --port, or a free one with --port 0") is { } sentence)
        {
            throw new VerbException(sentence);
        }
        catch (ArgumentException exception)
        {
            // .NET adds the parameter's name to the sentence.
            throw new VerbException(exception.Message.Split(" (Parameter ")[0]);
        }

        return ExitCode.Done;
    }

    private static void Print(HokifySandbox sandbox, SandboxMandator mandator, int scope, bool json)
    {
        var environment = new Dictionary<string, string>
        {
            [$"Hokify__Scopes__{scope}__Name"] = "Sandbox",
            [$"Hokify__Scopes__{scope}__Source"] = nameof(SourceKind.AtsApi),
            [$"Hokify__Scopes__{scope}__AtsApi__BaseAddress"] = sandbox.AtsApi.ToString(),
            [$"Hokify__Scopes__{scope}__AtsApi__Mandator"] = mandator.Mandator,
            [$"Hokify__Scopes__{scope}__AtsApi__Token"] = mandator.Token,
        };
        if (json)
        {
            CommandHost.WriteJson(new { Address = sandbox.BaseAddress, sandbox.AtsApi, sandbox.AtsApiV1, sandbox.ExternApi, Environment = environment });
            return;
        }

        Terminal.Out.WriteLine(Counted.Text($"""
            A hokify with {sandbox.State().Applications} {sandbox.State().Applications:application|applications} listens on {sandbox.BaseAddress}
              today's API   {sandbox.AtsApi}
              that of 2019  {sandbox.AtsApiV1}
              that of 2018  {sandbox.ExternApi}

            To import from it as scope {scope}:
            """));
        foreach (var (name, value) in environment)
        {
            Terminal.Out.WriteLine($"export {name}='{value.Replace("'", "'\\''", StringComparison.Ordinal)}'");
        }

        Terminal.Out.WriteLine();
        Terminal.Out.WriteLine("Ctrl+C ends it.");
    }
}
