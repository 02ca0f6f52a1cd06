using Virtap.Language.Binding.Printing;
using Virtap.Language.Binding.Tree;

namespace Virtap.Language.Tests.Binding;

public class RunAtLeastTests
{
    [Fact]
    public void A_script_of_two_marks_an_end_and_a_global_is_bound()
    {
        // In the shape of the script that counts completions between notifications.
        const string script = """
            global count = 0
            probe process("vm").mark("notify") {
                if ($vdev == 4711) {
                    if (count > 120) {
                        printf("%s, %d, vdev = %lx\n", probefunc(), count, $vdev)
                    }
                    count = 0
                }
            }
            probe process("vm").mark("complete") {
                if ($vdev == 4711)
                    count = count + 1
            }
            probe end {
                printf("count = %ld\n", count)
            }
            """;
        var resolver = new FakeResolver().Mark("notify", FakeResolver.Variable("vdev")).Mark("complete", FakeResolver.Variable("vdev"));

        Assert.Equal(
            """
            # globals
            count:long = 0
            # probes
            process("vm").mark("notify") /* <- process("vm").mark("notify") */
            {
              if (($vdev) == (4711))
                {
                  if ((count) > (120))
                    {
                      printf("%s, %d, vdev = %x\n", probefunc(), count, $vdev)
                    }
                  count = 0
                }
            }
            process("vm").mark("complete") /* <- process("vm").mark("complete") */
            {
              if (($vdev) == (4711))
                count = (count) + (1)
            }
            end /* <- end */
            {
              printf("count = %d\n", count)
            }

            """,
            Script.Bodies(script, resolver));
    }

    [Fact]
    public void The_listing_without_bodies_has_the_form_of_pass_2()
    {
        BoundProgram program = Script.Bind("""
            global times, names%[10], seen
            function twice(n) { return n * 2 }
            probe begin, timer.s(1) { x = twice(3); times[x, "a"]++; names[x] = "b"; seen <<< x }
            probe end { foreach ([n, s] in times) println(n, s) }
            """);

        Assert.Equal(
            """
            # globals
            times:long [long, string]
            names%[10]:string [long]
            seen:stats
            # functions
            twice:long (n:long)
            # probes
            begin /* <- begin,timer.s(1) */
              # locals
              x:long
            timer.s(1) /* <- begin,timer.s(1) */
              # locals
              x:long
            end /* <- end */
              # locals
              n:long
              s:string

            """,
            BoundProgramPrinter.Print(program));
        Assert.Equal("3 probes, 1 function, 0 embeds, 3 globals", BoundProgramPrinter.Summarize(program));
    }
}
