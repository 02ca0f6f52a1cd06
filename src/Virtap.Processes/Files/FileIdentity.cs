using Virtap.Interop;

namespace Virtap.Processes.Files;

/// <summary>
/// Which file it is, whatever it is called: device and inode, as <c>stat</c> tells them. The same file has the same identity in every
/// mount namespace, and keeps it when it is renamed or deleted while running. (A copy of it, such as the same package in a container's
/// image, is another file.)
/// </summary>
/// <param name="DeviceMajor">Major number of the device the file lies on.</param>
/// <param name="DeviceMinor">Minor number of it.</param>
/// <param name="Inode">The file's number there; 0 for no file.</param>
public readonly record struct FileIdentity(uint DeviceMajor, uint DeviceMinor, ulong Inode)
{
    /// <summary>
    /// The device as the kernel's structures number it (dev_t); 0 for a file that has none of its own (of an overlay, of btrfs), to which
    /// stat(2) gives another number than the kernel has there.
    /// </summary>
    public long KernelDevice => DeviceMajor == 0 ? 0 : ((long)DeviceMajor << 20) | DeviceMinor;

    /// <summary>The identity of the file at a path, links followed; null when there is no file or it may not be looked at.</summary>
    public static FileIdentity? Of(string path) => Status(path) is { } status ? Of(status) : null;

    /// <summary>The identity of the file at a path if it is a regular file (no directory, no device).</summary>
    public static FileIdentity? OfRegular(string path) => Status(path) is { IsRegular: true } status ? Of(status) : null;

    private static FileIdentity Of(in FileStatus status) => new(status.DeviceMajor, status.DeviceMinor, status.Inode);

    private static unsafe FileStatus? Status(string path)
    {
        FileStatus status;
        return Libc.Stat(Libc.CurrentDirectory, path, 0, FileStatus.Mask, &status) == 0 ? status : null;
    }
}
