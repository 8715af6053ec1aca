using HokifyMessaging.Service.Commands;

namespace HokifyMessaging.Service;

/// <summary>
/// Settings that lie in files, one in each, as Docker and Kubernetes hand secrets to a container: the file's name is that of the
/// environment variable, its content the value. Unlike the environment they are shown by no inspection of the container.
/// </summary>
internal static class SecretFiles
{
    /// <summary>The setting that names another folder than <see cref="Default"/>.</summary>
    public const string Setting = "SecretsFolder";

    private const string Default = "/run/secrets";

    /// <summary>The folder's full path, whether it is there or not.</summary>
    public static string FolderOf(IConfiguration configuration) =>
        Path.GetFullPath(configuration[Setting] is { Length: > 0 } named ? named : Default);

    /// <summary>Adds them above all that is there: whoever puts a secret in a file means that one.</summary>
    /// <exception cref="VerbException">The folder that the setting names is not there, or a file cannot be read.</exception>
    public static void AddSecretFiles(this IConfigurationManager configuration)
    {
        var (named, folder) = (configuration[Setting], FolderOf(configuration));
        if (!Directory.Exists(folder))
        {
            if (!string.IsNullOrEmpty(named))
            {
                throw new VerbException($"{Setting} is '{named}'; it must be a folder with a file for each secret, such as Transport__RabbitMq__Password.");
            }

            return;
        }

        try
        {
            configuration.AddKeyPerFile(folder, optional: true, reloadOnChange: false);
        }
        catch (Exception exception) when (exception is UnauthorizedAccessException or IOException)
        {
            throw new VerbException($"The secrets in {VisibleText.Of(folder)} cannot be read; each must be a file that the service's user may read.");
        }
    }
}
