using Virtap.Virtio.Devices;

namespace Virtap.Virtio.Tests.Devices;

public class QemuArgumentsTests
{
    [Theory]
    [InlineData("qemu -qmp unix:/run/a.qmp,server=on,wait=off", "/run/a.qmp")]
    [InlineData("qemu --qmp unix:a.qmp,server,nowait", "a.qmp")]
    [InlineData("qemu -chardev socket,id=m,path=/run/b,server=on -mon chardev=m,mode=control", "/run/b")]
    [InlineData("qemu -mon m,mode=control -chardev socket,path=/run/b,server=on,wait=off,id=m", "/run/b")]
    [InlineData("qemu -chardev socket,id=m,path=/run/b,server=on -mon chardev=m,mode=readline", null)]
    [InlineData("qemu -chardev socket,id=charmonitor,fd=22,server=on,wait=off -mon chardev=charmonitor,id=monitor,mode=control", null)]
    [InlineData("qemu -qmp unix:/run/a.qmp", null)]
    [InlineData("qemu -qmp tcp:localhost:4444,server=on", null)]
    [InlineData("qemu -monitor unix:/run/hmp,server=on -qmp", null)]
    [InlineData("qemu -qmp unix:/run/a,,b,server=on", "/run/a,b")]
    [InlineData("", null)]
    public void The_command_line_says_where_QMP_listens(string line, string? path) =>
        Assert.Equal(path, new QemuArguments(line.Split(' ')).MonitorPath);
}
