using Virtap.Binaries.Elf;
using Virtap.Virtio.Layouts;
using Virtap.Virtio.Machines;
using Virtap.Virtio.Tests.Support;

namespace Virtap.Virtio.Tests.Layouts;

public class RecoveredLayoutsTests
{
    private const string Qemu = "/usr/bin/qemu-system-x86_64";

    // Each offset was also read off the disassembly by hand; a live device checks them in the tests of devices.
    [Fact]
    public void The_layouts_of_QEMU_7_2_come_out_of_its_stripped_binary()
    {
        Assert.SkipUnless(File.Exists(Qemu), "no QEMU is installed");
        using ElfFile file = ElfFile.Open(Qemu);

        VirtioLayouts layouts = RecoveredLayouts.Read(file);

        Assert.Equal(new VirtQueueLayout
        {
            Size = 0x98,
            Number = 0,
            DefaultNumber = 4,
            Descriptors = 0x10,
            Avail = 0x18,
            Used = 0x20,
            Caches = 0x28,
            LastAvailIndex = 0x38,
            LastAvailWrap = 0x3a,
            ShadowAvailIndex = 0x3c,
            UsedIndex = 0x40,
            UsedWrap = 0x42,
            SignalledUsed = 0x44,
            SignalledUsedValid = 0x46,
            Notification = 0x47,
            QueueIndex = 0x48,
            InUse = 0x4c,
            Vector = 0x50,
            HandleOutput = 0x58,
            Device = 0x60,
            GuestNotifier = 0x68,
            HostNotifier = 0x74,
            HostNotifierEnabled = 0x80,
        }, layouts.Queue);
        Assert.Equal(new VirtioDeviceLayout
        {
            Queues = 0xe8,
            GuestFeatures = 0xb0,
            HostFeatures = 0xb8,
            Name = 0xa0,
            Status = 0xa8,
            DeviceId = 0x1b0,
            VmRunning = 0x1b2,
            Broken = 0x1b3,
            VhostStarted = 0x1ba,
        }, layouts.Device);
        Assert.NotNull(layouts.RootObject);
    }

    // The structures of the versions, each as several optimisers arrange the accessors' code.
    [Theory]
    [InlineData("2.9", 128, "-DAIO_OUTPUT -DDEVICE_STATE=152")]
    [InlineData("4.2", 152, "-DPACKED -DENABLED -DAIO_OUTPUT -DDEVICE_STATE=160")]
    [InlineData("4.1 with a backport", 136, "-DENABLED -DAIO_OUTPUT -DDEVICE_STATE=152")]
    [InlineData("6.0", 160, "-DPACKED -DENABLED -DAIO_OUTPUT -DINITIALIZED -DDEVICE_STATE=160")]
    [InlineData("7.0", 152, "-DPACKED -DENABLED -DINITIALIZED -DDEVICE_STATE=160")]
    [InlineData("10.0", 152, "-DPACKED -DENABLED -DINITIALIZED -DHOST_FIRST -DDEVICE_STATE=152")]
    public void The_layouts_of_every_version_come_out_of_its_accessors(string version, int size, string options)
    {
        Check(
            version, size, options, "/usr/bin/x86_64-linux-gnu-gcc", "-O2 -fcf-protection=full -fno-omit-frame-pointer",
            "-O2 -fstack-protector-all -march=x86-64-v3");
    }

    [Theory]
    [InlineData("2.9", 128, "-DAIO_OUTPUT -DDEVICE_STATE=152")]
    [InlineData("4.2", 152, "-DPACKED -DENABLED -DAIO_OUTPUT -DDEVICE_STATE=160")]
    [InlineData("6.0", 160, "-DPACKED -DENABLED -DAIO_OUTPUT -DINITIALIZED -DDEVICE_STATE=160")]
    [InlineData("7.0", 152, "-DPACKED -DENABLED -DINITIALIZED -DDEVICE_STATE=160")]
    [InlineData("10.0", 152, "-DPACKED -DENABLED -DINITIALIZED -DHOST_FIRST -DDEVICE_STATE=152")]
    public void And_on_aarch64(string version, int size, string options) =>
        Check(
            version, size, options, "/usr/bin/aarch64-linux-gnu-gcc", "-O2 -mbranch-protection=standard -fno-omit-frame-pointer",
            "-O2 -fstack-protector-all -moutline-atomics");

    // Debian's own binaries, which scripts/other-qemus fetches. What their structures are is known from the declarations of those versions.
    [Theory]
    [InlineData("5.2-amd64", 152, 0x68, 0x70)]
    [InlineData("5.2-arm64", 152, 0x68, 0x70)]
    [InlineData("7.2-arm64", 152, 0x60, 0x68)]
    [InlineData("10.0-amd64", 152, 0x60, 0x68)]
    [InlineData("10.0-arm64", 152, 0x60, 0x68)]
    [InlineData("11.1-amd64", 152, 0x60, 0x68)]
    [InlineData("11.1-arm64", 152, 0x60, 0x68)]
    public void The_layouts_come_out_of_QEMUs_of_other_releases(string name, int size, int device, int guestNotifier)
    {
        string? path = Repository.Find(Path.Combine("out", "qemu", name));
        Assert.SkipWhen(path is null, $"there is no out/qemu/{name}: run scripts/other-qemus");
        using ElfFile file = ElfFile.Open(path);

        VirtioLayouts layouts = RecoveredLayouts.Read(file);

        VirtQueueLayout queue = layouts.Queue;
        Assert.Equal(
            (size, 0x28, 0x38, 0x3a, 0x3c, 0x40, 0x42, 0x44, 0x46, 0x47),
            (queue.Size, queue.Caches, queue.LastAvailIndex, queue.LastAvailWrap, queue.ShadowAvailIndex, queue.UsedIndex, queue.UsedWrap,
                queue.SignalledUsed, queue.SignalledUsedValid, queue.Notification));
        Assert.Equal(
            (0x48, 0x4c, 0x50, 0x58, device, guestNotifier),
            (queue.QueueIndex, queue.InUse, queue.Vector, queue.HandleOutput, queue.Device, queue.GuestNotifier));
        Assert.StartsWith(name.Split('-')[0] + ".", MachineReader.VersionOf(file), StringComparison.Ordinal);
        Assert.NotNull(layouts.RootObject);
        Assert.NotNull(layouts.Block);
        Assert.NotNull(layouts.Device.Status);
        Assert.NotNull(layouts.Device.Broken);
        // A flag that came with 7.2.
        Assert.Equal(!name.StartsWith("5.2", StringComparison.Ordinal), layouts.Device.VhostStarted is not null);
        // 8.2 and later have host_features first, and 10.2 and later 128 bits of each.
        int first = layouts.Device.Status!.Value + 8;
        Assert.Equal(
            name.StartsWith("10.", StringComparison.Ordinal) ? (first + 8, first)
                : name.StartsWith("11.", StringComparison.Ordinal) ? (first + 16, first) : (first, first + 8),
            (layouts.Device.GuestFeatures, layouts.Device.HostFeatures));
    }

    private static void Check(string version, int size, string options, string compiler, params string[] variants)
    {
        Assert.SkipUnless(File.Exists(compiler), $"there is no {compiler}");

        string folder = Directory.CreateTempSubdirectory("virtap-layouts-").FullName;
        try
        {
            foreach (string optimisation in (string[])["-O2", "-O3", "-Os", "-O1", .. variants])
            {
                string library = Path.Combine(folder, "accessors.so");
                Compile(
                    compiler,
                    $"{optimisation} {options} -shared -fPIC -fvisibility=hidden -o {library} "
                        + $"{Path.Combine(AppContext.BaseDirectory, "Layouts", "accessors.c")}");
                using ElfFile file = ElfFile.Open(library);
                Assert.True(file.DynamicSymbols.TryFind("truth", out ElfSymbol symbol));
                int[] truth = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, int>(file.BytesAt(symbol.Address, (int)symbol.Size))
                    .ToArray();

                VirtioLayouts layouts = RecoveredLayouts.Read(file);

                VirtQueueLayout queue = layouts.Queue;
                VirtioDeviceLayout device = layouts.Device;
                Assert.Equal(size, queue.Size);
                Assert.Equal(
                    truth.Select(t => (int?)t),
                    [
                        queue.Size, queue.LastAvailIndex, queue.ShadowAvailIndex, queue.UsedIndex, queue.SignalledUsed,
                        queue.SignalledUsedValid, queue.Notification, queue.QueueIndex, queue.InUse,
                        queue.Vector, queue.HandleOutput, queue.Device, queue.GuestNotifier, queue.HostNotifier, device.Queues,
                        device.GuestFeatures, device.HostFeatures, device.Name, device.Status,
                        device.DeviceId, device.Broken,
                    ]);
                Assert.Equal(
                    options.Contains("PACKED", StringComparison.Ordinal), queue.LastAvailWrap is not null && queue.UsedWrap is not null);
                Assert.Equal(options.Contains("ENABLED", StringComparison.Ordinal), queue.HostNotifierEnabled is not null);
            }
        }
        catch (Xunit.Sdk.XunitException e)
        {
            throw new Xunit.Sdk.XunitException($"{version}: {e.Message}", e);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Compile(string compiler, string arguments)
    {
        using var process = System.Diagnostics.Process.Start(compiler, arguments);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }
}
