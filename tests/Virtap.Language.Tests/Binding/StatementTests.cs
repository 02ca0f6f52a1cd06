namespace Virtap.Language.Tests.Binding;

public class StatementTests
{
    private static string Body(string statement, string globals = "")
    {
        string[] lines = Script.Bodies($"{globals} probe begin {{ {statement} }}").Split('\n');
        int start = Array.IndexOf(lines, "{", Array.FindIndex(lines, static line => line.StartsWith("begin", StringComparison.Ordinal)));
        return string.Join('\n', lines[(start + 1)..Array.LastIndexOf(lines, "}")].Select(static line => line[2..]));
    }

    [Theory]
    [InlineData("x = 1", "x = 1")]
    [InlineData("x = -1; x = +x; x = ~x; x = !x", "x = -1\nx = x\nx = ~(x)\nx = !(x)")]
    [InlineData("x = 1 + 2 * 3 % 4 - 5 / 6", "x = ((1) + (((2) * (3)) % (4))) - ((5) / (6))")]
    [InlineData("x = 1 << 2 >> 3 >>> 1 & 4 | 5 ^ 6", "x = (((((1) << (2)) >> (3)) >>> (1)) & (4)) | ((5) ^ (6))")]
    [InlineData("x = \"a\" . \"b\" . \"c\"", "x = ((\"a\") . (\"b\")) . (\"c\")")]
    [InlineData("x = \"a\" < \"b\"; y = 1 >= x", "x = (\"a\") < (\"b\")\ny = (1) >= (x)")]
    [InlineData("x = execname() =~ \"^q.*\"; y = execname() !~ \"z\"", "x = (execname()) =~ \"^q.*\"\ny = (execname()) !~ \"z\"")]
    [InlineData("x = pid() ? \"a\" : \"b\"", "x = (pid()) ? (\"a\") : (\"b\")")]
    [InlineData("x = y = 3", "x = y = 3")]
    [InlineData(
        "x += 1; x -= 1; x *= 2; x /= 2; x %= 2; x <<= 1; x >>= 1; x &= 1; x |= 1; x ^= 1",
        "x += 1\nx -= 1\nx *= 2\nx /= 2\nx %= 2\nx <<= 1\nx >>= 1\nx &= 1\nx |= 1\nx ^= 1")]
    [InlineData("x = \"a\"; x .= \"b\"", "x = \"a\"\nx .= \"b\"")]
    [InlineData("x++; ++x; x--; --x", "x++\n++x\nx--\n--x")]
    [InlineData("pid() ? exit() : println(1)", "if (pid())\n  exit()\nelse\n  printf(\"%d\\n\", 1)")]
    [InlineData("if (pid()) exit() else next", "if (pid())\n  exit()\nelse\n  next")]
    [InlineData("if (0) nonsense() else exit()", "exit()")]
    [InlineData("if (\"a\" == \"b\" || 2 < 1) nonsense()", "{\n}")]
    [InlineData("while (pid()) exit()", "for (; pid(); )\n  exit()")]
    [InlineData("for (;;) break", "for (; ; )\n  break")]
    [InlineData("for (i = 0; i < 3; i++) continue", "for (i = 0; (i) < (3); i++)\n  continue")]
    [InlineData("try { error(\"x\") } catch { exit() }", "try\n  {\n    error(\"x\")\n  }\ncatch\n  {\n    exit()\n  }")]
    [InlineData(
        "try { error(\"x\") } catch (e) { println(e) }", "try\n  {\n    error(\"x\")\n  }\ncatch (e)\n  {\n    printf(\"%s\\n\", e)\n  }")]
    [InlineData(";", "{\n}")]
    public void A_statement_is_bound(string statement, string bound) => Assert.Equal(bound, Body(statement));

    [Theory]
    [InlineData("a[1] = 2; println(a[1]); a[2]++", "a[1] = 2\nprintf(\"%d\\n\", a[1])\na[2]++")]
    [InlineData(
        "a[1, \"x\"] += 2; if ([1, \"x\"] in a) exit(); if ([*, \"x\"] in a) exit()",
        "a[1, \"x\"] += 2\nif ([1, \"x\"] in a)\n  exit()\nif ([*, \"x\"] in a)\n  exit()")]
    [InlineData("a[1, 2] = \"s\"; delete a[1, 2]; delete a[*, 2]; delete a", "a[1, 2] = \"s\"\ndelete a[1, 2]\ndelete a[*, 2]\ndelete a")]
    [InlineData("a = 3; delete a", "a = 3\ndelete a")]
    [InlineData("a[\"x\"] = 1; foreach (k in a) println(k)", "a[\"x\"] = 1\nforeach ([k] in a)\n  printf(\"%s\\n\", k)")]
    [InlineData(
        "a[\"x\"] = 1; foreach (v = k+ in a limit 3) println(k, v)",
        "a[\"x\"] = 1\nforeach (v = [k] in a + by k limit 3)\n  printf(\"%s%d\\n\", k, v)")]
    [InlineData(
        "a[\"x\", 1] = 1; foreach ([k, j] in a- limit 3) println(k, j)",
        "a[\"x\", 1] = 1\nforeach ([k, j] in a - by value limit 3)\n  printf(\"%s%d\\n\", k, j)")]
    [InlineData(
        "a[\"x\", 1] = 1; foreach ([k, j] in a[*, 1]) println(k, j)",
        "a[\"x\", 1] = 1\nforeach ([k, j] in a[*, 1])\n  printf(\"%s%d\\n\", k, j)")]
    [InlineData(
        "a[1] <<< 2; foreach (k in a-) println(@sum(a[k]))",
        "a[1] <<< 2\nforeach ([k] in a @count - by value)\n  printf(\"%d\\n\", @sum(a[k]))")]
    [InlineData("foreach (k in a-) println(k); a[1] <<< 2", "foreach ([k] in a @count - by value)\n  printf(\"%d\\n\", k)\na[1] <<< 2")]
    [InlineData(
        "a[1] <<< 2; foreach (k in a @avg+) println(@min(a[k]), @max(a[k]), @avg(a[k]), @count(a[k]))",
        "a[1] <<< 2\nforeach ([k] in a @avg + by value)\n  printf(\"%d%d%d%d\\n\", @min(a[k]), @max(a[k]), @avg(a[k]), @count(a[k]))")]
    [InlineData("a <<< 1; println(@variance(a, 3))", "a <<< 1\nprintf(\"%d\\n\", @variance(a, 3))")]
    [InlineData("a <<< 1; print(@hist_log(a))", "a <<< 1\nprintf(\"%@\", @hist_log(a))")]
    [InlineData(
        "a <<< 1; println(@hist_linear(a, -1, 10, 2)); x = sprint(@hist_linear(a, -1, 10, 2))",
        "a <<< 1\nprintf(\"%@\", @hist_linear(a, -1, 10, 2))\nx = sprintf(\"%@\", @hist_linear(a, -1, 10, 2))")]
    [InlineData(
        "a[1] <<< 1; foreach (b in @hist_log(a[1])) println(b, @hist_log(a[1])[b])",
        "a[1] <<< 1\nforeach ([b] in @hist_log(a[1]))\n  printf(\"%d%d\\n\", b, @hist_log(a[1])[b])")]
    [InlineData(
        "a <<< 1; foreach (n = b in @hist_log(a)- limit 2) println(b, n)",
        "a <<< 1\nforeach (n = [b] in @hist_log(a) limit 2)\n  printf(\"%d%d\\n\", b, n)")]
    [InlineData("a[1] = 2; foreach (k in a) delete a", "a[1] = 2\nforeach ([k] in a)\n  delete a")]
    public void Arrays_and_aggregates_are_bound(string statement, string bound) => Assert.Equal(bound, Body(statement, "global a"));

    [Theory]
    [InlineData("print(1, \"a\")", "printf(\"%d%s\", 1, \"a\")")]
    [InlineData("println()", "printf(\"\\n\")")]
    [InlineData("println(\"100%\")", "printf(\"%s\\n\", \"100%\")")]
    [InlineData("printd(\", \", 1, \"a\", 2)", "printf(\"%d, %s, %d\", 1, \"a\", 2)")]
    [InlineData("printdln(\"|\", 1, 2)", "printf(\"%d|%d\\n\", 1, 2)")]
    [InlineData(
        "x = sprint(1) . sprintln(2) . sprintd(\"-\", 3, 4) . sprintdln(\"-\", 5, 6)",
        "x = (((sprintf(\"%d\", 1)) . (sprintf(\"%d\\n\", 2))) . (sprintf(\"%d-%d\", 3, 4))) . (sprintf(\"%d-%d\\n\", 5, 6))")]
    [InlineData(
        "printf(\"%d %i %u %x %X %o %p %c %s\\n\", 1, 2, 3, 4, 5, 6, 7, 8, \"9\")",
        "printf(\"%d %d %u %x %X %o %p %c %s\\n\", 1, 2, 3, 4, 5, 6, 7, 8, \"9\")")]
    [InlineData(
        "printf(\"%-5s|%+d|% d|%05d|%#x|%.3s|%.d|%-05d\", \"a\", 1, 2, 3, 4, \"b\", 5, 6)",
        "printf(\"%-5s|%+d|% d|%05d|%#x|%.3s|%.0d|%-5d\", \"a\", 1, 2, 3, 4, \"b\", 5, 6)")]
    [InlineData("x = 9; printf(\"%*d %.*d %*.*s\", x, 1, x, 2, x, x, \"a\")", "x = 9\nprintf(\"%*d %.*d %*.*s\", x, 1, x, 2, x, x, \"a\")")]
    [InlineData("printf(\"%ld %5lx %% %m %#M %10.4M\", 1, 2, 3, 4, 5)", "printf(\"%d %5x %% %m %#M %10.4M\", 1, 2, 3, 4, 5)")]
    [InlineData("printf(\"%b%1b%2b%4b%8b%3b\", 1, 2, 3, 4, 5, 6)", "printf(\"%8b%1b%2b%4b%8b%8b\", 1, 2, 3, 4, 5, 6)")]
    [InlineData("log(\"x\")", "printf(\"%s\\n\", \"x\")")]
    [InlineData("warn(\"x\")", "warnf(\"%s\", \"x\")")]
    [InlineData("println(x); x = \"later\"", "printf(\"%s\\n\", x)\nx = \"later\"")]
    public void Printing_is_bound(string statement, string bound) => Assert.Equal(bound, Body(statement));
}
