using System.Reflection;
using System.Text.RegularExpressions;
using HokifyMessaging.Service.WebConsole;
using Microsoft.AspNetCore.Razor.Hosting;
using Microsoft.AspNetCore.Routing.Template;
using Microsoft.AspNetCore.WebUtilities;

namespace HokifyMessaging.IntegrationTests.WebConsole;

/// <summary>Something that a page offers to whoever looks at it: a page to go to, a button, a field, a file.</summary>
/// <param name="Method">The method by which a browser asks for it; <c>OPEN</c> for what is opened and <c>COPY</c> for what is copied on the page itself.</param>
/// <param name="Page">The page that answers, as its file names it.</param>
/// <param name="Handler">Its handler; empty for the only one.</param>
/// <param name="Part">The name of the field or parameter, with the value where a button has one; empty for the thing itself.</param>
internal sealed record ConsoleOffer(string Method, string Page, string Handler, string Part)
{
    public override string ToString() => $"{Method} {Page}{(Handler.Length > 0 ? $"?handler={Handler}" : "")} {Part}".TrimEnd();
}

/// <summary>The pages of the console with their addresses and handlers, as they lie in the program.</summary>
internal static partial class ConsoleMap
{
    private static readonly IReadOnlyList<(string Page, Type Model, TemplateMatcher Matcher)> Found =
    [
        .. typeof(WebConsoleServices).Assembly.GetCustomAttributes<RazorCompiledItemAttribute>()
            .Select(item => (Template: item.Type.GetCustomAttributes<RazorCompiledItemMetadataAttribute>().FirstOrDefault(one => one.Key == "RouteTemplate")?.Value, item.Identifier, item.Type))
            .Where(item => item.Template is not null)
            .Select(item => (Parsed: TemplateParser.Parse(item.Template!.TrimStart('/')), item.Identifier, item.Type))
            .OrderBy(item => RoutePrecedence.ComputeInbound(item.Parsed))
            .Select(item => (Path.GetFileNameWithoutExtension(item.Identifier), item.Type.GetProperty("Model")!.PropertyType, new TemplateMatcher(item.Parsed, []))),
    ];

    public static IReadOnlyList<string> Pages => [.. Found.Select(one => one.Page)];

    /// <summary>Every handler of every page.</summary>
    public static IReadOnlyList<ConsoleOffer> Handlers =>
    [
        .. from one in Found
           from method in one.Model.GetMethods(BindingFlags.Instance | BindingFlags.Public)
           let name = HandlerName().Match(method.Name)
           where name.Success && method.DeclaringType!.Assembly == typeof(WebConsoleServices).Assembly
           select new ConsoleOffer(name.Groups["method"].Value.ToUpperInvariant(), one.Page, name.Groups["handler"].Value.ToLowerInvariant(), ""),
    ];

    /// <summary>Which page answers at an address; null outside the console.</summary>
    public static string? PageAt(Uri address) => Found.FirstOrDefault(one => one.Matcher.TryMatch(address.AbsolutePath, [])).Page;

    /// <summary>What is asked for at an address: the page, and each parameter that has a value. A choice among a few words, such as a format, counts with its value.</summary>
    public static IEnumerable<ConsoleOffer> OffersAt(string method, Uri address, IEnumerable<KeyValuePair<string, string>>? form = null)
    {
        if (PageAt(address) is not { } page)
        {
            return [];
        }

        var query = QueryHelpers.ParseQuery(address.Query);
        var handler = query.GetValueOrDefault("handler").ToString().ToLowerInvariant();
        var values = query.Where(one => one.Key != "handler").Select(one => KeyValuePair.Create(one.Key, one.Value.ToString())).Concat(form ?? []).Where(one => one.Value.Length > 0);
        return values.SelectMany(one => new[] { one.Key, WithWord(one.Key, one.Value) }).Prepend("").Distinct().Select(part => new ConsoleOffer(method, page, handler, part));
    }

    /// <summary>A name with its value where that is a word of the page's own, and not the id of something that is shown.</summary>
    public static string WithWord(string name, string value) => name.Length > 0 && Word().IsMatch(value) ? $"{name}={value}" : name;

    [GeneratedRegex("^On(?<method>Get|Post)(?<handler>[A-Za-z]*?)(Async)?$")]
    private static partial Regex HandlerName();

    [GeneratedRegex("^[a-z]+(-[a-z]+)*$")]
    private static partial Regex Word();
}
