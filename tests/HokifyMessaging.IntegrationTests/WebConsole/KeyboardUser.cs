using System.Text.Json;
using Microsoft.Playwright;

namespace HokifyMessaging.IntegrationTests.WebConsole;

/// <summary>Somebody who has no mouse, or cannot use one: they press keys, and must see at each step where they are.</summary>
internal sealed class KeyboardUser(IPage page)
{
    private const int MostSteps = 200;

    /// <summary>Fields of several parts, such as a date, have as many stops and are one element.</summary>
    private const int MostStopsOfAField = 8;

    /// <summary>What has the focus, and whether anybody could tell: an outline around it, a part of it in the window, and nothing in front of it.</summary>
    private const string Stop = """
        () => {
          const one = document.activeElement;
          if (!one || one === document.body || one === document.documentElement) {
            return JSON.stringify({ Place: -1, Name: 'the page', Trouble: '' });
          }

          const style = getComputedStyle(one);
          const boxes = [...one.getClientRects()].filter((box) => box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth);
          const box = boxes[0];
          const middle = box && [(Math.max(0, box.left) + Math.min(innerWidth, box.right)) / 2, (Math.max(0, box.top) + Math.min(innerHeight, box.bottom)) / 2];
          const inFront = box && document.elementFromPoint(...middle);
          const trouble = style.outlineStyle === 'none' || parseFloat(style.outlineWidth) < 2 ? 'has no outline'
            : !box ? 'is out of sight'
            : !inFront || !(one.contains(inFront) || inFront.contains(one)) ? `is behind ${inFront?.outerHTML.slice(0, 80)}`
            : '';
          const all = [...document.querySelectorAll('*')];
          return JSON.stringify({ Place: all.indexOf(one), Name: one.outerHTML.slice(0, 120), Trouble: trouble });
        }
        """;

    /// <summary>Goes on with Tab, or back, until it is at what the selector names.</summary>
    public async Task ToAsync(string selector, bool backwards = false)
    {
        var passed = new List<string>();
        for (var step = 0; step < MostSteps; step++)
        {
            await page.Keyboard.PressAsync(backwards ? "Shift+Tab" : "Tab");
            passed.Add((await LookAsync()).Name);
            if (await IsAtAsync(selector))
            {
                return;
            }
        }

        Assert.Fail($"{page.Url}: no key leads to {selector}; the way went over\n{string.Join('\n', passed.Take(60))}");
    }

    /// <summary>Goes through the whole page once.</summary>
    /// <returns>Where the stops stand in the document, in the order in which one comes to them.</returns>
    public async Task<IReadOnlyList<int>> WalkAsync()
    {
        await page.EvaluateAsync("document.activeElement.blur()");
        var places = new List<int>();
        var stops = 0;
        while (true)
        {
            await page.Keyboard.PressAsync("Tab");
            var (place, name) = await LookAsync();
            if (place < 0 || (places.Count > 1 && place == places[0]))
            {
                return places;
            }

            stops = places.Count > 0 && place == places[^1] ? stops + 1 : 1;
            Assert.True(stops <= MostStopsOfAField, $"{page.Url}: Tab does not lead away from {name}");
            Assert.True(places.Count < MostSteps, $"{page.Url}: Tab never comes to an end, now at {name}");
            if (stops == 1)
            {
                places.Add(place);
            }
        }
    }

    public Task PressAsync(string key) => page.Keyboard.PressAsync(key);

    public Task TypeAsync(string text) => page.Keyboard.TypeAsync(text);

    public Task<bool> IsAtAsync(string selector) => page.EvaluateAsync<bool>("selector => document.activeElement.matches(selector)", selector);

    /// <summary>Sees where it is.</summary>
    private async Task<(int Place, string Name)> LookAsync()
    {
        var stop = JsonSerializer.Deserialize<FocusStop>(await page.EvaluateAsync<string>(Stop))!;
        Assert.True(stop.Trouble.Length == 0, $"{page.Url}: {stop.Name} {stop.Trouble}");
        return (stop.Place, stop.Name);
    }

    private sealed record FocusStop(int Place, string Name, string Trouble);
}
