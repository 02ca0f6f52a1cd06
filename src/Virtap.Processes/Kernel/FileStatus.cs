using System.Runtime.InteropServices;

namespace Virtap.Processes.Kernel;

/// <summary>struct statx (linux/stat.h), the fields used here. Unlike struct stat it is the same on every processor.</summary>
[StructLayout(LayoutKind.Explicit, Size = 256)]
internal struct FileStatus
{
    /// <summary>STATX_TYPE | STATX_MODE | STATX_INO.</summary>
    public const uint Mask = 0x103;

    private const int TypeMask = 0xf000;
    private const int Regular = 0x8000;

    [FieldOffset(28)]
    public ushort Mode;
    [FieldOffset(32)]
    public ulong Inode;
    [FieldOffset(136)]
    public uint DeviceMajor;
    [FieldOffset(140)]
    public uint DeviceMinor;

    public readonly bool IsRegular => (Mode & TypeMask) == Regular;
}
