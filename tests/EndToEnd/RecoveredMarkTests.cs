using System.Globalization;
using System.Text;
using Virtap.EndToEnd.Guests;

namespace Virtap.EndToEnd;

/// <summary>
/// Marks recovered from a stripped QEMU, against the truth: QEMU's own log of the same trace events, switched on while a guest
/// boots, uses its disk and its network card, and shuts down.
/// </summary>
public class RecoveredMarkTests(ITestOutputHelper output)
{
    private const string Declarations = "/usr/share/qemu/trace-events-all";

    /// <summary>Families of events that a guest's run is full of, and that do not come by the million.</summary>
    private static readonly string[] Families =
    [
        "virtio_", "virtqueue_", "virtio_pci_", "virtio_net_", "virtio_blk_", "virtio_balloon_", "virtio_rng_", "pci_", "msix_",
        "apic_", "ioapic_", "pic_", "x86_", "serial_", "mc146818_", "fw_cfg_", "pm_", "piix", "acpi", "memory_region_", "flatview_",
        "bdrv_", "blk_", "blockdev_", "qemu_co_", "qemu_aio_", "qemu_coroutine_", "run_poll_", "poll_", "aio_", "visit_", "qmp_",
        "handle_qmp", "monitor_", "vm_", "vmstate_", "runstate_", "system_", "qemu_system_", "qdev_", "resettable_", "bus_", "dma_",
        "net_", "slirp_", "thread_pool_", "cpu_", "guest_", "rtc_", "hpet_", "ps2_", "pckbd_", "i8257_", "tlb_", "balloon_",
        "qemu_memalign",
    ];

    [Fact]
    public async Task Every_event_and_every_readable_argument_of_a_guests_run_is_what_QEMU_logs()
    {
        await Requirements.AttachingAsync();
        await Requirements.GuestAsync();
        Requirements.ExistingFile(Declarations);
        var declared = TraceEventDeclaration.ReadAll(Declarations);
        await using var guest = await Guest.StartAsync(new GuestOptions
        {
            StartPaused = true,
            Devices = [.. GuestOptions.Disk, "-netdev", "user,id=net0", "-device", "virtio-net-pci,netdev=net0",
                "-device", "virtio-balloon-pci", "-device", "virtio-rng-pci"],
            Trace = [.. Families.Select(family => family + "*")],
        });
        var marks = await MarksAsync(declared);
        var script = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(script, Script(marks), TestContext.Current.CancellationToken);
            await using var virtap = await VirtapProcess.AttachAsync(script, guest.ProcessId.ToString(CultureInfo.InvariantCulture));
            for (var tries = 0; !virtap.Output.Contains("on"); tries++)
            {
                Assert.True(tries < 100, "the script's timer does not fire");
                await Task.Delay(100, TestContext.Current.CancellationToken);
            }

            await guest.ResumeAsync();
            await guest.FioAsync("--rw=randrw --bs=4k --ioengine=libaio --iodepth=64 --number_ios=2000");
            await guest.RunAsync(
                "modprobe virtio_net; ifconfig eth0 10.0.2.15 up; ping -c 3 10.0.2.2; modprobe virtio_balloon; modprobe virtio-rng");
            var log = await guest.PowerOffAsync();
            var printed = await virtap.InterruptAsync();

            Assert.DoesNotContain("WARNING", printed.Error, StringComparison.Ordinal);
            Compare(log, printed.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries), marks);
        }
        finally
        {
            File.Delete(script);
        }
    }

    /// <summary>The marks that Virtap offers of the families, with QEMU's declaration of each.</summary>
    private static async Task<Dictionary<string, TraceEventDeclaration>> MarksAsync(
        IReadOnlyDictionary<string, TraceEventDeclaration> declared)
    {
        var listed = await VirtapProcess.RunAsync("run", "-l", $"process(\"{Guest.Qemu}\").mark(\"*\")");
        Assert.True(listed.Status == 0, listed.Error);
        return (from line in listed.Output.Split('\n')
                let start = line.LastIndexOf(".mark(\"", StringComparison.Ordinal)
                where start >= 0
                let name = line[(start + 7)..line.LastIndexOf('"')]
                where Array.Exists(Families, family => name.StartsWith(family, StringComparison.Ordinal)) && declared.ContainsKey(name)
                select name).Distinct().ToDictionary(name => name, name => declared[name]);
    }

    /// <summary>
    /// A probe for each mark that prints thread, name and arguments: "?" for one that cannot be read, "s" for one that the log
    /// has as text. Printing begins at one instant, so that what is printed of a thread is all that it does from there on.
    /// </summary>
    private static string Script(Dictionary<string, TraceEventDeclaration> marks)
    {
        var script = new StringBuilder("global on\nprobe timer.ms(500) { if (!on) { on = 1; println(\"on\") } }\n");
        foreach (var (name, declaration) in marks)
        {
            script.Append(CultureInfo.InvariantCulture, $"probe process(\"{Guest.Qemu}\").mark(\"{name}\") {{ if (on && pid() == $1) {{\n");
            script.Append(CultureInfo.InvariantCulture, $"\tprintf(\"%d {name}\", tid())\n");
            for (var i = 1; i <= declaration.Types.Count; i++)
            {
                script.Append(declaration.IsText(i - 1)
                    ? "\tprintf(\" s\")\n"
                    : string.Create(
                        CultureInfo.InvariantCulture, $"\tif (@defined($arg{i})) printf(\" %d\", $arg{i}) else printf(\" ?\")\n"));
            }

            script.Append("\tprintf(\"\\n\")\n} }\n");
        }

        return script.ToString();
    }

    /// <summary>
    /// Thread by thread, since lines of two threads may be written in another order than they came about: what Virtap printed
    /// must be the end of what QEMU logged (which began earlier), line for line.
    /// </summary>
    private void Compare(TraceLog log, IEnumerable<string> printed, Dictionary<string, TraceEventDeclaration> marks)
    {
        var logged = log.Lines.Where(line => marks.ContainsKey(line.Name)).ToLookup(line => line.Thread);
        var (events, values) = (0, 0);
        var (read, unread) = (new HashSet<(string, int)>(), new HashSet<(string, int)>());
        var kinds = new HashSet<string>();
        foreach (var thread in printed.Where(line => line != "on").Select(line => line.Split(' ')).GroupBy(fields => fields[0]))
        {
            var seen = thread.ToList();
            var truth = logged[int.Parse(thread.Key, CultureInfo.InvariantCulture)].ToList();
            Assert.True(truth.Count >= seen.Count, $"thread {thread.Key}: {seen.Count} lines printed, only {truth.Count} logged");
            truth.RemoveRange(0, truth.Count - seen.Count);
            for (var i = 0; i < seen.Count; i++)
            {
                var (line, fields) = (truth[i], seen[i]);
                Assert.True(line.Name == fields[1], $"thread {thread.Key}, line {i}: {fields[1]} printed, {line.Name} logged");
                var declaration = marks[line.Name];
                var expected = declaration.ReadValues(line.Text);
                Assert.True(expected is not null, $"{line.Name}: the log's text is not of the declared form: {line.Text}");
                for (var argument = 0; argument < expected.Count; argument++)
                {
                    var text = fields[argument + 2];
                    if (expected[argument] is not { } value)
                        continue;
                    if (text == "?")
                    {
                        unread.Add((line.Name, argument));
                        continue;
                    }

                    var agrees = declaration.Agrees(argument, value, long.Parse(text, CultureInfo.InvariantCulture));
                    Assert.True(agrees, $"{line.Name}, argument {argument + 1}: {text} printed, the log has: {line.Text}");
                    values++;
                    read.Add((line.Name, argument));
                }

                kinds.Add(line.Name);
                events++;
            }
        }

        output.WriteLine(
            $"figure: {events} events of {kinds.Count} kinds and {values} argument values equal QEMU's log; {unread.Count} of "
                + $"{read.Count + unread.Count} arguments not readable");
        Assert.True(kinds.Count >= 60 && events > 10000, "The guest's run was not rich enough to prove anything.");
        // Arguments, not values: one event that comes by the ten thousand (memory_region_ops_read computes its arguments behind the
        // branch) would decide for all.
        Assert.True(unread.Count * 10 <= read.Count + unread.Count, "More than a tenth of the arguments could not be read.");
    }
}
