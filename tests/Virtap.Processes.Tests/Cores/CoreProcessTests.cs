using System.Diagnostics;
using System.Globalization;
using CsCheck;
using Virtap.Binaries.Elf;
using Virtap.Processes.Access;
using Virtap.Processes.Cores;
using Virtap.Processes.Memory;
using Virtap.Processes.Tests.Support;

namespace Virtap.Processes.Tests.Cores;

/// <summary>Cores of a small process, by gdb's gcore and by the kernel.</summary>
public sealed class CoreProcessTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void A_core_by_gcore_holds_what_the_process_has()
    {
        using var child = new Child("/bin/sleep", "1000");
        string path = Dump(child);
        LiveProcess live = LiveProcess.Find(child.Id)!;

        using CoreProcess core = CoreProcess.Open(path, null);

        Assert.Equal(
            (live.Id, live.Name, true, 0ul, null), (core.Id, core.Name, core.IsExecutableVerified, core.MissingBytes, core.Signal));
        Assert.Equal(live.CommandLine, core.CommandLine);
        Assert.Equal(live.ExecutableName, core.ExecutableName);
        using ElfFile file = ElfFile.Open(core.ExecutablePath);
        Assert.Equal(live.LoadBias(file), core.LoadBias(file));
        // The heap is in the core; what nobody has written to, of the program, is in its file.
        Mapping heap = live.ReadMappings().Single(m => m.Path == "[heap]");
        AssertSame(live, core, heap.Start, (int)heap.Length);
        foreach (Mapping mapping in live.ReadMappings()
            .Where(m => m.Path == live.ExecutableName && m.Protection.HasFlag(MappingProtection.Read)))
            AssertSame(live, core, mapping.Start, 4096);
        Mapping again = core.ReadMappings().At(heap.Start)!.Value;
        Assert.Equal(
            (heap.Start, heap.End, MappingProtection.Read | MappingProtection.Write, false),
            (again.Start, again.End, again.Protection, again.IsFile));
        Assert.Equal(0, core.Memory.Read(0, new byte[8]));
        Assert.Equal(0, core.Memory.Read(heap.End, new byte[8]));
    }

    [Fact]
    public void A_core_by_the_kernel_says_which_signal_ended_the_process()
    {
        string pattern = File.ReadAllText("/proc/sys/kernel/core_pattern").Trim();
        Assert.SkipUnless(pattern == "core", $"the kernel puts cores elsewhere here: {pattern}");
        using Process shell = Process.Start(
            new ProcessStartInfo("/bin/sh", ["-c", "ulimit -c unlimited; kill -SEGV $$"]) { WorkingDirectory = _folder.Path })!;
        shell.WaitForExit();
        string path = Directory.EnumerateFiles(_folder.Path, "core*").SingleOrDefault() ?? "";
        Assert.SkipWhen(path.Length == 0, "the kernel writes no cores here");

        using CoreProcess core = CoreProcess.Open(path, null);

        Assert.Equal((11, shell.Id, true), (core.Signal, core.Id, core.IsExecutableVerified));
        Assert.Equal(["/bin/sh", "-c", "ulimit -c unlimited; kill -SEGV $$"], core.CommandLine);
    }

    [Fact]
    public void A_core_is_not_taken_for_that_of_another_program()
    {
        using var child = new Child("/bin/sleep", "1000");
        string path = Dump(child);

        var wrong = Assert.Throws<ProcessException>(() => CoreProcess.Open(path, "/bin/cat"));

        Assert.Matches(
            $"^{path} is not of /bin/cat: the program in the core has the build id [0-9a-f]+, the file [0-9a-f]+$", wrong.Message);
        Assert.Equal(
            "/bin/sleep is no core: it is a program or a library",
            Assert.Throws<ProcessException>(() => CoreProcess.Open("/bin/sleep", null)).Message);
        Assert.Equal("/etc/passwd: not an ELF file", Assert.Throws<ProcessException>(() => CoreProcess.Open("/etc/passwd", null)).Message);
    }

    [Fact]
    public void What_was_cut_off_a_core_is_told_and_reads_as_nothing()
    {
        using var child = new Child("/bin/sleep", "1000");
        byte[] whole = File.ReadAllBytes(Dump(child));
        // gcore puts the notes at the end: without them the program is known by its build id.
        string path = Path.Combine(_folder.Path, "cut");
        File.WriteAllBytes(path, whole[..(whole.Length / 2)]);

        var unnamed = Assert.Throws<ProcessException>(() => CoreProcess.Open(path, null));
        using CoreProcess core = CoreProcess.Open(path, "/bin/sleep");

        Assert.StartsWith($"{path} was cut short, ", unnamed.Message, StringComparison.Ordinal);
        Assert.EndsWith(
            " bytes are missing, and does not say which program it is of: name it with --exe", unnamed.Message, StringComparison.Ordinal);
        Assert.InRange(core.MissingBytes, 1ul, (ulong)whole.Length);
        Assert.True(core.IsExecutableVerified);
        using ElfFile file = ElfFile.Open("/bin/sleep");
        Assert.Equal(LiveProcess.Find(child.Id)!.LoadBias(file), core.LoadBias(file));
        Mapping stack = LiveProcess.Find(child.Id)!.ReadMappings().Single(m => m.Path == "[stack]");
        Assert.Equal(0, core.Memory.Read(stack.Start, new byte[16]));
    }

    [Fact]
    public void However_a_core_is_damaged_it_is_refused_or_read_in_bounds()
    {
        using var child = new Child("/bin/sleep", "1000");
        byte[] whole = File.ReadAllBytes(Dump(child));
        ulong heap = LiveProcess.Find(child.Id)!.ReadMappings().Single(m => m.Path == "[heap]").Start;
        string path = Path.Combine(_folder.Path, "damaged");
        // Half of the damage in the headers, half in the notes, which stand at the end.
        var place = Gen.OneOf(Gen.Int[0, 1100], Gen.Int[whole.Length - 24_000, whole.Length - 1]);
        Gen.Select(Gen.Select(place, Gen.Byte).Array[1, 20], Gen.Int[0, whole.Length]).Sample((damage, cut) =>
        {
            byte[] bytes = [.. whole];
            foreach (var (at, value) in damage)
                bytes[at] = value;
            File.WriteAllBytes(path, cut % 4 == 0 ? bytes[..cut] : bytes);
            try
            {
                using CoreProcess core = CoreProcess.Open(path, "/bin/sleep");
                _ = core.CommandLine.Count;
                _ = core.ReadMappings().Count;
                Assert.InRange(core.Memory.Read(heap, new byte[10_000]), 0, 10_000);
            }
            catch (ProcessException e)
            {
                Assert.Contains(path, e.Message, StringComparison.Ordinal);
            }
        }, iter: 200, threads: 1);
    }

    public void Dispose() => _folder.Dispose();

    private string Dump(Child child)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/gcore"), "gdb's gcore is not installed");
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "dumping another process takes root");
        using Process gcore = Process.Start(
            new ProcessStartInfo(
                "/usr/bin/gcore", ["-o", Path.Combine(_folder.Path, "core"), child.Id.ToString(CultureInfo.InvariantCulture)])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        string output = gcore.StandardOutput.ReadToEnd();
        gcore.WaitForExit();
        Assert.True(gcore.ExitCode == 0, output);
        return Path.Combine(_folder.Path, $"core.{child.Id}");
    }

    private static void AssertSame(LiveProcess live, CoreProcess core, ulong address, int length)
    {
        byte[] expected = new byte[length], actual = new byte[length];
        Assert.True(live.Memory.TryRead(address, expected));
        Assert.True(core.Memory.TryRead(address, actual), $"0x{address:x} is not in the core");
        Assert.True(expected.AsSpan().SequenceEqual(actual), $"0x{address:x} is something else in the core");
    }
}
