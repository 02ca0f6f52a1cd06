namespace Virtap.Names.Tests;

public class NameSuggestionTests
{
    [Theory]
    [InlineData("prbe", "probe")]
    [InlineData("fucntion", "function")]
    [InlineData("glbal", "global")]
    [InlineData("Probe", "probe")]
    [InlineData("something", null)]
    [InlineData("", null)]
    public void The_nearest_name_is_found_if_it_is_near(string name, string? expected) =>
        Assert.Equal(expected, NameSuggestion.Nearest(name, "probe", "function", "global"));
}
