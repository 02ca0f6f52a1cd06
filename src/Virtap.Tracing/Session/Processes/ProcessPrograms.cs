using Virtap.Bpf.Instructions;
using Virtap.Bpf.Programs;
using Virtap.Bpf.Specs;
using static Virtap.Bpf.Instructions.BpfRegister;

namespace Virtap.Tracing.Session.Processes;

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
    public static ProgramSpec Fork(ProcessLayout layout) => Build("process_fork", ProcessRecordKind.Fork, taskArgument: 1, layout);

    /// <summary>sched_process_exec(task, old pid, program).</summary>
    public static ProgramSpec Exec(ProcessLayout layout) => Build("process_exec", ProcessRecordKind.Exec, taskArgument: 0, layout);

    /// <summary>sched_process_exit(task).</summary>
    public static ProgramSpec Exit(ProcessLayout layout) => Build("process_exit", ProcessRecordKind.Exit, taskArgument: 0, layout);

    private static ProgramSpec Build(string name, ProcessRecordKind kind, int taskArgument, ProcessLayout layout)
    {
        var code = new BpfAssembler(name, BpfProgramKind.RawTracepoint);
        code.Load(BpfSize.Double, Task, R1, taskArgument * 8);
        code.Move(R1, 0);
        for (int at = Record; at < 0; at += 8)
            code.Store(BpfSize.Double, R10, at, R1);
        code.Store(BpfSize.Double, R10, Record + ProcessRecord.KindAt, (int)kind);

        code.Comment("who");
        Read(code, Task, layout.Tgid, Record + ProcessRecord.ProcessAt, 4);
        Read(code, Task, layout.Pid, Record + ProcessRecord.ThreadAt, 4);
        Read(code, Task, layout.Comm, Record + ProcessRecord.NameAt, ProcessRecord.NameBytes);
        Follow(code, Task, layout.RealParent);
        Read(code, R1, layout.Tgid, Record + ProcessRecord.ParentAt, 4);

        if (kind == ProcessRecordKind.Exit)
        {
            code.Comment("whether the process has ended with it");
            BpfLabel lives = code.NewLabel();
            Follow(code, Task, layout.Signal);
            Read(code, R1, layout.Live, Pointer, 4);
            code.Load(BpfSize.Word, R1, R10, Pointer);
            code.Jump(BpfCondition.NotEqual, R1, 0, lives);
            code.Store(BpfSize.Double, R10, Record + ProcessRecord.KindAt, (int)ProcessRecordKind.LastExit);
            code.Mark(lives);
        }

        // Where a link is missing (a kernel thread has no memory), reads of small addresses fail and leave zeros.
        code.Comment("what it runs");
        Follow(code, Task, layout.Memory);
        Follow(code, R1, layout.ExecutableFile);
        Follow(code, R1, layout.Inode);
        Read(code, R1, layout.InodeNumber, Record + ProcessRecord.InodeAt, 8);

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

    /// <summary>R1 = the pointer at an offset from another one; 0 if it cannot be read.</summary>
    private static void Follow(BpfAssembler code, BpfRegister from, int offset)
    {
        Read(code, from, offset, Pointer, 8);
        code.Load(BpfSize.Double, R1, R10, Pointer);
    }

    /// <summary>Copies kernel memory to the stack; what cannot be read becomes zeros.</summary>
    private static void Read(BpfAssembler code, BpfRegister from, int offset, int stack, int bytes)
    {
        code.Move(R3, from);
        code.Alu(BpfAluOperator.Add, R3, offset);
        code.Move(R1, R10);
        code.Alu(BpfAluOperator.Add, R1, stack);
        code.Move(R2, bytes);
        code.Call(BpfHelper.ProbeReadKernel);
    }
}
