using System.Diagnostics.Metrics;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using HokifyMessaging.Service.Monitoring;
using HokifyMessaging.Telemetry;
using HokifyMessaging.Tests.Deployment;
using HokifyMessaging.Tests.Pages;
using HokifyMessaging.Tests.Service;
using HokifyMessaging.Tests.Service.Http;
using Microsoft.Extensions.DependencyInjection;

namespace HokifyMessaging.Tests.Telemetry;

/// <summary>The names of figures and spans: what dashboards and alerts of others are built upon, and ours.</summary>
public sealed partial class TelemetryNamesTests
{
    private const string Folder = ".config/monitoring";

    private static readonly Page Monitoring = new($"{Folder}/README.md");

    private static readonly JsonObject[] Rules =
        [.. Yaml.Read(Checkout.PathOf($"{Folder}/alerts.yml"))["groups"]!.AsArray().SelectMany(group => group!["rules"]!.AsArray()).Select(rule => rule!.AsObject())];

    private static readonly JsonNode[] Panels = [.. JsonNode.Parse(Checkout.Read($"{Folder}/dashboard.json"))!["panels"]!.AsArray().OfType<JsonNode>()];

    public static TheoryData<string> Alerts => [.. Rules.Select(NameOf)];

    public static TheoryData<string> Expressions =>
    [
        .. Rules.Select(rule => rule["expr"]!.GetValue<string>()),
        .. Panels.SelectMany(panel => panel["targets"]?.AsArray() ?? []).Select(target => target!["expr"]!.GetValue<string>()),
    ];

    [Fact]
    public void Somebody_has_looked_at_every_name_and_its_attributes()
    {
        IEnumerable<string> list =
        [
            .. TelemetryNames.Metrics.Select(metric => $"{metric.Name} ({metric.Kind}, {metric.Unit}): {string.Join(", ", metric.Attributes)}"),
            .. TelemetryNames.Spans.Select(span => $"span {span.Name} ({span.Kind}): {string.Join(", ", span.Attributes)}"),
        ];

        Approval.Holds(string.Join('\n', list), "telemetry");
    }

    [Fact]
    public async Task What_the_program_measures_is_what_the_list_has()
    {
        await using var service = await HttpService.StartAsync(applications: 1, settings: [new("Hokify:Scopes:7301:Name", "Name"), new("Hokify:Scopes:7301:Source", "CsvFiles"), new("Hokify:Scopes:7301:CsvFiles:Path", "nowhere")]);
        _ = service.Services.GetRequiredService<Gauges>();
        ImportMetrics.Begin([]);
        var found = new Dictionary<string, (string Kind, string? Unit, string? Meaning)>(StringComparer.Ordinal);
        using (var listener = new MeterListener())
        {
            listener.InstrumentPublished = (instrument, _) =>
            {
                if (instrument.Meter.Name == TelemetryNames.Source)
                {
                    found[instrument.Name] = (instrument.GetType().Name.Split('`')[0].Replace("Observable", "", StringComparison.Ordinal), instrument.Unit, instrument.Description);
                }
            };
            listener.Start();
        }

        Assert.Equal(
            TelemetryNames.Metrics.Select(metric => (metric.Name, $"{metric.Kind}", metric.Unit, metric.Meaning)).Order(),
            found.Select(instrument => (instrument.Key, instrument.Value.Kind, instrument.Value.Unit!, instrument.Value.Meaning!)).Order());
    }

    [Fact]
    public void The_page_has_every_figure_and_span_as_the_list_has_it()
    {
        Assert.Equal(
            TelemetryNames.Metrics.Select(metric => string.Join(" | ", $"`{metric.Name}`", $"`{Prometheus.NameOf(metric)}`", metric.Kind.ToString().ToLowerInvariant(), $"`{metric.Unit}`", InCode(metric.Attributes), metric.Meaning)),
            Monitoring.Table("## Metrics", "name").Select(cells => string.Join(" | ", cells)));
        Assert.Equal(
            TelemetryNames.Spans.Select(span => string.Join(" | ", $"`{span.Name}`", span.Kind, InCode(span.Attributes), span.Meaning)),
            Monitoring.Table("## Traces", "span").Select(cells => string.Join(" | ", cells)));

        static string InCode(IEnumerable<string> names) => string.Join(", ", names.Select(name => $"`{name}`"));
    }

    [Fact]
    public void The_page_has_the_values_of_every_attribute_that_splits_a_figure() => Assert.Equal(
        TelemetryNames.Metrics.SelectMany(metric => metric.Attributes).Distinct().Order(StringComparer.Ordinal),
        Monitoring.Table("## Metrics", "attribute").Select(cells => Page.Names(cells[0]).Single()).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Expressions))]
    public void Dashboard_and_alerts_ask_for_documented_figures_and_labels_alone(string expression)
    {
        var words = Word().Matches(Text().Replace(expression, "")).Select(word => word.Value).Where(word => word.StartsWith("hokify_", StringComparison.Ordinal)).ToList();
        var series = TelemetryNames.Metrics.SelectMany(Prometheus.SeriesOf).ToHashSet();
        var labels = TelemetryNames.Metrics.SelectMany(metric => metric.Attributes).Select(Prometheus.LabelOf).ToHashSet();

        Assert.All(words, word => Assert.True(series.Contains(word) || labels.Contains(word), $"{word} is nowhere documented"));
        Assert.True(words.Exists(series.Contains) || expression.StartsWith("up{", StringComparison.Ordinal), expression);
        foreach (Match selector in Selector().Matches(expression))
        {
            var metric = TelemetryNames.Metrics.SingleOrDefault(metric => Prometheus.SeriesOf(metric).Contains(selector.Groups["name"].Value));
            var asked = Label().Matches(selector.Groups["labels"].Value).Select(label => label.Groups["name"].Value).Except(["job", "instance"]).ToList();
            Assert.All(asked, label => Assert.Contains(label, metric!.Attributes.Select(Prometheus.LabelOf)));
        }
    }

    [Fact]
    public void The_dashboard_shows_every_figure_that_moves() => Assert.All(
        TelemetryNames.Metrics.Where(metric => metric != TelemetryNames.ScopeInfo),
        metric => Assert.Contains(Expressions.Select(row => row.Data), expression => Prometheus.SeriesOf(metric).Any(series => expression.Contains($"{series}{{", StringComparison.Ordinal))));

    [Fact]
    public void The_panels_of_the_dashboard_have_ids_and_places_of_their_own()
    {
        Assert.Equal(Panels.Length, Panels.Select(panel => panel["id"]!.GetValue<int>()).Distinct().Count());
        Assert.Equal(Panels.Length, Panels.Select(panel => panel["gridPos"]!.ToJsonString()).Distinct().Count());
        Assert.All(Panels, panel => Assert.InRange(panel["gridPos"]!["x"]!.GetValue<int>() + panel["gridPos"]!["w"]!.GetValue<int>(), 1, 24));
    }

    [Theory]
    [MemberData(nameof(Alerts))]
    public void Every_alert_is_explained_and_is_tried_where_it_rings_and_where_it_does_not(string alert)
    {
        var row = Assert.Single(Monitoring.Table("## Alerts, and what to do", "alert"), cells => Page.Names(cells[0]).Contains(alert));
        var tried = Yaml.Read(Checkout.PathOf($"{Folder}/alerts-tests.yml"))["tests"]!.AsArray().SelectMany(test => test!["alert_rule_test"]!.AsArray())
            .Where(one => one!["alertname"]!.GetValue<string>() == alert).Select(one => one!["exp_alerts"]!.AsArray().Count > 0).ToList();

        Assert.All(row, cell => Assert.NotEqual("", cell));
        Assert.Equal([false, true], tried.Order());
        Assert.Contains(Rules.Single(rule => NameOf(rule) == alert)["labels"]!["severity"]!.GetValue<string>(), new[] { "critical", "warning" });
    }

    private static string NameOf(JsonObject rule) => rule["alert"]!.GetValue<string>();

    [GeneratedRegex(@"[a-zA-Z_:][a-zA-Z0-9_:]*")]
    private static partial Regex Word();

    [GeneratedRegex("\"[^\"]*\"")]
    private static partial Regex Text();

    [GeneratedRegex(@"(?<name>hokify_\w+)\{(?<labels>[^}]*)\}")]
    private static partial Regex Selector();

    [GeneratedRegex(@"(?<name>\w+)\s*(=~|!~|!=|=)")]
    private static partial Regex Label();
}
