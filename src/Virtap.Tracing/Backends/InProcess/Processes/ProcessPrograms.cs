using Virtap.Bpf.Instructions;
using Virtap.Bpf.Programs;
using Virtap.Bpf.Specs;
using static Virtap.Bpf.Instructions.BpfRegister;

namespace Virtap.Tracing.Backends.InProcess.Processes;

/// <summary>The programs on the kernel's trace points of processes: each fills in a <see cref="ProcessRecord"/> and sends it.</summary>
internal static class ProcessPrograms
{
    /// <summary>The map that records are sent through: a ring of its own, so that a script that prints much loses no process.</summary>
    public const string Ring = "processes";

    // The record lies on the stack, and above it a word for pointers on the way to a value.
    private const int Record = -ProcessRecord.Bytes - 8;
    private const int Pointer = -8;

    private const BpfRegister Task = R7;

    /// <summary>sched_process_fork(parent, child).</summary>
    public static ProgramSpec Fork() => Build("process_fork", ProcessRecordKind.Fork, taskArgument: 1);

    /// <summary>sched_process_exec(task, old pid, program).</summary>
    public static ProgramSpec Exec() => Build("process_exec", ProcessRecordKind.Exec, taskArgument: 0);

    /// <summary>sched_process_exit(task).</summary>
    public static ProgramSpec Exit() => Build("process_exit", ProcessRecordKind.Exit, taskArgument: 0);

    private static ProgramSpec Build(string name, ProcessRecordKind kind, int taskArgument)
    {
        var code = new BpfAssembler(name, BpfProgramKind.RawTracepoint);
        code.Load(BpfSize.Double, Task, R1, taskArgument * 8);
        code.Move(R1, 0);
        for (int at = Record; at < 0; at += 8)
            code.Store(BpfSize.Double, R10, at, R1);
        code.Store(BpfSize.Double, R10, Record + ProcessRecord.KindAt, (int)kind);

        code.Comment("who");
        code.CopyMember(Task, "task_struct", "tgid", Record + ProcessRecord.ProcessAt, 4);
        code.CopyMember(Task, "task_struct", "pid", Record + ProcessRecord.ThreadAt, 4);
        code.CopyMember(Task, "task_struct", "comm", Record + ProcessRecord.NameAt, ProcessRecord.NameBytes);
        Follow(code, Task, "task_struct", "real_parent");
        code.CopyMember(R1, "task_struct", "tgid", Record + ProcessRecord.ParentAt, 4);

        if (kind == ProcessRecordKind.Exit)
        {
            code.Comment("whether the process has ended with it");
            BpfLabel lives = code.NewLabel();
            Follow(code, Task, "task_struct", "signal");
            code.CopyMember(R1, "signal_struct", "live", Pointer, 4);
            code.Load(BpfSize.Word, R1, R10, Pointer);
            code.Jump(BpfCondition.NotEqual, R1, 0, lives);
            code.Store(BpfSize.Double, R10, Record + ProcessRecord.KindAt, (int)ProcessRecordKind.LastExit);
            code.Bind(lives);
        }

        // Where a link is missing (a kernel thread has no memory), reads of small addresses fail and leave zeros.
        code.Comment("what it runs");
        Follow(code, Task, "task_struct", "mm");
        Follow(code, R1, "mm_struct", "exe_file");
        Follow(code, R1, "file", "f_inode");
        code.CopyMember(R1, "inode", "i_ino", Record + ProcessRecord.InodeAt, 8);

        code.LoadMap(R1, Ring);
        code.Move(R2, R10);
        code.Alu(BpfAluOperator.Add, R2, Record);
        code.Move(R3, ProcessRecord.Bytes);
        code.Move(R4, 0);
        code.Call(BpfHelper.RingbufOutput);
        code.Move(R0, 0);
        code.Exit();
        return code.Build();
    }

    /// <summary>R1 = the pointer that a structure's member is; 0 if it cannot be read.</summary>
    private static void Follow(BpfAssembler code, BpfRegister from, string structure, string member)
    {
        code.CopyMember(from, structure, member, Pointer, 8);
        code.Load(BpfSize.Double, R1, R10, Pointer);
    }
}
