using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace Virtap.Tracing.Backends.InProcess.Processes;

/// <summary>What the kernel's side of the process events sends: one for each fork, exec and exit on the machine.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct ProcessRecord
{
    public const int KindAt = 0;
    public const int ProcessAt = 8;
    public const int ThreadAt = 16;
    public const int ParentAt = 24;
    public const int InodeAt = 32;
    public const int NameAt = 40;
    public const int NameBytes = 16;
    public const int Bytes = 56;

    /// <summary>A <see cref="ProcessRecordKind"/>.</summary>
    public long Kind;

    /// <summary>The process (tgid).</summary>
    public long Process;

    /// <summary>The thread.</summary>
    public long Thread;

    /// <summary>The process that is its parent.</summary>
    public long Parent;

    /// <summary>Inode of the file that it runs; 0 where it has none any more, or never had (a kernel thread).</summary>
    public long Inode;

    private fixed byte _name[NameBytes];

    /// <summary>Makes one, for who hears of processes in another way.</summary>
    public static ProcessRecord Of(ProcessRecordKind kind, int process, int thread, int parent, long inode, ReadOnlySpan<byte> name)
    {
        var record = new ProcessRecord { Kind = (long)kind, Process = process, Thread = thread, Parent = parent, Inode = inode };
        name[..Math.Min(name.Length, NameBytes)].CopyTo(MemoryMarshal.CreateSpan(ref record._name[0], NameBytes));
        return record;
    }

    /// <summary>The thread's name, without the zeros behind it.</summary>
    [UnscopedRef]
    public readonly ReadOnlySpan<byte> Name
    {
        get
        {
            ReadOnlySpan<byte> bytes = MemoryMarshal.CreateReadOnlySpan(in _name[0], NameBytes);
            int end = bytes.IndexOf((byte)0);
            return end < 0 ? bytes : bytes[..end];
        }
    }
}
