using System.Text.RegularExpressions;
using CsCheck;
using Virtap.Binaries.Names;

namespace Virtap.Binaries.Tests.Names;

public class GlobTests
{
    [Theory]
    [InlineData("virtio_*", "virtio_notify", true)]
    [InlineData("virtio_*", "xvirtio_notify", false)]
    [InlineData("*notify*", "virtio_notify_irqfd", true)]
    [InlineData("a?c", "abc", true)]
    [InlineData("a?c", "ac", false)]
    [InlineData("[a-c]x", "bx", true)]
    [InlineData("[!a-c]x", "bx", false)]
    [InlineData("[^a-c]x", "dx", true)]
    [InlineData("[]]x", "]x", true)]
    [InlineData("[a-]x", "-x", true)]
    [InlineData("[a", "[a", true)]
    [InlineData("*[a", "x[a", true)]
    [InlineData("a\\*", "a\\b", true)]
    [InlineData("", "", true)]
    [InlineData("*", "", true)]
    [InlineData("**", "x", true)]
    [InlineData("", "x", false)]
    public void A_glob_matches_as_the_shells_do(string pattern, string name, bool expected) => Assert.Equal(expected, new Glob(pattern).IsMatch(name));

    [Fact]
    public void A_glob_agrees_with_a_regular_expression()
    {
        Gen<string> pattern = Gen.OneOf("*", "?", "a", "b", "[ab]", "[!a]", "c").Array[0, 8].Select(parts => string.Concat(parts));
        Gen<string> name = Gen.OneOf('a', 'b', 'c').Array[0, 10].Select(parts => string.Concat(parts));
        Gen.Select(pattern, name).Sample((p, n) =>
        {
            string regex = "^" + p.Replace("[!", "[^").Replace("*", ".*").Replace("?", ".") + "$";
            Assert.Equal(Regex.IsMatch(n, regex), new Glob(p).IsMatch(n));
        });
    }
}
