using System.Diagnostics;
using System.Globalization;

namespace HokifyMessaging.Benchmarks;

/// <summary>The service as a process of its own, until it is stopped or disposed of.</summary>
internal sealed class ServiceProcess : IDisposable
{
    private const string Listening = "Now listening on: ";

    private readonly Process _process;
    private readonly TaskCompletionSource<Uri> _address = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ServiceProcess(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Note(line.Data);
        process.BeginOutputReadLine();
    }

    public Uri Address { get; private set; } = null!;

    public long PeakBytes
    {
        get
        {
            _process.Refresh();
            return _process.PeakWorkingSet64;
        }
    }

    /// <summary>The program as the build has put it beside this one.</summary>
    public static IReadOnlyList<string> Built => ["dotnet", Path.Combine(AppContext.BaseDirectory, "hokify.dll")];

    /// <summary>Starts it; returns when it listens.</summary>
    /// <param name="folder">Its working directory.</param>
    /// <param name="settings">By configuration key.</param>
    /// <param name="program">The program, where it is not <see cref="Built"/>.</param>
    public static async Task<ServiceProcess> StartAsync(string folder, IEnumerable<(string Name, string Value)> settings, IReadOnlyList<string>? program = null)
    {
        var service = new ServiceProcess(Process.Start(Start(folder, settings, [.. program ?? Built, "serve"]))!);
        service.Address = await service._address.Task.WaitAsync(TimeSpan.FromMinutes(1));
        return service;
    }

    /// <summary>How a program is started that is configured by its environment alone.</summary>
    public static ProcessStartInfo Start(string folder, IEnumerable<(string Name, string Value)> settings, IReadOnlyList<string> command)
    {
        var start = new ProcessStartInfo(command[0], command.Skip(1)) { RedirectStandardOutput = true, WorkingDirectory = folder };
        foreach (var (name, value) in settings.Append(("ASPNETCORE_URLS", "http://127.0.0.1:0")))
        {
            start.Environment[name.Replace(":", "__", StringComparison.Ordinal)] = value;
        }

        return start;
    }

    /// <summary>Waits until it says that it is ready.</summary>
    public async Task ReadyAsync()
    {
        using var http = new HttpClient { BaseAddress = Address };
        while (true)
        {
            using var ready = await http.GetAsync(new Uri("/health/ready", UriKind.Relative));
            if (ready.IsSuccessStatusCode)
            {
                return;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(10));
        }
    }

    /// <summary>Asks it to end, as an operating system does, and waits until it has.</summary>
    public async Task<TimeSpan> StopAsync()
    {
        var watch = Stopwatch.StartNew();
        using var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await _process.WaitForExitAsync();
        return watch.Elapsed;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    private void Note(string? line)
    {
        if (line?.IndexOf(Listening, StringComparison.Ordinal) is >= 0 and var at)
        {
            _address.TrySetResult(new Uri(line[(at + Listening.Length)..].Trim()));
        }
    }
}
