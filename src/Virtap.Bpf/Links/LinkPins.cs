using Microsoft.Win32.SafeHandles;
using Virtap.Bpf.Kernel;
using Virtap.Interop;

namespace Virtap.Bpf.Links;

/// <summary>
/// Holds links through a BPF file system that is mounted nowhere and that only this process has: each is pinned there and
/// not held by a descriptor any more. When the file system goes, by <see cref="Dispose"/> or by this process's death of
/// whatever cause, a worker thread of the kernel takes each link apart, all at once, where no signal can be pending.
/// </summary>
/// <remarks>
/// fsopen(2) and fsmount(2) are of 5.2 and take CAP_SYS_ADMIN; pinning relative to a descriptor is of 6.5, before <see
/// cref="UprobeMultiLink"/> (6.6). Making one takes 0.1 ms.
/// </remarks>
public sealed unsafe class LinkPins : IDisposable
{
    private readonly SafeFileHandle _root;
    private int _count;

    private LinkPins(SafeFileHandle root) => _root = root;

    /// <summary>Makes an empty one; null where this process may not, or the kernel cannot.</summary>
    public static LinkPins? TryCreate()
    {
        const nint OpenFileSystem = 430, ConfigureFileSystem = 431, MountFileSystem = 432;
        const nint CloseOnExec = 1, Create = 6;
        nint context;
        fixed (byte* type = "bpf\0"u8)
            context = Libc.Syscall(OpenFileSystem, (nint)type, CloseOnExec);
        if (context < 0)
            return null;
        using SafeFileHandle made = BpfSyscall.Own(context);
        if (Libc.Syscall(ConfigureFileSystem, context, Create) < 0)
            return null;
        nint root = Libc.Syscall(MountFileSystem, context, CloseOnExec);
        return root >= 0 ? new LinkPins(BpfSyscall.Own(root)) : null;
    }

    /// <summary>Takes a link over: pins it, and closes its descriptor, which does not detach it then.</summary>
    /// <returns>False where the kernel cannot; the link stays as it is.</returns>
    public bool TryTake(UprobeMultiLink link)
    {
        const uint RelativeToDirectory = 1 << 14;
        string name = $"{_count}";
        fixed (byte* n = System.Text.Encoding.ASCII.GetBytes(name + "\0"))
        {
            var attributes = new PinAttributes
            {
                Path = (ulong)n,
                File = BpfSyscall.Descriptor(link.Handle),
                Flags = RelativeToDirectory,
                Directory = BpfSyscall.Descriptor(_root),
            };
            if (BpfSyscall.Try(BpfCommand.ObjectPin, ref attributes) < 0)
                return false;
        }

        _count++;
        link.LetGo();
        return true;
    }

    /// <summary>
    /// Lets all links go. The kernel detaches them soon, not at once: until <see cref="KernelObjects.WaitForEnd"/> says that
    /// their programs are gone.
    /// </summary>
    public void Dispose() => _root.Dispose();
}
