using Virtap.Binaries.Dwarf.Entries;

namespace Virtap.Binaries.Tests.Dwarf;

/// <summary>Names of C++ by their parts.</summary>
public class ScopedNameTests
{
    [Theory]
    [InlineData("shop::Item::sell", "shop::Item::sell", true)]
    [InlineData("shop::Item::sell", "Item::sell", true)]
    [InlineData("shop::Item::sell", "*::sell", true)]
    [InlineData("shop::Item::sell", "shop::*::se*", true)]
    [InlineData("shop::Item::sell", "shop::sell", false)]
    [InlineData("shop::Item::sell", "::sell", false)]
    [InlineData("shop::Item::sell", "a::shop::Item::sell", false)]
    [InlineData("shop::tmax<std::string>", "shop::tmax*", true)]
    public void A_pattern_means_the_last_parts_of_a_name(string name, string pattern, bool isMeant) =>
        Assert.Equal(isMeant, ScopedName.IsMatch(name, pattern));

    [Fact]
    public void A_name_has_as_many_parts_as_it_was_asked_by() =>
        Assert.Equal("Item::sell", ScopedName.LastOf("shop::Item::sell", "*::sell"));

    [Fact]
    public void What_a_template_takes_is_no_part_of_its_own() =>
        Assert.Equal(["a", "b<c::d<e::f>>", "g"], ScopedName.PartsOf("a::b<c::d<e::f>>::g"));
}
