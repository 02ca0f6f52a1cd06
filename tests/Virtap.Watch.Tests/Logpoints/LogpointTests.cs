using System.Globalization;
using System.Text;
using Virtap.Binaries.Dwarf;
using Virtap.Debugging.Evaluation;
using Virtap.Debugging.Locations;
using Virtap.Debugging.Printing;
using Virtap.Debugging.Syntax;
using Virtap.Debugging.Targets;
using Virtap.Processes.Stacks;
using Virtap.Watch.Logpoints;
using Process = System.Diagnostics.Process;

namespace Virtap.Watch.Tests.Logpoints;

/// <summary>What a logpoint's script reads, and what is made of what it prints; that it runs, the commands' tests show.</summary>
public sealed class LogpointTests : IDisposable
{
    private const string Source = """
        struct part { int a; short b; };
        struct whole { long n; struct part parts[2]; double d; char big[300]; };
        __attribute__((noinline)) void hit(struct whole *w, int k) { w->n += k; asm volatile("" ::: "memory"); }
        static struct whole g;
        int main(void) { hit(&g, 2); return 0; }
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("virtap-logpoint-").FullName;

    [Fact]
    public void Expressions_become_a_script_and_what_it_prints_becomes_hits()
    {
        using DebugTarget target = Open();
        Logpoint logpoint = At(target) with { Expressions = ["w->parts[1]", "k", "w->d"], Condition = "k > 1", Count = 3 };
        var script = new LogpointScript(logpoint);
        const string values = "gettimeofday_us(), user_int64(&$w->parts[1] + 0), $k, user_int64(&$w->d + 0)";
        string address = logpoint.Location.Address.ToString("x", CultureInfo.InvariantCulture);

        Assert.Equal(
            $$"""
            global hits
            probe process("{{target.ProgramName}}").statement(0x{{address}}) {
              if (pid() != target()) next
              if (!(($k > 1))) next
              if (hits >= 3) next
              hits++
              printf("%d %d %d %d %d %s%c", tid(), {{values}}, execname(), 0)
              if (hits >= 3) exit()
            }

            """, script.Write());

        List<LogpointHit> hits = [];
        var reader = new LogpointReader(script.Fields, target.Memory, hits.Add);
        byte[] record = Encoding.UTF8.GetBytes($"4711 1000001 {(9L << 32) | 7} -2 {BitConverter.DoubleToInt64Bits(1.5)} a \n name\0");
        reader.Take(record.AsSpan(0, 8));
        Assert.Empty(hits);
        reader.Take(record.AsSpan(8));

        LogpointHit hit = Assert.Single(hits);
        Assert.Equal((4711, "a \n name"), (hit.ThreadId, hit.ThreadName));
        Assert.Equal(DateTimeOffset.UnixEpoch.AddMicroseconds(1_000_001), hit.Time);
        var printer = new ValuePrinter(logpoint.Scope, isCPlusPlus: false, new PrintOptions());
        Assert.Equal(["{a = 7, b = 9}", "-2", "1.5"], hit.Values.Select(printer.Print));
    }

    [Theory]
    [InlineData("w->nothing", "There is no member named nothing.", ExpressionFault.UnknownMember, 3)]
    [InlineData("1 + nothing", "No symbol \"nothing\" in current context.", ExpressionFault.UnknownName, 4)]
    [InlineData("w->big", "w->big takes 300 bytes", ExpressionFault.Invalid, 0)]
    [InlineData("k ? 1 : 2", "this cannot be read in the kernel", ExpressionFault.Invalid, 0)]
    public void What_the_kernel_cannot_read_is_told_with_its_place(string expression, string message, ExpressionFault fault, int start)
    {
        using DebugTarget target = Open();
        var problem = Assert.Throws<LogpointException>(
            () => new LogpointScript(At(target) with { Expressions = ["k", expression] }).Write());
        Assert.Equal((expression, message), (problem.Expression, problem.Message));
        Assert.Equal((fault, start), (problem.Reason.Fault, problem.Reason.Span.Start));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static Logpoint At(DebugTarget target)
    {
        CodeLocation location = Assert.Single(new LocationResolver(target, static _ => 0).Find("hit", null, null));
        return new Logpoint(1, location, new TargetScope(target, StackFrame.At(location.Address)));
    }

    private DebugTarget Open()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/gcc"), "gcc is not installed");
        string source = Path.Combine(_folder, "subject.c"), program = Path.Combine(_folder, "subject");
        File.WriteAllText(source, Source);
        using Process compiler = Process.Start("/usr/bin/gcc", ["-O1", "-g", "-o", program, source]);
        compiler.WaitForExit();
        Assert.Equal(0, compiler.ExitCode);
        return DebugTarget.OfFile(program, new DebugFileSearch { Roots = [] });
    }
}
