using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace HokifyMessaging.Receiving;

/// <summary>Checks the broker's certificate and says what is wrong with it; otherwise one would read only that it was rejected.</summary>
/// <param name="serverName">The name that the certificate must have.</param>
/// <param name="authorities">Who may have signed it; null for whom the machine trusts.</param>
internal sealed class BrokerCertificateCheck(string serverName, X509Certificate2Collection? authorities)
{
    private static readonly Oid ServerAuthentication = new("1.3.6.1.5.5.7.3.1");

    /// <exception cref="BrokerCertificateException">The certificate is not accepted; the message is the reason.</exception>
    public bool Accept(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (certificate is null || chain is null)
        {
            throw new BrokerCertificateException("it shows no certificate");
        }

        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
        {
            throw new BrokerCertificateException(
                $"its certificate ({certificate.Subject}) is not for {serverName}; Transport:RabbitMq:Tls:ServerName must be a name that the certificate has");
        }

        if (authorities is null)
        {
            return !errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors)
                ? true
                : throw new BrokerCertificateException(
                    $"this machine does not trust its certificate ({Reasons(chain)}); Transport:RabbitMq:Tls:CertificateAuthorityPath must name a PEM file with the CA that signed it");
        }

        using var own = new X509Chain { ChainPolicy = PolicyOf(authorities, chain.ChainPolicy.ExtraStore) };
        using var presented = new X509Certificate2(certificate);
        return own.Build(presented)
            ? true
            : throw new BrokerCertificateException($"no CA in the file of Transport:RabbitMq:Tls:CertificateAuthorityPath vouches for its certificate ({Reasons(own)})");
    }

    private static X509ChainPolicy PolicyOf(X509Certificate2Collection authorities, X509Certificate2Collection received)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            // As for the CAs that the machine trusts: brokers inside a company rarely have a list that could be asked.
            RevocationMode = X509RevocationMode.NoCheck,
        };
        policy.CustomTrustStore.AddRange(authorities);
        policy.ExtraStore.AddRange(received);
        policy.ApplicationPolicy.Add(ServerAuthentication);
        return policy;
    }

    private static string Reasons(X509Chain chain) => string.Join(", ", chain.ChainStatus.Select(status => status.Status).Distinct());
}

/// <summary>The broker's certificate is not accepted; the message is the half of a sentence that says why.</summary>
internal sealed class BrokerCertificateException(string message) : AuthenticationException(message);
