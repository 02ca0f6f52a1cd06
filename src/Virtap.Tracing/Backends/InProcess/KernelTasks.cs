using System.Buffers.Binary;
using Virtap.Bpf.Btf;
using Virtap.Bpf.Inspection;

namespace Virtap.Tracing.Backends.InProcess;

/// <summary>The kernel's list of processes, as its memory has it.</summary>
internal static class KernelTasks
{
    /// <summary>As many processes as there can be (PID_MAX_LIMIT); a list that changes while it is read must not lead in circles.</summary>
    private const int MaxProcesses = 1 << 22;

    /// <summary>Where the task_struct of a process, of its first thread, is; 0 if there is none any more.</summary>
    public static ulong Find(int pid)
    {
        if (KernelMemory.Current is not { } memory || KernelBtf.Vmlinux is not { } types
            || types.FindMember("task_struct", "tasks") is not { } tasks || types.FindMember("task_struct", "tgid") is not { } tgid
            || types.FindMember("task_struct", "group_leader") is not { } leader)
        {
            return 0;
        }

        ulong first = Word(memory, memory.CurrentTask() + (ulong)leader.Offset), task = first;
        for (int i = 0; i < MaxProcesses && task != 0; i++)
        {
            if ((int)Word(memory, task + (ulong)tgid.Offset) == pid)
                return task;
            task = Word(memory, task + (ulong)tasks.Offset) - (ulong)tasks.Offset;
            if (task == first)
                break;
        }

        return 0;
    }

    private static ulong Word(KernelMemory memory, ulong address)
    {
        Span<byte> word = stackalloc byte[8];
        return memory.TryRead(address, word) ? BinaryPrimitives.ReadUInt64LittleEndian(word) : 0;
    }
}
