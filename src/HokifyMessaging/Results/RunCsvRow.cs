using System.Linq.Expressions;
using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore.Query;

namespace HokifyMessaging.Results;

/// <summary>One row below the header, of one of the seed's three kinds.</summary>
internal abstract record RunCsvRow
{
    private RunCsvRow()
    {
    }

    /// <summary>An application that the run touched, as it is stored now.</summary>
    /// <param name="Number">Counts the rows below the header, from 1.</param>
    /// <param name="Scope">The name of the row's scope.</param>
    /// <param name="Stored">The application.</param>
    /// <param name="Logs">What the run did to it, in the order of writing.</param>
    public sealed record Profile(int Number, string Scope, ShownProfile Stored, IEnumerable<ActivityLog> Logs) : RunCsvRow;

    /// <summary>An activity log that the run wrote, as it stands now.</summary>
    public sealed record Log(int Number, string Scope, ActivityLog Stored) : RunCsvRow;

    /// <summary>The run's result, with sentences about the run and about what went wrong in it.</summary>
    public sealed record Result(ExportImportResult Counted, IReadOnlyList<string> Logs, IReadOnlyList<string> ExceptionLogs) : RunCsvRow;
}

/// <summary>What the CSV shows of a stored application: all but the payload, which may be the longest of it.</summary>
internal sealed record ShownProfile(
    long Id,
    int ScopeId,
    string ReferenceId,
    long CandidateId,
    DateTimeOffset? Version,
    bool IsDeleted,
    string? History,
    ProfileColumns Columns)
{
    /// <summary>Names each column: asked for <see cref="CandidateProfile.Columns"/> as such, EF Core reads the whole row.</summary>
    public static Expression<Func<CandidateProfile, ShownProfile>> Selection { get; } = Select(
        (p, columns) => new ShownProfile(p.Id, p.ScopeId, p.ReferenceId, p.CandidateId, p.Version, p.IsDeleted, p.History, columns));

    private static Expression<Func<CandidateProfile, ShownProfile>> Select(Expression<Func<CandidateProfile, ProfileColumns, ShownProfile>> row)
    {
        var columns = Expression.Property(row.Parameters[0], nameof(CandidateProfile.Columns));
        var named = Expression.MemberInit(
            Expression.New(typeof(ProfileColumns)),
            ProfileColumns.All.Select(c => typeof(ProfileColumns).GetProperty(c.Name)!).Select(c => Expression.Bind(c, Expression.Property(columns, c))));
        return Expression.Lambda<Func<CandidateProfile, ShownProfile>>(
            ReplacingExpressionVisitor.Replace(row.Parameters[1], named, row.Body), row.Parameters[0]);
    }
}
