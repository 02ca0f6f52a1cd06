using System.Diagnostics;
using Virtap.Binaries.Elf;
using Virtap.Processes;
using Virtap.Virtio.Devices;
using Virtap.Virtio.Machines;
using Virtap.Virtio.Tests.Support;

namespace Virtap.Virtio.Tests.Machines;

/// <summary>QEMUs that are not where one looks for them, and programs that are none.</summary>
public sealed class OddQemuTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("virtap-odd-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_QEMU_without_virtio_devices_has_none()
    {
        using BareQemu qemu = BareQemu.Start(Qemu.Program);
        qemu.WaitUntilSettled();

        QemuMachine machine = QemuMachine.Read(qemu.Process);

        Assert.Null(machine.Problem);
        Assert.Empty(machine.Devices);
        Assert.Equal(1, machine.CpuCount);
    }

    [Fact]
    public void A_QEMU_whose_file_was_deleted_is_read_all_the_same()
    {
        using BareQemu qemu = BareQemu.Start(CopyOfQemu("qemu-system-x86_64"), BareQemu.Devices);
        qemu.WaitUntilSettled();
        File.Delete(Path.Combine(_folder, "qemu-system-x86_64"));

        QemuMachine machine = QemuMachine.All().Single(m => m.Process.Id == qemu.Id);

        Assert.True(qemu.Process.IsExecutableDeleted);
        Check(machine);
    }

    // As in a container: its file is nowhere in this mount namespace, and its threads have other numbers there.
    [Fact]
    public void A_QEMU_in_namespaces_of_its_own_is_read_and_its_threads_are_known()
    {
        string inside = Directory.CreateDirectory(Path.Combine(_folder, "inside")).FullName;
        using BareQemu outer = BareQemu.Start(
            ["/usr/bin/unshare", "--mount", "--pid", "--fork", "--kill-child", "/bin/sh", "-c",
                $"mount -t tmpfs none {inside} && cp {Qemu.Program} {inside}/qemu-kvm && exec \"$@\"", "sh"],
            $"{inside}/qemu-kvm", BareQemu.Devices);
        QemuMachine? machine = null;
        Assert.True(
            SpinWait.SpinUntil(
                () =>
                (machine = QemuMachine.All()
                    .FirstOrDefault(m => m.Process is LiveProcess { ParentId: var parent } && parent == outer.Id))?.Devices.Count == 4,
                        TimeSpan.FromSeconds(30)));

        Assert.Equal($"{inside}/qemu-kvm", machine!.Process.ExecutableName);
        Assert.False(File.Exists(machine.Process.ExecutableName));
        Check(machine);
        QemuProcess qemu = QemuProcess.Open(machine.Process);
        VirtioDevice disk = machine.Devices.Single(d => d.Device.Id == "disk0").Device;
        ServingThread thread = new ServingThreads(qemu.Process, qemu.ReadObjects()).Of(disk, 0)!;
        Assert.Equal("iothread0", thread.IoThread);
        Assert.Contains(thread.Thread.Id, ((LiveProcess)machine.Process).Threads().Select(t => t.Id));
        Assert.NotEqual(thread.Thread.Id, thread.Thread.OwnNamespaceId);
    }

    [Fact]
    public void An_emulator_of_another_architecture_is_read()
    {
        string? program = Repository.Find(Path.Combine("out", "qemu", "qemu-system-aarch64"));
        Assert.SkipWhen(program is null, "there is no out/qemu/qemu-system-aarch64: run scripts/other-qemus");
        using BareQemu qemu = BareQemu.Start(program, ["-M", "virt", "-device", "virtio-rng-device,id=random0", .. BareQemu.Devices]);
        qemu.WaitUntilSettled();

        QemuMachine machine = QemuMachine.Read(qemu.Process);

        Assert.Equal(["balloon0", "disk0", "nic0", "random0", "serial0"], machine.Devices.Select(d => d.Device.Id).Order());
        Assert.Equal("pcie.0", machine.Devices.Single(d => d.Device.Id == "disk0").Pci!.Bus);
        Assert.Null(machine.Devices.Single(d => d.Device.Id == "random0").Pci);
    }

    [Fact]
    public void A_program_that_only_has_the_name_is_no_QEMU()
    {
        string program = Path.Combine(_folder, "qemu-system-x86_64");
        File.Copy("/bin/sleep", program);
        using Process process = Process.Start(program, "1000");
        try
        {
            QemuMachine machine = QemuMachine.All().Single(m => m.Process.Id == process.Id);

            Assert.Empty(machine.Devices);
            Assert.Equal(
                $"process {process.Id} ({program}) exports no function virtio_get_queue: it is no QEMU system emulator with virtio, or "
                    + "one built without exported symbols", machine.Problem);
        }
        finally
        {
            process.Kill();
            process.WaitForExit();
        }
    }

    [Fact]
    public void A_kernel_thread_is_no_QEMU() =>
        Assert.Equal("process 2 runs no program that can be read", QemuMachine.Read(LiveProcess.Find(2)!).Problem);

    // The code says that a queue's number lies two bytes behind where QEMU has it: nothing that follows from this code is shown.
    [Fact]
    public void A_QEMU_whose_memory_is_not_as_its_code_says_shows_no_address()
    {
        string program = CopyOfQemu("qemu-system-x86_64");
        byte[] code = File.ReadAllBytes(program);
        using (ElfFile file = ElfFile.Open(program))
        {
            Assert.True(file.DynamicSymbols.TryFind("virtio_get_queue_index", out ElfSymbol symbol));
            ElfSegment segment = file.Segments.First(s => s.Type == ElfSegmentType.Load && s.IsExecutable);
            int at = (int)(symbol.Address - segment.Address + segment.Offset);
            // movzwl 0x48(%rdi), %eax
            int load = code.AsSpan(at, 16).IndexOf((ReadOnlySpan<byte>)[0x0f, 0xb7, 0x47, 0x48]);
            Assert.SkipWhen(load < 0, "this QEMU's virtio_get_queue_index is another one");
            code[at + load + 3] += 2;
        }

        File.WriteAllBytes(program, code);
        using BareQemu qemu = BareQemu.Start(program, BareQemu.Devices);
        qemu.WaitUntilSettled();

        QemuMachine machine = QemuMachine.Read(qemu.Process);

        Assert.Empty(machine.Devices);
        Assert.Equal(
            $"process {qemu.Id}: the layout of virtio devices that its code tells does not fit its memory; nothing can be said about its "
                + "devices", machine.Problem);
        Assert.Throws<VirtioException>(() => DeviceArgument.Resolve("vdev:disk0", qemu.Id));
    }

    private static void Check(QemuMachine machine)
    {
        Assert.Null(machine.Problem);
        Assert.NotNull(machine.Version);
        Assert.Equal(["balloon0", "disk0", "nic0", "serial0"], machine.Devices.Select(d => d.Device.Id).Order());
        Assert.Equal(
            ("backing0", "iothread0"),
            (machine.Devices.Single(d => d.Device.Id == "disk0").Backend,
                machine.Devices.Single(d => d.Device.Id == "disk0").Device.IoThreads.Distinct().Single()));
    }

    private string CopyOfQemu(string name)
    {
        Assert.SkipUnless(File.Exists(Qemu.Program), "no QEMU is installed");
        string copy = Path.Combine(_folder, name);
        File.Copy(Qemu.Program, copy);
        return copy;
    }
}
