using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using CsCheck;

namespace Virtap.Names.Tests;

public partial class GlobTests
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
    public void A_glob_matches_as_the_shells_do(string pattern, string name, bool expected) =>
        Assert.Equal(expected, new Glob(pattern).IsMatch(name));

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

    [Fact]
    public void Wildcards_match_as_the_C_library_matches_them()
    {
        // Sets that are closed: what an open bracket means differs from library to library.
        var pattern = Gen.OneOf("a", "b", "-", "*", "?", "[ab]", "[!a]", "[^b-]", "[]a]", "[a-c]", "[!]-b]", "\\*", "\\a").Array[0, 6]
            .Select(string.Concat);
        var text = Gen.Char["ab-]["].Array[0, 8].Select(c => new string(c));
        Gen.Select(pattern, text).Sample((p, t) => Assert.Equal(fnmatch(p, t, 0) == 0, Glob.IsMatchWithEscapes(p, t)), iter: 20_000);
    }

    [Fact]
    public void A_pattern_full_of_stars_ends_soon() =>
        Assert.False(Glob.IsMatchWithEscapes(string.Concat(Enumerable.Repeat("a*", 500)) + "b", new string('a', 5000)));

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int fnmatch(string pattern, string text, int flags);
}
