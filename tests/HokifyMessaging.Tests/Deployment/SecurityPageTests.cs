using System.Text.RegularExpressions;

namespace HokifyMessaging.Tests.Deployment;

/// <summary>What the page for reporters of weaknesses promises names the tests that hold it.</summary>
public sealed partial class SecurityPageTests
{
    [Fact]
    public void Every_test_that_the_page_names_exists()
    {
        var named = TestClass().Matches(Checkout.Read(".github/SECURITY.md")).Select(match => match.Groups["name"].Value).Distinct().ToList();
        var existing = Directory.GetFiles(Checkout.PathOf("tests"), "*Tests.cs", SearchOption.AllDirectories).Select(file => Path.GetFileNameWithoutExtension(file)).ToHashSet();

        Assert.NotEmpty(named);
        Assert.All(named, name => Assert.Contains(name, existing));
    }

    [GeneratedRegex("`(?<name>[A-Za-z]+Tests)`")]
    private static partial Regex TestClass();
}
