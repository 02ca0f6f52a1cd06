using Virtap.Language.Binding;
using Virtap.Language.Binding.Tree;
using Virtap.Language.Diagnostics;
using Virtap.Language.Library;
using Virtap.Language.Syntax;
using Virtap.Language.Syntax.Preprocessing;
using Virtap.Language.Syntax.Tree;
using Virtap.Language.Tests.Binding;

namespace Virtap.Language.Tests.Library;

/// <summary>Libraries of the user's own, as -I names them.</summary>
public class UserLibraryTests
{
    private static BoundProgram Bind(string script, params string[] files)
    {
        var diagnostics = new DiagnosticBag();
        ScriptLibrary library = Script.Library(diagnostics);
        for (int i = 0; i < files.Length; i++)
            library.Add(Script.Parse(new SourceText($"lib{i}.stp", files[i])));
        ScriptSyntax parsed = ScriptParser.Parse(new SourceText("test.stp", script), new LanguageEnvironment(), diagnostics);
        BoundProgram? program = ScriptBinder.Bind(
            [parsed], library, new FakeResolver(), new BindOptions { KeepsUnused = true }, diagnostics);
        Assert.DoesNotContain(diagnostics.Diagnostics, static diagnostic => diagnostic.Kind != DiagnosticKind.Warning);
        return program!;
    }

    [Fact]
    public void Functions_are_found_and_call_each_other() =>
        Assert.Equal(
            ["helper", "twice"],
            Bind(
                "probe begin { println(twice(2)) }", "function twice(n) { return helper(n) * 2 }", "function helper(n) { return n }",
                "function other() { return nonsense() }")
                .Functions.Select(static function => function.Name));

    [Fact]
    public void Aliases_are_found_by_name_and_by_pattern()
    {
        string[] library = ["probe vm.read = begin { what = \"read\" }", "probe vm.write = end { what = \"write\" }"];
        Assert.Single(Bind("probe vm.read { println(what) }", library).Probes);
        Assert.Equal(2, Bind("probe vm.* { println(what) }", library).Probes.Count);
    }

    [Fact]
    public void A_file_that_is_used_brings_its_probes_and_globals()
    {
        const string library = "global count probe timer.s(1) { count++ } function f() { return count }";
        Assert.Equal(2, Bind("probe begin { println(f()) }", library).Probes.Count);
        Assert.Equal(2, Bind("probe begin { println(count) }", library).Probes.Count);
        Assert.Single(Bind("probe begin { println(1) }", library).Probes);
    }

    [Fact]
    public void A_function_of_the_script_goes_before_one_of_the_library_and_hands_over_to_it()
    {
        BoundProgram program = Bind("function f() { if (pid()) next; return 1 } probe begin { println(f()) }", "function f() { return 2 }");
        Assert.Equal([true, false], program.Functions.Select(static function => function.IsLibrary));
        Assert.Equal(program.Functions[0], program.Functions[1].NextOverload);
    }

    [Fact]
    public void Globals_of_the_library_are_not_printed_at_the_end() =>
        Assert.True(Assert.Single(Bind("probe begin { f() }", "global seen function f() { seen++ }").Globals).IsRead);

    [Fact]
    public void Private_names_stay_in_their_file()
    {
        BoundProgram program = Bind(
            "global hidden = \"mine\" probe begin { println(f(), hidden) }",
            "private global hidden = 7 private function g() { return hidden } function f() { return g() }");
        Assert.Equal([ScriptType.String, ScriptType.Long], program.Globals.Select(static global => global.Type));
    }
}
