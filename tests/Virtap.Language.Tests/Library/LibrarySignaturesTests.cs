using Virtap.Language.Diagnostics;
using Virtap.Language.Library;
using Virtap.Language.Syntax;
using Virtap.Language.Syntax.Preprocessing;
using Virtap.Language.Syntax.Tree;

namespace Virtap.Language.Tests.Library;

public sealed class LibrarySignaturesTests
{
    private readonly ScriptLibrary _library = new(static source => Parse(source));

    [Fact]
    public void Every_function_that_scripts_can_call_has_a_line()
    {
        string[] lines = [.. LibrarySignatures.Functions(_library)];

        Assert.Contains("pid:long ()", lines);
        Assert.Contains("warn (msg:string)", lines);
        Assert.Contains("user_string:string (addr:long)", lines);
        Assert.Contains("user_string:string (addr:long, err_msg:string)", lines);
        Assert.DoesNotContain(lines, static line => line.StartsWith('_'));
        Assert.Equal(lines.Distinct().Order(StringComparer.Ordinal), lines);
    }

    [Fact]
    public void Every_built_in_function_for_scripts_is_listed_and_hinted_at()
    {
        string[] lines = [.. LibrarySignatures.Functions(_library)];
        foreach (BuiltIn builtIn in BuiltIns.All.Where(static each => !each.NeedsGuru && !each.Name.StartsWith('_')))
        {
            Assert.Contains(
                lines, line => line.StartsWith(builtIn.Name + " (", StringComparison.Ordinal)
                || line.StartsWith(builtIn.Name + ":", StringComparison.Ordinal));
            Assert.Same(builtIn, BuiltIns.Find(builtIn.Name));
        }

        Assert.Contains("printf (format:string, ...)", lines);
        Assert.Contains("substr:string (str:string, start:long, length:long)", lines);
    }

    [Fact]
    public void Aliases_are_listed_with_what_they_stand_for()
    {
        List<string> aliases = [.. LibrarySignatures.Aliases(_library)];
        Assert.Contains("syscall.read = nd_syscall.read", aliases);
        Assert.Contains("nd_syscall.mmap2.return = __syscall(\"mmap=mmap2\").return", aliases);
        aliases.RemoveAll(alias => alias.Contains("syscall", StringComparison.Ordinal));
        Assert.Equal(
            [
                "init = begin(-9223372036854775808)",
                "input.char = __input(\"char\")",
                "input.line = __input(\"line\")",
                "json_data = procfs(\"data.json\").read.maxsize(8192)",
                "oneshot += begin",
            ],
            aliases);
    }

    [Fact]
    public void What_the_user_adds_is_listed_too_unless_it_is_private()
    {
        _library.Add(Parse(new SourceText("mine.stp", """
            private function hidden() { }
            function twice(x) { return 2 * x }
            probe mine.kick = process("/bin/true").mark("kick"), process("/bin/true").mark("notify") ? { }
            """)));

        Assert.Contains("twice (x)", LibrarySignatures.Functions(_library));
        Assert.DoesNotContain(LibrarySignatures.Functions(_library), static line => line.Contains("hidden", StringComparison.Ordinal));
        Assert.Contains(
            "mine.kick = process(\"/bin/true\").mark(\"kick\"), process(\"/bin/true\").mark(\"notify\")?",
            LibrarySignatures.Aliases(_library));
    }

    private static Virtap.Language.Syntax.Tree.ScriptSyntax Parse(SourceText source)
    {
        var diagnostics = new DiagnosticBag();
        var script = ScriptParser.Parse(source, new LanguageEnvironment { IsLibrary = true }, diagnostics);
        Assert.False(diagnostics.HasErrors);
        return script;
    }
}
