using HokifyMessaging.Runs;
using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Privacy;

/// <summary>Puts together what people are told who ask what is stored about them, and notes in the audit log that it was handed out.</summary>
internal sealed class PeopleExport(
    IDbContextFactory<HokifyDbContext> contexts, PersonLookup lookup, KeptApplications kept, TransientRetries retries, IOptions<HokifyOptions> options, TimeProvider clock)
{
    /// <param name="found">The people.</param>
    /// <param name="format">As what it is handed out.</param>
    /// <param name="cancellationToken">Gives up; nothing is handed out then.</param>
    public async Task<PeopleDocument> MakeAsync(FoundPeople found, PeopleFormat format, CancellationToken cancellationToken)
    {
        var rows = new List<PersonRows>();
        foreach (var person in found.People)
        {
            rows.Add(await lookup.ReadAsync(found.ScopeId, person, cancellationToken));
        }

        var until = await kept.FindAsync(found.ScopeId, [.. rows.SelectMany(person => person.Profiles).DistinctBy(one => one.Id)], cancellationToken);

        // What is noted first cannot be handed out unnoticed.
        await NoteAsync(found.ScopeId, rows, format, cancellationToken);
        return new PeopleDocument(clock.GetUtcNow(), await SourceAsync(found.ScopeId, cancellationToken), options.Value.Privacy, rows, kept.RuleOf(found.ScopeId), until);
    }

    /// <summary>Writes what was put together.</summary>
    public Task WriteAsync(PeopleDocument document, PeopleFormat format, Stream output, CancellationToken cancellationToken) => format.Name == PeopleFormat.Json
        ? PeopleJson.WriteAsync(document, output, cancellationToken)
        : new PeoplePage(document, format.Words, TimeZoneInfo.FindSystemTimeZoneById(options.Value.Csv.TimeZone)).WriteAsync(output, cancellationToken);

    /// <summary>How many, as which file; nobody's value and nobody's id.</summary>
    private async Task NoteAsync(int scopeId, List<PersonRows> people, PeopleFormat format, CancellationToken cancellationToken) => await retries.ExecuteAsync(
        async (attempt, token) =>
        {
            await using var db = await contexts.CreateDbContextAsync(token);
            if (attempt.IsAgain && await db.Audit.AnyAsync(a => a.At == attempt.Begun && a.Action == AuditAction.ExportPeople && a.ScopeId == scopeId, token))
            {
                return true;
            }

            var detail = FormattableString.Invariant(
                $"People whose data was exported: {people.Count}; their applications: {people.Sum(person => person.Profiles.Count)}; as {format.Name}.");
            db.Audit.Add(AuditEntry.OfUser(attempt.Begun, AuditAction.ExportPeople, scopeId, detail));
            await db.SaveChangesAsync(token);
            return true;
        },
        cancellationToken);

    private async Task<DataSource> SourceAsync(int scopeId, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var scope = await db.Scopes.AsNoTracking().Where(s => s.ScopeId == scopeId).Select(s => new { s.Source, s.Watermark }).SingleOrDefaultAsync(cancellationToken);
        var configured = options.Value.Scopes.GetValueOrDefault(scopeId);
        var address = configured?.Source switch
        {
            SourceKind.AtsApi => configured.AtsApi.BaseAddress,
            SourceKind.ExternApi => configured.ExternApi.BaseAddress,
            _ => null,
        };
        var kind = scope?.Source is { } source ? ScopeSource.KindOf(source) : configured?.Source.ToString();

        // The address that is configured says nothing of a source that was another one.
        return new DataSource(scopeId, options.Value.NameOf(scopeId), kind, kind == configured?.Source.ToString() ? address?.AbsoluteUri : null, scope?.Watermark);
    }
}
