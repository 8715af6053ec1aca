using System.Text.Json;
using HokifyMessaging.IntegrationTests.Processes;
using HokifyMessaging.Sandbox;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.IntegrationTests.Monitoring;

/// <summary>The log as a program reads it.</summary>
public sealed class JsonLogTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_line_is_an_object_those_of_an_import_have_its_run_and_scope_and_none_has_a_value_of_an_applicant()
    {
        await using var site = await Installation.StartAsync(applications: 20);
        site.Settings["Logging:Console:FormatterName"] = "json";
        site.Settings["Logging:LogLevel:HokifyMessaging"] = "Debug";
        site.Sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.InternalServerError) { After = 1 });
        site.Sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.BrokenBirthday) { Times = 2 });
        var worker = await site.ServeAsync();
        await worker.UntilLineAsync("Application started");
        await site.Database.QueueFullAsync("logged");
        await worker.UntilAsync(() => site.Database.IsAnnouncedAsync("logged"), "the run is completed and announced");
        Assert.Equal(0, await worker.TerminateAsync());

        var run = (await site.Database.RunAsync("logged")).Id.ToString();
        var lines = worker.Lines.Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.All(lines, line => Assert.Matches("^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}\\.\\d{3}Z$", line.GetProperty("Timestamp").GetString()!));
        var begun = lines.FindIndex(line => Message(line).StartsWith($"Run {run} of scope 1 begins", StringComparison.Ordinal));
        var ended = lines.FindIndex(line => Message(line).StartsWith($"Run {run} completed", StringComparison.Ordinal));
        Assert.InRange(begun, 0, ended - 5);
        var within = lines[begun..(ended + 1)].Where(line => line.GetProperty("Category").GetString()!.StartsWith("HokifyMessaging.", StringComparison.Ordinal)
            && !line.GetProperty("Category").GetString()!.Contains("Sweeper", StringComparison.Ordinal)).ToList();
        Assert.All(within, line => Assert.Contains(line.GetProperty("Scopes").EnumerateArray().Append(line.GetProperty("State")), values =>
            values.TryGetProperty("RunId", out var id) && id.ToString() == run && values.TryGetProperty("ScopeId", out var number) && number.ToString() == "1"));
        Assert.Contains(within, line => line.GetProperty("Category").GetString()!.Contains("Reading.Http", StringComparison.Ordinal));
        Assert.Contains(within, line => Message(line).Contains("the next one follows in", StringComparison.Ordinal));

        var people = await site.Database.QueryAsync(db => db.Candidates.AsNoTracking().ToListAsync(Cancel));
        var values = people.SelectMany(person => new[] { person.Columns.Email, person.Columns.LastName, person.Columns.FirstName }).OfType<string>().Where(value => value.Length > 3).Distinct().ToList();
        Assert.True(values.Count > 20);
        Assert.All(values, value => Assert.DoesNotContain(value, worker.Output, StringComparison.Ordinal));
    }

    private static string Message(JsonElement line) => line.GetProperty("Message").GetString()!;
}
