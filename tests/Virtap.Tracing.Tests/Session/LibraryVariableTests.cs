using Virtap.Bpf.Tests.Support;
using Virtap.Language.Diagnostics;
using Virtap.Tracing.Tests.Support;

namespace Virtap.Tracing.Tests.Session;

/// <summary>Variables of other files than the probed one: where the process has them, its dynamic linker's list says.</summary>
public sealed class LibraryVariableTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_librarys_variables_are_read_in_the_program_and_the_programs_in_the_library(bool isMoved)
    {
        RealKernel.Require();
        using PartedProgram program = PartedProgram.Start(isMoved);
        string library = PartedProgram.Library;
        ScriptText.Outcome outcome = ScriptText.Run($$"""
            probe process("{{program.Path}}").function("in_program") {
                println(@var("shared", "{{library}}")->number, @var("shared", "nothing:{{library}}")->name$,
                    @var("shared", "{{library}}")->next->number, " ", @var("hidden@*", "{{library}}"))
                n = 1
                println(@var("rows", "{{library}}")[n + 1], @var("rows", "{{library}}")[0], " ", @var("rows", "{{library}}")$, " ",
                    user_int(&@var("rows", "{{library}}")[1]), @defined(@var("none", "{{library}}")))
            }
            probe process("{{program.Path}}").library("parted.so").function("from_library") {
                println(@var("of_program", "{{program.Path}}"), " ", @var("hidden"))
            }
            """, program.Run);
        Assert.Equal(("43 17\n1\"shared\"2 17\n75 [5, ...] 60\n", ""), (outcome.Output, outcome.Errors));
    }

    [Fact]
    public void Where_a_process_has_not_loaded_the_file_that_is_an_error_of_the_handler()
    {
        RealKernel.Require();
        using PartedProgram program = PartedProgram.Start(isMoved: true);
        using HoppingProgram other = HoppingProgram.Start(1);
        ScriptText.Outcome outcome = ScriptText.Run($$"""
            probe process("{{HoppingProgram.Path}}").function("next") {
                try { println(@var("shared", "{{PartedProgram.Library}}")->number) } catch (m) { println(m); exit() }
            }
            """, () => other.Run());
        Assert.Equal($"{PartedProgram.Library} is not loaded in this process\n", outcome.Output);
    }

    [Fact]
    public void A_file_that_there_is_not_and_a_variable_that_it_has_not_are_told()
    {
        using PartedProgram program = PartedProgram.Start(isMoved: true);
        string start = $"probe process(\"{program.Path}\").function(\"in_program\") {{ println(@var(\"none\", ";
        Diagnostic noFile = Assert.Single(ScriptText.Diagnose(start + "\"nothing.so\")) }"));
        Assert.Equal("unable to find global 'none' in nothing.so", noFile.Message);
        Assert.StartsWith("there is no file 'nothing.so'", noFile.Hint, StringComparison.Ordinal);
        Diagnostic noVariable = Assert.Single(ScriptText.Diagnose($"{start}\"{PartedProgram.Library}\")) }}"));
        Assert.Equal($"unable to find global 'none' in {PartedProgram.Library}", noVariable.Message);
    }
}
