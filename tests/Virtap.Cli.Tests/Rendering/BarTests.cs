using Virtap.Cli.Rendering;

namespace Virtap.Cli.Tests.Rendering;

public class BarTests
{
    [Theory]
    [InlineData(0, "", "")]
    [InlineData(1, "####", "████")]
    [InlineData(0.5, "##", "██")]
    [InlineData(0.01, "#", "▏")]
    [InlineData(0.6, "###", "██▌")]
    [InlineData(7, "####", "████")]
    public void What_is_more_than_nothing_is_seen_and_nothing_is_longer_than_the_width(double part, string plain, string blocks)
    {
        Assert.Equal(plain, Bar.Of(part, 4, hasBlocks: false));
        Assert.Equal(blocks, Bar.Of(part, 4, hasBlocks: true));
    }
}
