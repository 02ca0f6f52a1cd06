using System.Runtime.CompilerServices;
using Virtap.Binaries;
using Virtap.Bpf.Specs;
using Virtap.Tracing.Backends.Ebpf;
using Virtap.Tracing.Backends.Ebpf.Emission;
using Virtap.Tracing.Ir;
using Virtap.Tracing.Lowering;
using Virtap.Tracing.Probes;
using Virtap.Tracing.Tests.Backends.InProcess;
using Virtap.Tracing.Tests.Lowering;

namespace Virtap.Tracing.Tests.Backends.Ebpf;

/// <summary>
/// The programs of whole scripts, instruction by instruction, for a machine with four CPUs and all that kernels offer: a change of what
/// is emitted is seen in review. No kernel, no root. Where the change is meant, <c>VIRTAP_UPDATE_GOLDEN=1 dotnet test</c> writes the
/// files anew.
/// </summary>
public class GoldenProgramTests
{
    [Theory]
    [InlineData("notes", """
        global count = 0
        probe subject { if ($n == 4711) { if (count > 120) { printf("%s, %d, vdev = %lx\n", probefunc(), count, $n) } count = 0 } }
        probe subjects { if ($n == 4711) { count = count + 1 } }
        probe end { printf("count = %ld\n", count) }
        """)]
    [InlineData("arrays", """
        global times, last
        probe subject { times[$n, tid()]++; last = execname() . ":" . sprintf("%5d", $seven) }
        probe end { foreach ([n, t] in times) println(n, t, times[n, t]); println(last) }
        """)]
    [InlineData("loops", """
        global total
        probe subject { for (i = 0; i < $n; i++) { if (i % 3 == 0) continue; try { total += 100 / ($seven - i) } catch { break } } }
        probe end { println(total) }
        """)]
    public void A_script_becomes_these_programs(string name, string script)
    {
        string listing = Listing(script);
        string path = Path.Combine(Folder(), name + ".txt");
        if (Environment.GetEnvironmentVariable("VIRTAP_UPDATE_GOLDEN") == "1")
            File.WriteAllText(path, listing);
        Assert.Equal(File.ReadAllText(path), listing);
        Assert.Equal(listing, Listing(script));
    }

    private static string Listing(string script)
    {
        LoweredProgram program = Scripts.Lower(script, new LoweringOptions { CpuCount = 4 });
        var options = new EmitOptions { Architecture = Architecture.X64, HasPreemptionControl = true };
        var text = new System.Text.StringBuilder();
        foreach (LoweredHandler handler in program.Handlers.Where(h => h.Targets[0] is HandledTarget { Kind: HandlerKind.InTarget }))
        {
            EmitResult result = ProgramEmitter.Emit(program, handler, options);
            ProgramSpec spec = Assert.IsType<ProgramSpec>(result.Program);
            text.Append(spec).Append('\n');
        }

        return text.ToString();
    }

    private static string Folder([CallerFilePath] string file = "") => Path.Combine(Path.GetDirectoryName(file)!, "Golden");
}
