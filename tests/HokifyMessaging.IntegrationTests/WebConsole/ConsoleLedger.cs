using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.RegularExpressions;
using HokifyMessaging.IntegrationTests.WebConsole;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Playwright;

[assembly: AssemblyFixture(typeof(ConsoleLedger))]

namespace HokifyMessaging.IntegrationTests.WebConsole;

/// <summary>What the visits of all tests together were offered by the pages that they checked, and what of it they made use of: <see cref="CompletenessTests"/> compares.</summary>
public sealed partial class ConsoleLedger
{
    /// <summary>What the page offers at this moment. Names of fields hide members of their form of the same name, so these are read as attributes.</summary>
    private const string Inventory = """
        () => {
          const offers = [];
          const add = (method, address, part) => offers.push([method.toUpperCase(), new URL(address, location.href).href, part]);
          for (const form of document.forms) {
            const [method, action] = [form.getAttribute('method') ?? 'get', form.getAttribute('action') ?? location.pathname];
            for (const one of form.elements) {
              if (one.matches('input:not([type=hidden]), select, textarea')) {
                add(method, action, one.name);
              } else if (one.matches('button') && one.type === 'submit') {
                add(method, one.getAttribute('formaction') ?? action, one.name ? one.name + '=' + one.value : '');
              }
            }
          }

          for (const link of document.links) {
            if (link.origin === location.origin && !link.getAttribute('href').startsWith('#')) {
              add('get', link.href, '');
            }
          }

          for (const details of document.querySelectorAll('details')) {
            add(details.open ? 'opened' : 'open', location.href, details.id);
          }

          for (const button of document.querySelectorAll('[data-copy]:not([hidden])')) {
            add(button.textContent === button.dataset.done ? 'copied' : 'copy', location.href, button.dataset.copy);
          }

          return JSON.stringify(offers);
        }
        """;

    private readonly ConcurrentDictionary<(bool HasScript, ConsoleOffer Offer), byte> _offered = new();
    private readonly ConcurrentDictionary<(bool HasScript, ConsoleOffer Offer), byte> _used = new();
    private readonly ConcurrentDictionary<(string Page, string State, ConsoleLook Look), byte> _checked = new();
    private readonly ConcurrentDictionary<string, byte> _drivers = new();

    /// <summary>The test classes that have opened the console.</summary>
    internal IReadOnlyCollection<string> Drivers => [.. _drivers.Keys];

    internal IReadOnlyCollection<(string Page, string State, ConsoleLook Look)> Checked => [.. _checked.Keys];

    internal IReadOnlySet<ConsoleOffer> Offered(bool hasScript) => Of(_offered, hasScript);

    internal IReadOnlySet<ConsoleOffer> Used(bool hasScript) => Of(_used, hasScript);

    internal void NoteDriver() => _drivers[TestContext.Current.TestClass!.TestClassName] = 0;

    /// <summary>Notes what the browser has asked for, once there is an answer that does it: a button that was refused does not count as pressed.</summary>
    internal void NoteAnswer(bool hasScript, IResponse answer)
    {
        var request = answer.Request;
        if (!request.IsNavigationRequest || answer.Status >= (request.Method == "POST" ? 400 : 500))
        {
            return;
        }

        var form = request.PostData is { } sent ? FormOf(sent) : [];
        Note(_used, hasScript, ConsoleMap.OffersAt(request.Method, new Uri(request.Url), form));
    }

    /// <summary>Notes what a page offers.</summary>
    internal async Task NotePageAsync(IPage page, ConsoleLook look)
    {
        foreach (var one in JsonSerializer.Deserialize<string[][]>(await page.EvaluateAsync<string>(Inventory))!)
        {
            var (method, address, part) = (one[0], new Uri(one[1]), one[2]);
            switch (method)
            {
                case "OPENED" or "COPIED":
                    Note(_used, look.HasScript, ConsoleMap.OffersAt(method == "OPENED" ? "OPEN" : "COPY", Bare(address)).Select(offer => offer with { Part = part }));
                    break;
                case "OPEN" or "COPY":
                    Note(_offered, look.HasScript, ConsoleMap.OffersAt(method, Bare(address)).Select(offer => offer with { Part = part }));
                    break;
                default:
                    // A link counts with the names of what it asks for, and one that does something with its values; where a form leads is no field of its own.
                    var offers = ConsoleMap.OffersAt(method, address);
                    Note(_offered, look.HasScript, offers.Where(offer => method == "GET" && (offer.Handler.Length > 0 || !offer.Part.Contains('=', StringComparison.Ordinal))));
                    var (name, value) = part.Split('=', 2) is [var n, var v] ? (n, v) : (part, "");
                    Note(_offered, look.HasScript, offers.Where(offer => offer.Part.Length == 0).Select(offer => offer with { Part = ConsoleMap.WithWord(name, value) }));
                    break;
            }
        }
    }

    /// <summary>Notes that a page was checked in each of the states that it shows.</summary>
    internal async Task NoteCheckedAsync(IPage page, ConsoleLook look)
    {
        // An error stands at the address of whatever went wrong, and says its number.
        if (await page.TitleAsync() is var title && ErrorTitle().Match(title) is { Success: true } error)
        {
            _checked[(ConsoleStates.Error, error.Value.Split(' ')[1], look)] = 0;
            return;
        }

        if (ConsoleMap.PageAt(new Uri(page.Url)) is not { } name)
        {
            return;
        }

        _checked[(name, "", look)] = 0;
        foreach (var (state, selector) in ConsoleStates.Of(name))
        {
            if (await page.Locator(selector).CountAsync() > 0)
            {
                _checked[(name, state, look)] = 0;
            }
        }
    }

    [GeneratedRegex("^(Error|Fehler) [0-9]{3}")]
    private static partial Regex ErrorTitle();

    private static Uri Bare(Uri address) => new(address.GetLeftPart(UriPartial.Path));

    private static IEnumerable<KeyValuePair<string, string>> FormOf(string sent)
    {
        using var reader = new FormReader(sent);
        return [.. reader.ReadForm().SelectMany(one => one.Value.Select(value => KeyValuePair.Create(one.Key, value ?? "")))];
    }

    private static void Note(ConcurrentDictionary<(bool HasScript, ConsoleOffer Offer), byte> to, bool hasScript, IEnumerable<ConsoleOffer> offers)
    {
        foreach (var offer in offers)
        {
            to[(hasScript, offer)] = 0;
        }
    }

    private static HashSet<ConsoleOffer> Of(ConcurrentDictionary<(bool HasScript, ConsoleOffer Offer), byte> notes, bool hasScript) =>
        [.. notes.Keys.Where(note => note.HasScript == hasScript).Select(note => note.Offer)];
}
