using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Virtap.Bpf.Kernel;
using Virtap.Interop;

namespace Virtap.Bpf.Links;

/// <summary>The places that a link of some tracer of this machine probes.</summary>
/// <param name="Path">
/// The file, as the kernel names it from this process's root; with <c>(deleted)</c> where it has no name any more.
/// </param>
/// <param name="Offsets">Where in the file.</param>
public sealed record AttachedUprobes(string Path, IReadOnlyList<ulong> Offsets)
{
    private const uint PerfEventLinkType = 7, UprobeMultiLinkType = 12;
    private const int LongestPath = 4096;

    /// <summary>
    /// All that the kernel tells of: links for many places (6.6) and of perf events that run an eBPF program (6.6). Of
    /// uprobes without a program (perf, SystemTap) it does not tell.
    /// </summary>
    /// <exception cref="BpfException">Not permitted: it takes CAP_SYS_ADMIN.</exception>
    public static IReadOnlyList<AttachedUprobes> OfAllTracers()
    {
        List<AttachedUprobes> found = [];
        foreach (uint id in KernelObjects.Links())
        {
            var attributes = new NextIdAttributes { Start = id };
            int file = BpfSyscall.Try(BpfCommand.LinkById, ref attributes);
            // It has gone in the meantime.
            if (file < 0)
                continue;
            using SafeFileHandle link = BpfSyscall.Own(file);
            if (Read(link) is { } uprobes)
                found.Add(uprobes);
        }

        return found;
    }

    private static unsafe AttachedUprobes? Read(SafeFileHandle link)
    {
        var info = new LinkInfo();
        if (!TryFill(link, ref info))
            return null;
        byte[] path = new byte[LongestPath];
        fixed (byte* p = path)
        {
            if (info.Type == PerfEventLinkType)
            {
                (info.PerfEventPath, info.PerfEventPathLength) = ((ulong)p, LongestPath);
                // Of the kinds of perf events only uprobes have a path that begins with a slash.
                return TryFill(link, ref info) && path[0] == '/' ? new AttachedUprobes(Text(path), [info.PerfEventOffset]) : null;
            }

            if (info.Type != UprobeMultiLinkType)
                return null;
            ulong[] offsets = new ulong[info.Count];
            fixed (ulong* o = offsets)
            {
                (info.Path, info.PathLength, info.Offsets) = ((ulong)p, LongestPath, (ulong)o);
                return TryFill(link, ref info) ? new AttachedUprobes(Text(path), offsets) : null;
            }
        }
    }

    private static unsafe bool TryFill(SafeFileHandle link, ref LinkInfo info)
    {
        fixed (LinkInfo* i = &info)
        {
            var attributes = new ObjectInfoAttributes
            {
                File = BpfSyscall.Descriptor(link),
                Size = (uint)sizeof(LinkInfo),
                Info = (ulong)i,
            };
            return BpfSyscall.Try(BpfCommand.ObjectInfo, ref attributes) >= 0;
        }
    }

    private static string Text(ReadOnlySpan<byte> text) => Encoding.UTF8.GetString(text[..Math.Max(text.IndexOf((byte)0), 0)]);

    /// <summary>struct bpf_link_info, as far as it is read here: pointers and lengths go in, what they point to is filled.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 64)]
    private struct LinkInfo
    {
        [FieldOffset(0)] public uint Type;

        // Of a link for many places.
        [FieldOffset(16)] public ulong Path;
        [FieldOffset(24)] public ulong Offsets;
        [FieldOffset(48)] public uint PathLength;
        [FieldOffset(52)] public uint Count;

        // Of a perf event.
        [FieldOffset(24)] public ulong PerfEventPath;
        [FieldOffset(32)] public uint PerfEventPathLength;
        [FieldOffset(36)] public uint PerfEventOffset;
    }
}
