using Virtap.Processes.Files;

namespace Virtap.Processes.Memory;

/// <summary>A range of a process's address space: one line of <c>/proc/PID/maps</c>.</summary>
/// <param name="Start">First address.</param>
/// <param name="End">Address after the last.</param>
/// <param name="Protection">What the process may do there.</param>
/// <param name="Offset">Where in the file the range begins, in bytes; 0 where no file is behind it.</param>
/// <param name="File">
/// Device and inode as maps names them; inode 0 where no file is behind it. On file systems that hand out devices of their own (btrfs
/// subvolumes, overlayfs on older kernels) the device is not the one <c>stat</c> tells: compare through <see cref="LiveProcess.Maps"/>.
/// </param>
/// <param name="Path">The file's path without <c>(deleted)</c>, a name in brackets such as <c>[heap]</c>, or "".</param>
/// <param name="IsDeleted">Whether the file has no name any more.</param>
public readonly record struct Mapping(
    ulong Start, ulong End, MappingProtection Protection, ulong Offset, FileIdentity File, string Path, bool IsDeleted)
{
    /// <summary>Length in bytes.</summary>
    public ulong Length => End - Start;

    /// <summary>Whether a file is behind it.</summary>
    public bool IsFile => File.Inode != 0;

    /// <summary>Whether the address lies in it.</summary>
    public bool Contains(ulong address) => address >= Start && address < End;
}

/// <summary>What a process may do with a mapping, and whether it shares it (the letters <c>rwxs</c> of <c>/proc/PID/maps</c>).</summary>
[Flags]
public enum MappingProtection
{
    None = 0,
    Read = 1,
    Write = 2,
    Execute = 4,
    Shared = 8,
}
