namespace HokifyMessaging.Privacy;

/// <summary>How the page looks: on a phone, on paper, by day and by night.</summary>
internal sealed partial class PeoplePage
{
    private const string Style =
        """
        :root { color-scheme: light dark; --paper: #fff; --ink: #1b1b1b; --soft: #595959; --line: #767676; --ground: #f3f3f3; }
        @media (prefers-color-scheme: dark) { :root { --paper: #161616; --ink: #f0f0f0; --soft: #b8b8b8; --line: #8a8a8a; --ground: #242424; } }
        * { box-sizing: border-box; }
        body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
        main { max-width: 60rem; margin: 0 auto; padding: 1rem; }
        h1 { font-size: 1.6rem; line-height: 1.2; }
        h2 { font-size: 1.3rem; margin-top: 2.5rem; border-bottom: 2px solid var(--line); }
        h3 { font-size: 1.1rem; margin-top: 2rem; }
        h4 { font-size: 1rem; margin: 1.25rem 0 0.25rem; }
        dl { margin: 0.5rem 0; }
        dt { color: var(--soft); }
        dd { margin: 0 0 0.5rem; white-space: pre-wrap; }
        ul, ol { padding-left: 1.25rem; }
        article { border-left: 4px solid var(--line); padding-left: 0.75rem; margin: 1.5rem 0; }
        summary { cursor: pointer; }
        :focus-visible { outline: 3px solid currentColor; outline-offset: 2px; }
        pre { margin: 0.5rem 0; padding: 0.5rem; background: var(--ground); white-space: pre-wrap; font: 0.85rem/1.4 ui-monospace, monospace; }
        @media (min-width: 40rem) { dl { display: grid; grid-template-columns: 16rem 1fr; column-gap: 1rem; } }
        @media print { :root { --paper: #fff; --ink: #000; --soft: #333; --line: #666; --ground: #fff; } main { max-width: none; padding: 0; } h2, h3, h4, dt { break-after: avoid; } }
        """;
}
