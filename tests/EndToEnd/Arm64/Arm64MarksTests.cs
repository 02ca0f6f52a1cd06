using System.Runtime.InteropServices;

namespace Virtap.EndToEnd.Arm64;

/// <summary>
/// <c>virtap marks</c> on files of aarch64, from any machine; how much is recovered of them, Binaries' OtherQemusTests measure.
/// </summary>
public class Arm64MarksTests
{
    [Theory]
    [InlineData("5.2-arm64")]
    [InlineData("7.2-arm64")]
    [InlineData("10.0-arm64")]
    public async Task The_notes_marks_are_listed_with_their_arguments(string version)
    {
        var file = Repository.PathOf("out", "qemu", version);
        Requirements.ExistingFile(VirtapProcess.Binary);
        Requirements.ExistingFile(file);

        var completed = await VirtapProcess.RunAsync("marks", file, "virtio_blk_req_complete");
        var notified = await VirtapProcess.RunAsync("marks", file, "virtio_notify_irqf[d]");

        // That it cannot be traced is said where it cannot.
        var foreign = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? ""
            : "# code of aarch64, which this machine \\(x86-64\\) does not run: it can be read here, not traced\n";
        Assert.Equal((0, "", 0, ""), (completed.Status, completed.Error, notified.Status, notified.Error));
        Assert.Matches(
            $"\\A# {file}: 1 mark, recovered from the code\n{foreign}"
                + @"qemu:virtio_blk_req_complete \$vdev:void \* \$req:void \* \$status:int +@ 0x[0-9a-f]+\n\z", completed.Output);
        Assert.Matches(@"(?m)^qemu:virtio_notify_irqfd \$vdev:void \* \$vq:void \* +@ 0x[0-9a-f]+$", notified.Output);
    }
}
