using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace HokifyMessaging.IntegrationTests.Broker;

/// <summary>A company's own CA, a broker's certificate for <c>localhost</c> and 127.0.0.1 and a client's, as files for those who need them.</summary>
internal sealed class TestCertificates : IDisposable
{
    public const string Passphrase = "a passphrase";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hokify-certificates-");

    public TestCertificates()
    {
        using var authorityKey = RSA.Create(2048);
        using var authority = Authority("CN=A company's own CA", authorityKey);
        using var strangerKey = RSA.Create(2048);
        using var stranger = Authority("CN=Somebody else's CA", strangerKey);
        AuthorityPath = Write("authority.pem", authority.ExportCertificatePem());
        StrangerPath = Write("stranger.pem", stranger.ExportCertificatePem());

        using var serverKey = RSA.Create(2048);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        using var server = Signed("CN=broker", serverKey, authority, "1.3.6.1.5.5.7.3.1", names.Build());
        ServerPath = Write("server.pem", server.ExportCertificatePem());
        ServerKeyPath = Write("server.key", serverKey.ExportPkcs8PrivateKeyPem());

        using var clientKey = RSA.Create(2048);
        using var client = Signed("CN=hokify", clientKey, authority, "1.3.6.1.5.5.7.3.2", null);
        using var clientWithKey = client.CopyWithPrivateKey(clientKey);
        ClientPath = Path.Combine(_folder.FullName, "client.p12");
        File.WriteAllBytes(ClientPath, clientWithKey.Export(X509ContentType.Pkcs12, Passphrase));
    }

    public string AuthorityPath { get; }

    public string StrangerPath { get; }

    public string ServerPath { get; }

    public string ServerKeyPath { get; }

    /// <summary>PKCS #12, under <see cref="Passphrase"/>.</summary>
    public string ClientPath { get; }

    public void Dispose() => _folder.Delete(recursive: true);

    private static X509Certificate2 Authority(string name, RSA key)
    {
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        return request.CreateSelfSigned(Yesterday, NextYear);
    }

    private static X509Certificate2 Signed(string name, RSA key, X509Certificate2 authority, string purpose, X509Extension? names)
    {
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(purpose)], false));
        if (names is not null)
        {
            request.CertificateExtensions.Add(names);
        }

        return request.Create(authority, Yesterday, NextYear.AddDays(-1), RandomNumberGenerator.GetBytes(8));
    }

    private static DateTimeOffset Yesterday => TimeProvider.System.GetUtcNow().AddDays(-1);

    private static DateTimeOffset NextYear => Yesterday.AddYears(1);

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder.FullName, name);
        File.WriteAllText(path, text);
        return path;
    }
}
