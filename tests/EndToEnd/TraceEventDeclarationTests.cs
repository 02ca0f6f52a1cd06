using Virtap.EndToEnd.Guests;

namespace Virtap.EndToEnd;

/// <summary>The yardstick has to be straight itself: QEMU's declarations, read and applied to what QEMU logs.</summary>
public class TraceEventDeclarationTests(ITestOutputHelper output)
{
    [Fact]
    public async Task What_QEMU_logs_has_the_form_that_it_declares()
    {
        await Requirements.GuestAsync();
        Requirements.ExistingFile("/usr/share/qemu/trace-events-all");
        var declared = TraceEventDeclaration.ReadAll("/usr/share/qemu/trace-events-all");
        await using var guest = await Guest.StartAsync(
            new GuestOptions { Trace = ["virtio_*", "virtqueue_*", "pci_*", "bdrv_*", "blk_*", "memory_region_*", "serial_*", "apic_*"] });
        var log = await guest.PowerOffAsync();

        var wrong = log.Lines
            .Where(line => declared.TryGetValue(line.Name, out var declaration) && declaration.ReadValues(line.Text) is null)
            .Select(line => line.Name + " " + line.Text).Take(5);
        output.WriteLine(
            $"figure: {declared.Count} declarations read; {log.Lines.Count} lines logged, "
                + $"{log.Lines.Count(line => declared.ContainsKey(line.Name))} of declared events");
        Assert.Empty(wrong);
        Assert.True(declared.Count > 3000);
    }

    [Fact]
    public void Values_are_compared_as_the_C_type_extends_them()
    {
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(
                path,
                "example(void *vdev, int status, uint32_t mask, const char *name, uint64_t at) \"vdev %p status 0x%x mask %d name '%s' at "
                    + "0x%\" PRIx64 \"!\"\n");
            var example = TraceEventDeclaration.ReadAll(path)["example"];
            var values = example.ReadValues("vdev (nil) status 0xfffffffb mask -1 name 'a b' at 0xffff!");

            Assert.Equal([0, 0xfffffffb, -1, null, 0xffff], values!);
            Assert.True(example.Agrees(1, 0xfffffffb, -5));
            Assert.False(example.Agrees(1, 0xfffffffb, 0xfffffffb));
            Assert.True(example.Agrees(2, -1, 0xffffffff));
            Assert.False(example.Agrees(2, -1, -1));
            Assert.True(example.IsText(3));
        }
        finally
        {
            File.Delete(path);
        }
    }
}
