using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace HokifyMessaging.Storage;

/// <summary>A session of the console that somebody has ended: no copy of its cookie is good any more, wherever it is shown.</summary>
internal sealed class EndedSession
{
    /// <summary>The session's, which only its cookie has.</summary>
    public Guid Id { get; set; }

    /// <summary>From when on every copy is too old by itself. The row goes with a session that is ended after that.</summary>
    public DateTimeOffset Until { get; set; }

    /// <summary>How it is stored.</summary>
    public static void Map(EntityTypeBuilder<EndedSession> session)
    {
        session.ToTable("EndedSession");
        session.Property(s => s.Id).ValueGeneratedNever();
        session.HasIndex(s => s.Until);
    }
}
