using HokifyMessaging.Receiving;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace HokifyMessaging.Tests;

/// <summary>A wrong setting is refused at start-up, in one sentence that names it and says what would be right.</summary>
public sealed class OptionsValidationTests
{
    private const string LongName =
        "A name of more than two hundred characters that nobody would give a scope in earnest, but that somebody might paste into the configuration by mistake, "
        + "together with all that stood around it on the page that it came from";

    private static readonly Dictionary<string, string?> Right = new()
    {
        ["Database:ConnectionString"] = "Data Source=hokify.db",
        ["Transport:Kind"] = "RabbitMq",
        ["Hokify:Scopes:1:Name"] = "Gasthaus",
        ["Hokify:Scopes:1:AtsApi:Mandator"] = "demo",
        ["Hokify:Scopes:1:AtsApi:Token"] = "secret-token",
        ["Hokify:Scopes:2:Name"] = "Hotel",
        ["Hokify:Scopes:2:Source"] = "ExternApi",
        ["Hokify:Scopes:2:ExternApi:Mandator"] = "hotel",
        ["Hokify:Scopes:2:ExternApi:Token"] = "secret-token",
        ["Hokify:Scopes:3:Name"] = "Archiv",
        ["Hokify:Scopes:3:Source"] = "CsvFiles",
        ["Hokify:Scopes:3:CsvFiles:Path"] = "exports",
    };

    [Theory]
    [InlineData("", "", "has Months, and neither Column, Question nor ExternalId; expected is one of them, by which people agree.")]
    [InlineData("Consent", "x", "has several of Column, Question and ExternalId; expected is one of them.")]
    [InlineData("", "(x", "has the question '(x', which is not a regular expression.")]
    [InlineData("", "(?=x)", "has the question '(?=x)', which looks around or back; expected is a regular expression without look-arounds and back references.")]
    public void How_people_agree_to_be_kept_is_said_once_and_in_a_way_that_can_be_read(string column, string question, string problem)
    {
        const string Place = "Hokify:Scopes:1:Retention";
        var problems = Problems(($"{Place}:Months", "7"), ($"{Place}:TalentPool:Months", "24"), ($"{Place}:TalentPool:Column", column), ($"{Place}:TalentPool:Question", question));

        Assert.Equal([$"{Place}:TalentPool {problem}"], problems);
        Assert.Contains(Problems(($"{Place}:TalentPool:Months", "24"), ($"{Place}:TalentPool:Column", "Consent")), one => one.StartsWith($"{Place}:TalentPool keeps applications longer, and nothing forgets any;", StringComparison.Ordinal));
    }

    [Fact]
    public void A_right_configuration_passes() => Assert.Empty(Problems());

    [Theory]
    [InlineData("Database:ConnectionString", "", "Database:ConnectionString is required.")]
    [InlineData("Database:CommandTimeout", "00:00:00", "Database:CommandTimeout must be between 00:00:01 and 01:00:00.")]
    [InlineData("Hokify:Scopes:1:Name", "", "Hokify:Scopes:1:Name is required.")]
    [InlineData("Hokify:Scopes:1:Source", "7", "Hokify:Scopes:1:Source is 7; it must be AtsApi, ExternApi or CsvFiles.")]
    [InlineData("Hokify:Scopes:1:AtsApi:BaseAddress", "http://hokify.com/ats-api/", "Hokify:Scopes:1:AtsApi:BaseAddress must be an https address (http only on this machine): the credentials travel with every call.")]
    [InlineData("Hokify:Scopes:1:AtsApi:BaseAddress", "ats-api", "Hokify:Scopes:1:AtsApi:BaseAddress must be an https address (http only on this machine): the credentials travel with every call.")]
    [InlineData("Hokify:Scopes:1:AtsApi:Mandator", " ", "Hokify:Scopes:1:AtsApi:Mandator is empty; it is the company's id at hokify.")]
    [InlineData("Hokify:Scopes:1:AtsApi:Token", "", "Hokify:Scopes:1:AtsApi:Token is empty; set it through the environment (Hokify__Scopes__1__AtsApi__Token) or user secrets.")]
    [InlineData("Hokify:Scopes:1:AtsApi:PageSize", "0", "Hokify:Scopes:1:AtsApi:PageSize must be between 1 and 10000.")]
    [InlineData("Hokify:Scopes:2:ExternApi:Token", "", "Hokify:Scopes:2:ExternApi:Token is empty; set it through the environment (Hokify__Scopes__2__ExternApi__Token) or user secrets.")]
    [InlineData("Hokify:Scopes:2:ExternApi:BaseAddress", "ftp://hokify.com/", "Hokify:Scopes:2:ExternApi:BaseAddress must be an https address (http only on this machine): the credentials travel with every call.")]
    [InlineData("Hokify:Scopes:3:CsvFiles:Path", "", "Hokify:Scopes:3:CsvFiles:Path is empty; it must name a CSV file or a folder of CSV files.")]
    [InlineData("Hokify:Scopes:3:CsvFiles:Encoding", "klingon", "Hokify:Scopes:3:CsvFiles:Encoding is 'klingon', which this machine does not know; it must be the name of an encoding, such as windows-1252, iso-8859-15 or utf-16.")]
    [InlineData("Hokify:Scopes:3:CsvFiles:Encoding", "utf-7", "Hokify:Scopes:3:CsvFiles:Encoding is 'utf-7', which this machine does not know; it must be the name of an encoding, such as windows-1252, iso-8859-15 or utf-16.")]
    [InlineData("Hokify:Reading:LargestItem", "1000", "Hokify:Reading:LargestItem must be between 65536 and 67108864.")]
    [InlineData("Hokify:Reading:LargestPage", "16777215", "Hokify:Reading:LargestPage is 16777215; it must be Hokify:Reading:LargestItem (16777216) or more.")]
    [InlineData("Hokify:Reading:LargestBatch", "65536", "Hokify:Reading:LargestBatch is 65536; it must be Hokify:Reading:LargestItem (16777216) or more.")]
    [InlineData("Hokify:Retention:At", "1.00:00:00", "Hokify:Retention:At must be between 00:00:00 and 23:59:59.")]
    [InlineData("Hokify:Retention:TimeZone", "Europe/Wien", "Hokify:Retention:TimeZone is 'Europe/Wien', which this machine does not know; it must be the IANA id of a time zone, such as Europe/Vienna.")]
    [InlineData("Hokify:Scopes:1:Retention:Months", "0", "Hokify:Scopes:1:Retention:Months must be between 1 and 1200.")]
    [InlineData("Hokify:Scopes:1:Retention:TalentPool:Months", "0", "Hokify:Scopes:1:Retention:TalentPool:Months must be between 1 and 1200.")]
    [InlineData("Hokify:Scopes:1:Retention:Preset", "7", "Hokify:Scopes:1:Retention:Preset is 7; it must be Austria or Germany.")]
    [InlineData("Hokify:Scopes:1:Retention:Preset", "Germany", "Hokify:Scopes:1:Retention counts from rejection, and RejectionStages names no stage; set those of hokify that mean that an application was rejected, such as rejected.")]
    [InlineData("Hokify:Scopes:1:Retention:CountedFrom", "LastChange", "Hokify:Scopes:1:Retention says from when to count, and not how far; set Months, from 1 to 1200.")]
    [InlineData("Hokify:Scopes:1:Retention:RejectionStages:0", " ", "Hokify:Scopes:1:Retention:RejectionStages has one that is blank; expected are stages of hokify, such as rejected.")]
    [InlineData("Hokify:Scopes:1:Retention:TalentPool:Column", "Consent", "Hokify:Scopes:1:Retention:TalentPool says how people agree, and not for how long they are kept then; set Months, from 1 to 1200.")]
    [InlineData("Hokify:Import:Overlap", "31.00:00:00", "Hokify:Import:Overlap must be between 00:00:00 and 30.00:00:00.")]
    [InlineData("Hokify:Import:BatchSize", "0", "Hokify:Import:BatchSize must be between 1 and 20000.")]
    [InlineData("Hokify:Retention:Payloads", "00:30:00", "Hokify:Retention:Payloads must be between 1.00:00:00 and 36500.00:00:00.")]
    [InlineData("Hokify:Retention:LedgerEntries", "00:00:00", "Hokify:Retention:LedgerEntries must be between 1.00:00:00 and 36500.00:00:00.")]
    [InlineData("Hokify:Retention:RunDetails", "-30.00:00:00", "Hokify:Retention:RunDetails must be between 1.00:00:00 and 36500.00:00:00.")]
    [InlineData("Hokify:Retention:Audit", "29.00:00:00", "Hokify:Retention:Audit must be between 30.00:00:00 and 36500.00:00:00.")]
    [InlineData("Hokify:Retention:ErasureRequests", "7.00:00:00", "Hokify:Retention:ErasureRequests must be between 30.00:00:00 and 36500.00:00:00.")]
    [InlineData("Hokify:Retention:Files", "00:00:30", "Hokify:Retention:Files must be between 1.00:00:00 and 36500.00:00:00.")]
    [InlineData("Hokify:Import:SliceDuration", "00:30:00", "Hokify:Import:SliceDuration must be between 00:00:01 and 00:20:00.")]
    [InlineData("Hokify:Import:LeaseDuration", "00:00:01", "Hokify:Import:LeaseDuration must be between 00:00:02 and 01:00:00.")]
    [InlineData("Hokify:Import:SweepInterval", "00:00:00", "Hokify:Import:SweepInterval must be between 00:00:00.1000000 and 01:00:00.")]
    [InlineData("Hokify:Import:FailedRunRetries", "-1", "Hokify:Import:FailedRunRetries must be between 0 and 100.")]
    [InlineData("Hokify:Import:FailedRunDelay", "01:00:01", "Hokify:Import:FailedRunDelay must be between 00:00:01 and 01:00:00.")]
    [InlineData("Hokify:Import:FailedRunLongestDelay", "1.00:00:01", "Hokify:Import:FailedRunLongestDelay must be between 00:00:01 and 1.00:00:00.")]
    [InlineData("Hokify:Import:DeletionGuardShare", "1.5", "Hokify:Import:DeletionGuardShare must be between 0 and 1.")]
    [InlineData("Hokify:Import:DeletionGuardMinimum", "-1", "Hokify:Import:DeletionGuardMinimum must be between 0 and 2147483647.")]
    [InlineData("Hokify:Import:TransientRetryDuration", "00:21:00", "Hokify:Import:TransientRetryDuration must be between 00:00:00 and 00:20:00.")]
    [InlineData("Hokify:Ledger:FirstInterval", "2.00:00:00", "Hokify:Ledger:FirstInterval must be between 00:00:00 and 1.00:00:00.")]
    [InlineData("Hokify:Ledger:LongestInterval", "31.00:00:00", "Hokify:Ledger:LongestInterval must be between 00:00:00 and 30.00:00:00.")]
    [InlineData("Hokify:Ledger:MaximumRetries", "0", "Hokify:Ledger:MaximumRetries must be between 1 and 1000.")]
    [InlineData("Hokify:Privacy:ErasureKey", "too short", "Hokify:Privacy:ErasureKey must be base64 of at least 32 bytes, or several of that, the oldest first, with commas between.")]
    [InlineData("Hokify:Privacy:Controller", "Gasthaus\nWien", "Hokify:Privacy:Controller has a control, format or bidirectional character (U+000A) at position 9; leave it out.")]
    [InlineData("Hokify:Privacy:Purposes:0:German", " ", "Hokify:Privacy:Purposes:0 has neither German nor English; expected is one of them, or both.")]
    [InlineData("Hokify:Privacy:Recipients:0:English", "a\u202eb", "Hokify:Privacy:Recipients:0:English has a control, format or bidirectional character (U+202E) at position 2; leave it out.")]
    [InlineData("Hokify:Csv:ExcelSeparator", "7", "Hokify:Csv:ExcelSeparator is 7; it must be Semicolon or Comma.")]
    [InlineData("Hokify:Csv:TimeZone", "Europe/Wien", "Hokify:Csv:TimeZone is 'Europe/Wien', which this machine does not know; it must be the IANA id of a time zone, such as Europe/Vienna.")]
    [InlineData("Hokify:Csv:TimeZone", "", "Hokify:Csv:TimeZone is '', which this machine does not know; it must be the IANA id of a time zone, such as Europe/Vienna.")]
    [InlineData("Hokify:Csv:TimeZone", "../../../etc/passwd", "Hokify:Csv:TimeZone is '../../../etc/passwd', which this machine does not know; it must be the IANA id of a time zone, such as Europe/Vienna.")]
    [InlineData("Database:Provider", "SqlServer", "Hokify:Privacy:ErasureKey is empty; with SQL Server set it to base64 of at least 32 random bytes, through the environment or user secrets.")]
    [InlineData("Transport:ConcurrentImports", "0", "Transport:ConcurrentImports must be between 1 and 100.")]
    [InlineData("Transport:RabbitMq:Port", "0", "Transport:RabbitMq:Port must be between 1 and 65535.")]
    [InlineData("Transport:RabbitMq:Port", "5671", "Transport:RabbitMq:Port is 5671, where brokers expect TLS; set Transport:RabbitMq:Tls:Enabled to true.")]
    [InlineData("Transport:RabbitMq:Nodes:0", "amqp://broker2", "Transport:RabbitMq:Nodes:0 is 'amqp://broker2'; it must be host:port, such as broker2:5672.")]
    [InlineData("Hokify:Scopes:1:Name", LongName, "Hokify:Scopes:1:Name must be a string with a maximum length of 200.")]
    public void A_wrong_setting_gives_its_one_clear_sentence(string key, string value, string sentence) =>
        Assert.Equal([sentence], Problems((key, value)));

    [Theory]
    [InlineData("Hokify:Import:BatchSzie", "5", "Hokify:Import:BatchSzie is not a known setting; did you mean Hokify:Import:BatchSize?")]
    [InlineData("Hokify:Import:TransientRetryDelay", "00:00:00.200", "Hokify:Import:TransientRetryDelay is not a known setting; did you mean Hokify:Import:TransientRetryDuration?")]
    [InlineData("Transport:RabbitMq:Heartbeat", "00:00:15", "Transport:RabbitMq:Heartbeat is not a known setting; known in Transport:RabbitMq are Host, Port, VirtualHost, Username, Password, Nodes, QueueType, DeliveryLimit, Tls, Management.")]
    [InlineData("Hokify:Ledger:Growth", "2", "Hokify:Ledger:Growth is not a known setting; known in Hokify:Ledger are FirstInterval, LongestInterval, MaximumRetries.")]
    [InlineData("Database:CommandTimeOuts", "00:00:15", "Database:CommandTimeOuts is not a known setting; did you mean Database:CommandTimeout?")]
    [InlineData("Hokify:BatchSize", "5", "Hokify:BatchSize is not a known setting; did you mean Hokify:Import:BatchSize?")]
    [InlineData("Hokify:Scopes:2:ExternApi:Tokne", "x", "Hokify:Scopes:2:ExternApi:Tokne is not a known setting; did you mean Hokify:Scopes:2:ExternApi:Token?")]
    [InlineData("Hokify:Scopes:one:Name", "x", "Hokify:Scopes:one is not known; what follows Hokify:Scopes is a number, as in Hokify:Scopes:1:Name.")]
    [InlineData("Hokify:Import:BatchSize:Most", "5", "Hokify:Import:BatchSize:Most is not known; Hokify:Import:BatchSize is a single value.")]
    [InlineData("Hokify:Ledger", "5", "Hokify:Ledger is not a single value; write Hokify:Ledger:FirstInterval, Hokify:Ledger:LongestInterval, Hokify:Ledger:MaximumRetries.")]
    [InlineData("Transport:RabbitMq:Nodes", "broker2:5672", "Transport:RabbitMq:Nodes is not a single value; write Transport:RabbitMq:Nodes:0 and so on.")]
    public void What_is_no_setting_stops_the_start_by_its_full_key_and_the_nearest_one(string key, string value, string sentence) => Assert.Equal([sentence], Problems((key, value)));

    [Theory]
    [InlineData("CertificateAuthorityPath", "; it must be a PEM file with the CA's certificate: ")]
    [InlineData("CertificatePath", "; it must be a PKCS #12 file with a certificate and its key, and CertificatePassphrase its passphrase: ")]
    public void A_file_of_TLS_that_is_not_there_or_is_another_one_is_refused(string key, string sentence)
    {
        foreach (var path in new[] { "nowhere.pem", Path.Combine(AppContext.BaseDirectory, "xunit.runner.json") })
        {
            var problem = Assert.Single(Problems(("Transport:RabbitMq:Tls:Enabled", "true"), ($"Transport:RabbitMq:Tls:{key}", path)));

            Assert.StartsWith($"Transport:RabbitMq:Tls:{key} is '{path}'{sentence}", problem, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("Column", 0)]
    [InlineData("Question", 1)]
    [InlineData("ExternalId", 1)]
    public void A_consent_is_not_read_from_records_that_are_not_kept(string from, int problems)
    {
        var told = Problems(
            ("Hokify:Retention:Payloads", "90.00:00:00"), ("Hokify:Scopes:1:Retention:Preset", "Austria"), ("Hokify:Scopes:1:Retention:TalentPool:Months", "24"),
            ($"Hokify:Scopes:1:Retention:TalentPool:{from}", "Consent"));

        Assert.Equal(problems, told.Count);
        Assert.All(told, problem => Assert.Equal(
            "Hokify:Scopes:1:Retention:TalentPool reads the consent from the records as they came, which Hokify:Retention:Payloads removes; name a Column instead, which Hokify:Mapping:Questions can fill, or leave Payloads unset.",
            problem));
    }

    [Fact]
    public void Every_wrong_setting_is_named_and_no_secret_is()
    {
        var problems = Problems(("Hokify:Import:BatchSize", "0"), ("Hokify:Ledger:MaximumRetries", "0"), ("Hokify:Scopes:1:Name", ""));

        Assert.Equal(3, problems.Count);
        Assert.DoesNotContain(problems, problem => problem.Contains("secret-token", StringComparison.Ordinal));
    }

    private static IReadOnlyList<string> Problems(params (string Key, string Value)[] settings)
    {
        var configuration = new Dictionary<string, string?>(Right);
        foreach (var (key, value) in settings)
        {
            configuration[key] = value;
        }

        var services = new ServiceCollection();
        services.AddLogging();
        var root = new ConfigurationBuilder().AddInMemoryCollection(configuration).Build();
        services.AddSingleton<IConfiguration>(root);
        services.AddHokifyMessaging();
        services.AddHokifyBus(root);
        using var provider = services.BuildServiceProvider();
        return [.. Failures<DatabaseOptions>(provider), .. Failures<HokifyOptions>(provider), .. Failures<TransportOptions>(provider)];
    }

    private static IEnumerable<string> Failures<TOptions>(ServiceProvider provider)
        where TOptions : class
    {
        try
        {
            _ = provider.GetRequiredService<IOptions<TOptions>>().Value;
            return [];
        }
        catch (OptionsValidationException exception)
        {
            return exception.Failures;
        }
    }
}
