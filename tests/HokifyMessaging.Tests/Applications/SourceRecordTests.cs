using System.Text.Json;
using HokifyMessaging.Applications;
using ApplicationId = HokifyMessaging.Applications.ApplicationId;

namespace HokifyMessaging.Tests.Applications;

/// <summary>A record is read and mapped once, and only when somebody asks.</summary>
public sealed class SourceRecordTests
{
    private readonly ApplicationMapping _mapping = new(new MappingOptions());
    private int _reads;

    [Fact]
    public void It_is_read_when_it_is_mapped_and_not_before_and_never_again()
    {
        var record = Json("""{"_id":"a1","user":{"_id":"p1"}}""");
        Assert.Equal(("a1", "page 1, item 3", null, null), (record.Id!.Value.Value, record.Position, record.Mapped, record.Rejection));
        Assert.Equal(0, _reads);

        var mapped = record.Map(_mapping).Understood();

        Assert.Same(mapped, record.Map(_mapping).Value);
        Assert.Same(mapped, record.Mapped!.Value.Value);
        Assert.Equal(1, _reads);
        Assert.Equal(("a1", "page 1, item 3"), (mapped.Id.Value, mapped.Position));
    }

    [Theory]
    [InlineData("""{"_id":"a1"}""")]
    [InlineData("""{"_id":"a1","user":{"_id":"p1"},"lastupdate":"31.02.2026"}""")]
    [InlineData("""{"_id":"a1","user":{"_id":"p1","general":{"firstName":"\ud83d"}}}""")]
    [InlineData("""{"_id":"a1","user":{"_id":"p1"},"lastupdate":"1990-01-01T00:00:00Z"}""")]
    public void Why_it_is_rejected_is_known_once_it_is_mapped(string json)
    {
        var record = Json(json);
        Assert.Null(record.Rejection);

        var rejection = record.Map(_mapping).Rejected();

        Assert.Same(rejection, record.Rejection);
        Assert.Same(rejection, record.Map(_mapping).Rejection);
        Assert.Equal((1, "page 1, item 3", new ApplicationId("a1")), (_reads, rejection.Position, rejection.Id));
    }

    [Theory]
    [InlineData("""{"user":{"_id":"p1"}}""")]
    [InlineData("17")]
    [InlineData("[]")]
    public void One_that_does_not_say_which_application_it_is_is_rejected_at_once_and_goes_by_all_that_it_says(string json)
    {
        var record = ApplicationPayload.ReadLater(JsonElement.Parse(json), "page 1, item 3");

        Assert.Equal((null, null, json), (record.Id, record.Hash, record.Identity));
        Assert.Same(record.Rejection, record.Map(_mapping).Rejected());
        Assert.Same(record.Rejection, record.Read().Rejected());
    }

    [Theory]
    [InlineData("""{"_id":"a1","user":{"_id":"p1"}}""")]
    [InlineData("""{"_id":"a1"}""")]
    [InlineData("""{"_id":"a1","user":{"_id":"p1"},"us\ud83d":1}""")]
    [InlineData("""{"relationType":"job","relationId":{"\ud83d":1},"application":{"_id":"a1","user":{"_id":"p1"}}}""")]
    public void Which_one_it_is_does_not_depend_on_what_becomes_of_it(string json)
    {
        var record = Json(json);
        Assert.Equal("a1", record.Identity);

        record.Map(_mapping);

        Assert.Equal("a1", record.Identity);
    }

    [Fact]
    public void What_was_read_is_let_go_when_it_is_mapped()
    {
        var record = Json("""{"_id":"a1","user":{"_id":"p1"}}""");
        Assert.Equal("a1", record.Read().Understood().Id.Value);

        record.Map(_mapping);

        Assert.Contains("page 1, item 3", Assert.Throws<InvalidOperationException>(() => record.Read()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_copy_of_a_mapped_one_is_mapped()
    {
        var record = Json("""{"_id":"a1","user":{"_id":"p1"}}""");
        var mapped = record.Map(_mapping).Understood();

        var decided = record with { IsDecided = true };

        Assert.True(decided.IsDecided);
        Assert.False(record.IsDecided);
        Assert.Same(mapped, decided.Map(_mapping).Value);
        Assert.Equal(1, _reads);
    }

    [Fact]
    public void A_hash_is_worth_something_to_the_mapping_alone_that_it_was_made_for()
    {
        var record = Json("""{"_id":"a1","user":{"_id":"p1"}}""");
        var other = new ApplicationMapping(new MappingOptions { UseDefaultQuestions = false });

        Assert.Equal(_mapping.HashOf(record), new ApplicationMapping(new MappingOptions()).HashOf(record));
        Assert.NotEqual(_mapping.HashOf(record), other.HashOf(record));
        Assert.Equal(_mapping.HashOf(record), record.Map(_mapping).Understood().SourceHash);
        Assert.Null(_mapping.HashOf(record with { Hash = null }));
    }

    [Theory]
    [InlineData(0, SourceRecord.LeastBytes)]
    [InlineData(SourceRecord.LeastBytes - 1, SourceRecord.LeastBytes)]
    [InlineData(SourceRecord.LeastBytes + 1, SourceRecord.LeastBytes + 1)]
    [InlineData(64 * 1024 * 1024, 64 * 1024 * 1024)]
    public void However_short_it_is_it_takes_some_memory(int bytes, int expected) =>
        Assert.Equal(expected, (Json("""{"_id":"a1"}""") with { Bytes = bytes }).Bytes);

    /// <summary>A record as a source delivers it; counts how often it is read.</summary>
    private SourceRecord Json(string json)
    {
        var record = ApplicationPayload.ReadLater(JsonElement.Parse(json), "page 1, item 3");
        return new SourceRecord(record.Id!.Value, record.Position, () => { _reads++; return record.Read(); }) { Hash = record.Hash };
    }
}
