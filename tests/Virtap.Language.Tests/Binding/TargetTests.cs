using Virtap.Language.Binding;
using Virtap.Language.Binding.Tree;

namespace Virtap.Language.Tests.Binding;

public class TargetTests
{
    private static FakeResolver Marks => new FakeResolver()
        .Mark(
            "complete",
            FakeResolver.Variable("arg1", source: "rdi"),
            FakeResolver.Variable("vdev", "void *", source: "rdi"),
            FakeResolver.Variable("name", "const char *"),
            FakeResolver.Variable("status", "unsigned char"),
            FakeResolver.Variable("offset", "int64_t"),
            FakeResolver.Variable("info", "struct info"),
            FakeResolver.Variable("list", "struct info *"),
            FakeResolver.Unreadable("lost", "its register is reused before the mark"))
        .Mark("empty");

    private static string Body(string statement) =>
        Script.Bodies($"probe process(\"vm\").mark(\"complete\") {{ {statement} }}", Marks).Split('\n')
            .Last(static line => line.StartsWith("  ", StringComparison.Ordinal)).Trim();

    [Theory]
    [InlineData("println($vdev)", "printf(\"%d\\n\", $vdev)")]
    [InlineData("println($$name)", "printf(\"%s\\n\", $$name)")]
    [InlineData("println($$provider)", "printf(\"%s\\n\", $$provider)")]
    [InlineData("println($vdev$)", "printf(\"%s\\n\", sprintf(\"%p\", $vdev))")]
    [InlineData("println($name$$)", "printf(\"%s\\n\", sprintf(\"%s\", user_string_quoted($name)))")]
    [InlineData("println($status$)", "printf(\"%s\\n\", sprintf(\"%u\", $status))")]
    [InlineData("println($offset$)", "printf(\"%s\\n\", sprintf(\"%d\", $offset))")]
    [InlineData("println($list->count)", "printf(\"%d\\n\", $list->count)")]
    [InlineData("println($list->next->next->count$)", "printf(\"%s\\n\", sprintf(\"%d\", $list->next->next->count))")]
    [InlineData("println(@defined($list->next), @defined($list->none), @defined($list->count->x))", "printf(\"%d%d%d\\n\", 1, 0, 0)")]
    [InlineData("println(@uderef(4, $vdev + 8))", "printf(\"%d\\n\", __user_uint32(($vdev) + (8)))")]
    [InlineData("println(@choose_defined($nothing, $vdev))", "printf(\"%d\\n\", $vdev)")]
    [InlineData("println(@choose_defined($vdev, $nothing))", "printf(\"%d\\n\", $vdev)")]
    [InlineData("println(@defined($nothing) ? $nothing : 7)", "printf(\"%d\\n\", 7)")]
    [InlineData("println(@defined($vdev) && $vdev > 3)", "printf(\"%d\\n\", (1) && (($vdev) > (3)))")]
    [InlineData("println(@defined($nothing) && $nothing > 3)", "printf(\"%d\\n\", 0)")]
    [InlineData("println(!@defined($nothing) || $nothing > 3)", "printf(\"%d\\n\", 1)")]
    [InlineData(
        "println(@defined($vdev), @defined($lost), @defined($vdev->next), @defined(@cast($vdev, \"x\")->y), @defined(&$vdev), "
            + "@defined(@var(\"x\")), @defined(x))", "printf(\"%d%d%d%d%d%d%d\\n\", 1, 0, 0, 0, 0, 0, 1)")]
    [InlineData("println(@defined($$name), @defined($$return), @defined($$nonsense))", "printf(\"%d%d%d\\n\", 1, 1, 0)")]
    [InlineData("println(pn(), pp(), ppfunc(), probefunc())", "printf(\"%s%s%s%s\\n\", pp(), pp(), probefunc(), probefunc())")]
    public void A_target_expression_is(string statement, string bound) => Assert.Equal(bound, Body(statement));

    [Theory]
    [InlineData(
        "$$vars",
        "sprintf(\"$arg1=%#x $vdev=%#x $name=%#x $status=%#x $offset=%#x $info=%#x $list=%#x $lost=?\", $arg1, $vdev, $name, $status, "
            + "$offset, $info, $list)")]
    [InlineData(
        "$$parms",
        "sprintf(\"$arg1=%#x $vdev=%#x $name=%#x $status=%#x $offset=%#x $info=%#x $list=%#x $lost=?\", $arg1, $vdev, $name, $status, "
            + "$offset, $info, $list)")]
    [InlineData(
        "$$vars$",
        "sprintf(\"$arg1=%#x $vdev=%s $name=%s $status=%s $offset=%s $info=%#x $list=%s $lost=?\", $arg1, sprintf(\"%p\", $vdev), "
            + "sprintf(\"%s\", user_string_quoted($name)), sprintf(\"%u\", $status), sprintf(\"%d\", $offset), $info, "
            + "sprintf(\"%p\", $list))")]
    [InlineData("$$locals", "sprintf(\"\")")]
    [InlineData("$$return", "\"\"")]
    public void All_variables_at_once(string name, string text) => Assert.Equal($"printf(\"%s\\n\", {text})", Body($"println({name})"));

    [Theory]
    [InlineData("println($vdex)", "unable to find target variable '$vdex'")]
    [InlineData("println($lost)", "cannot read target variable '$lost': its register is reused before the mark")]
    [InlineData("println($$nonsense)", "unable to find target variable '$$nonsense'")]
    [InlineData("println($vdev->next)", "nothing says what $vdev holds")]
    [InlineData("println($vdev[2])", "nothing says what $vdev holds")]
    [InlineData("println($info$)", "nothing says what $info is")]
    [InlineData("println(&$vdev)", "cannot take the address of $vdev")]
    [InlineData("println(@cast($vdev, \"x\")->y)", "type definition 'x' not found in ''")]
    [InlineData("println(@var(\"x\"))", "unable to find global 'x'")]
    [InlineData("println(@enum(\"x\"))", "unable to find enumerator 'x'")]
    [InlineData("p = $vdev; println(p->next)", "unknown type in dereference")]
    [InlineData("println(@entry($vdev))", "internal error: @entry is only valid in .return probes")]
    [InlineData("println(@perf(\"x\"))", "perf counter 'x' not defined")]
    [InlineData("println(@errno)", "@errno is not supported")]
    [InlineData("println(@uderef(3, $vdev))", "@uderef reads 1, 2, 4 or 8 bytes")]
    [InlineData("$vdev = 1", "write to target variable not permitted; need stap -g")]
    [InlineData("$vdev++", "write to target variable not permitted; need stap -g")]
    [InlineData("println(@probewrite(x))", "unexpected @probewrite")]
    public void What_cannot_be_read_or_written_says_why(string statement, string message)
    {
        const string start = "probe process(\"vm\").mark(\"complete\") { ";
        Assert.Contains(Script.Messages(start + statement + " }", Marks), found => found[(found.IndexOf(' ') + 1)..] == message);
    }

    [Fact]
    public void An_unknown_variable_gets_the_names_of_those_that_there_are()
    {
        var diagnostic = Assert.Single(
            Script.TryBind("probe process(\"vm\").mark(\"complete\") { println($vdex) }", Marks).Diagnostics.Diagnostics);
        Assert.Equal("did you mean '$vdev'? there are $arg1 $vdev $name $status $offset $info $list", diagnostic.Hint);
    }

    [Theory]
    [InlineData("probe begin { println($x) }", "1:23 unresolved target-symbol expression")]
    [InlineData("probe begin { println($$vars) }", "1:23 unresolved target-symbol expression")]
    [InlineData("probe begin { println($$name) }", "1:23 unresolved target-symbol expression")]
    public void Begin_has_no_target_variables(string script, string message) => Assert.Equal([message], Script.Messages(script));

    [Fact]
    public void A_mark_without_arguments_has_all_of_its_none() =>
        Assert.Contains(
            "printf(\"%s\\n\", sprintf(\"\"))", Script.Bodies("probe process(\"vm\").mark(\"empty\") { println($$vars) }", Marks),
            StringComparison.Ordinal);

    [Fact]
    public void Writing_target_variables_is_not_supported_even_for_gurus() =>
        Assert.Equal(
            ["1:40 write to target variable is not supported yet"],
            Script.Messages("probe process(\"vm\").mark(\"complete\") { $vdev = 1 }", Marks, new BindOptions { IsGuru = true }));

    [Fact]
    public void What_stands_in_a_branch_for_other_targets_is_not_looked_at() =>
        Assert.Empty(Script.Messages(
            """
            probe process("vm").mark("*") {
                x = 1
                if (@defined($nothing)) { x = "a string"; unknown_function($nothing->next) }
                if (@defined($vdev)) println($vdev) else println("none")
            }
            """,
            Marks));

    [Fact]
    public void Pn_is_the_alias_that_a_probe_names() =>
        Assert.Contains(
            "printf(\"%s\\n\", \"vm.done\")",
            Script.Bodies("probe vm.done = process(\"vm\").mark(\"complete\") {} probe vm.* { println(pn()) }", Marks),
            StringComparison.Ordinal);

    [Fact]
    public void Probewrite_looks_at_the_body_of_the_probe_that_uses_the_alias()
    {
        const string alias = "probe a = begin { x = 0 }, { if (@probewrite(x)) println(x) else exit() } ";
        Assert.Contains("printf", Script.Bodies(alias + "probe a { x = 1 }"), StringComparison.Ordinal);
        Assert.DoesNotContain("printf", Script.Bodies(alias + "probe a { y = 1 }"), StringComparison.Ordinal);
    }

    [Fact]
    public void Sources_come_from_the_target()
    {
        BoundProgram program = Script.Bind("probe process(\"vm\").mark(\"complete\") { x = $vdev }", Marks);
        var block = Assert.IsType<BoundBlock>(Assert.Single(program.Probes).Body);
        var assignment = Assert.IsType<BoundAssignment>(
            Assert.IsType<BoundExpressionStatement>(Assert.Single(block.Statements)).Expression);
        Assert.Equal(new FakeSource("void *", "rdi"), Assert.IsType<BoundTarget>(assignment.Value).Source);
    }
}
