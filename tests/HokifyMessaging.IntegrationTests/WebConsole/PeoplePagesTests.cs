using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.IntegrationTests.WebConsole;

/// <summary>Somebody wants to know what is stored about them, or to be erased.</summary>
[Collection(ConsoleTests.Name)]
public sealed class PeoplePagesTests(ConsoleBrowser browser, FilledConsole console)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Somebody_is_found_handed_what_is_stored_and_erased_and_no_address_names_them(bool hasScript)
    {
        await using var visit = await console.VisitAsync(browser, new ConsoleLook { HasScript = hasScript });
        var mail = hasScript ? "two@people.example" : "both@people.example";
        var people = await TwoWithAsync(mail);
        await visit.GoAsync("/console/people");
        await visit.CheckAsync();

        await FindAsync("Address", "nobody at all");
        await visit.SeesAsync("[role=alert]");
        visit.Complaints.Clear();
        await visit.CheckAsync();
        await FindAsync("Application", "nobody-1");
        await visit.SeesAsync("text=Nobody is stored by that");
        await visit.CheckAsync();
        await FindAsync("Address", mail);
        await visit.SeesAsync("text=2 found");
        await visit.CheckAsync();
        await visit.KeepAsync(hasScript ? "people-found" : "people-found-no-script");

        await visit.ChooseAsync(("format", "json"));
        var file = await File.ReadAllTextAsync(await visit.DownloadAsync("form[action$=export] button"), Cancel);
        Assert.All(people, person => Assert.Contains(person.ReferenceId, file, StringComparison.Ordinal));

        // An import at work, such as another test asked for, would have its turn first.
        await console.Site.UntilAsync(
            () => console.Site.Database.QueryAsync(db => db.ImportRuns.AllAsync(run => run.ScopeId != 1 || (run.State != RunState.Queued && run.State != RunState.Running && run.State != RunState.Interrupted), Cancel)),
            "no import of the scope is at work");
        await visit.FillAsync(("reason", "asked by letter"));
        await visit.CheckBoxAsync("all");
        await visit.CheckBoxAsync("sure");
        await visit.ClickAsync("form[action$=erase] button");
        await visit.SeesAsync("text=Erased: 2 people");
        await visit.SeesAsync("text=asked by letter");
        await visit.CheckAsync();
        Assert.EndsWith("/console/people", visit.Page.Url, StringComparison.Ordinal);
        Assert.Equal(0, await console.Site.Database.QueryAsync(db => db.Candidates.CountAsync(one => one.Columns.Email == mail, Cancel)));
        Assert.False(await console.Site.Database.QueryAsync(db => db.Audit.AnyAsync(one => one.Detail.Contains(mail), Cancel)));

        async Task FindAsync(string by, string value)
        {
            await visit.ChooseAsync(("scopeId", "1"), ("by", by));
            await visit.FillAsync(("value", value));
            await visit.ClickAsync("form[action$=find] button");
        }
    }

    /// <summary>Gives two of the people that are stored the same address, as members of a family have it.</summary>
    private Task<List<Candidate>> TwoWithAsync(string mail) => console.Site.Database.QueryAsync(async db =>
    {
        var people = await db.Candidates.Where(one => one.ScopeId == 1 && one.Columns.Email != null && !one.Columns.Email.EndsWith("people.example")).OrderBy(one => one.Id).Take(2).ToListAsync(Cancel);
        var ids = people.ConvertAll(one => one.Id);
        Assert.Equal(2, await db.Candidates.Where(one => ids.Contains(one.Id)).ExecuteUpdateAsync(set => set.SetProperty(one => one.Columns.Email, mail), Cancel));
        return people;
    });
}
