using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using HokifyMessaging.Wording;

namespace HokifyMessaging.Tests.Deployment;

/// <summary>There is one version, that of Directory.Build.props, and everything that says one says that.</summary>
public sealed partial class VersionTests
{
    private static readonly string Version = Assert.Single(XDocument.Load(Checkout.PathOf("Directory.Build.props")).Descendants("Version")).Value;

    [Fact]
    public void The_program_says_it_without_the_commit() => Assert.Equal(Version, ProductVersion.Text);

    [Fact]
    public void The_descriptions_of_the_messages_and_of_the_HTTP_API_say_it()
    {
        Assert.Equal(Version, Yaml.Read(Checkout.PathOf("src/HokifyMessaging.Contracts/asyncapi.yaml"))["info"]!["version"]!.GetValue<string>());
        Assert.Equal(Version, JsonNode.Parse(Checkout.Read("src/HokifyMessaging.Service/Http/OpenApi/openapi.json"))!["info"]!["version"]!.GetValue<string>());
    }

    [Fact]
    public void The_image_says_it()
    {
        Assert.Equal(Version, Argument().Match(Checkout.Read("Dockerfile")).Groups["version"].Value);
        var images = Yaml.Read(Checkout.PathOf("docker-compose.yml"))["services"]!.AsObject()
            .Select(service => service.Value!["image"]!.GetValue<string>())
            .Where(image => image.StartsWith("hokify-messaging:", StringComparison.Ordinal))
            .ToList();
        Assert.NotEmpty(images);
        Assert.All(images, image => Assert.Equal($"hokify-messaging:{Version}", image));
    }

    [Fact]
    public void The_changelog_begins_with_it()
    {
        var first = Checkout.Read(".github/CHANGELOG.md").Split('\n').First(line => line.StartsWith("## ", StringComparison.Ordinal));
        Assert.Equal($"## {Version}", string.Join(' ', first.Split(' ').Take(2)));
    }

    [GeneratedRegex("^ARG VERSION=(?<version>.+)$", RegexOptions.Multiline)]
    private static partial Regex Argument();
}
