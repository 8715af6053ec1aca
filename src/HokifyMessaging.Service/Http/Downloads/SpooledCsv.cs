using System.Globalization;
using System.Security.Cryptography;
using HokifyMessaging.Results;
using Microsoft.Net.Http.Headers;

namespace HokifyMessaging.Service.Http.Downloads;

/// <summary>
/// A run's CSV as an answer. It is written to a file of its own first, which only this process can read and which is gone
/// with the answer: so a client that reads slowly holds neither memory nor a connection to the database, a part of it can be
/// asked for, and its tag is a hash of what it holds.
/// </summary>
internal sealed class SpooledCsv(RunCsv csv)
{
    private const int BufferSize = 64 * 1024;

    public async Task<IResult> AnswerAsync(Guid runId, CancellationToken cancellationToken)
    {
        var spool = OpenSpool();
        try
        {
            using var hash = SHA256.Create();
            await using (var hashing = new CryptoStream(spool, hash, CryptoStreamMode.Write, leaveOpen: true))
            {
                await csv.WriteAsync(runId, hashing, cancellationToken);
            }

            spool.Position = 0;
            return TypedResults.Stream(
                spool,
                $"{ResultFormat.Csv.MediaType}; charset=utf-8",
                string.Create(CultureInfo.InvariantCulture, $"hokify-import-{runId}.csv"),
                entityTag: new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(hash.Hash!.AsSpan(0, 16))}\""),
                enableRangeProcessing: true);
        }
        catch
        {
            await spool.DisposeAsync();
            throw;
        }
    }

    private static FileStream OpenSpool()
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = FileShare.None,
            Options = FileOptions.DeleteOnClose | FileOptions.Asynchronous,
            BufferSize = BufferSize,
        };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return new FileStream(Path.Combine(Path.GetTempPath(), $"hokify-{Guid.NewGuid():N}.csv"), options);
    }
}
