using HokifyMessaging.Writing;

namespace HokifyMessaging.Tests.Writing;

/// <summary>Which keys a value of a sequence stands for.</summary>
public sealed class SqlServerKeysTests
{
    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(500, 1)]
    [InlineData(501, 2)]
    [InlineData(20_000, 40)]
    public void As_many_blocks_are_asked_for_as_the_keys_fill(int keys, int blocks) => Assert.Equal(blocks, new SqlServerKeys(500).Missing(keys));

    [Fact]
    public void A_value_stands_for_the_block_that_begins_with_it()
    {
        var keys = new SqlServerKeys(3);
        keys.Add(1);
        keys.Add(10);

        Assert.Equal([1, 2, 3, 10, 11, 12], Enumerable.Range(0, 6).Select(_ => keys.Take()));
    }

    [Fact]
    public void What_is_left_of_a_block_is_used_before_another_is_asked_for()
    {
        var keys = new SqlServerKeys(3);
        keys.Add(1);
        keys.Take();

        Assert.Equal((0, 1), (keys.Missing(2), keys.Missing(3)));
        keys.Add(7);
        Assert.Equal([2, 3, 7], Enumerable.Range(0, 3).Select(_ => keys.Take()));
        Assert.Equal((0, 1), (keys.Missing(2), keys.Missing(3)));
    }

    [Fact]
    public void A_key_that_was_not_reserved_is_not_made_up()
    {
        var keys = new SqlServerKeys(1);
        keys.Add(5);
        keys.Take();

        Assert.Throws<InvalidOperationException>(() => keys.Take());
    }
}
