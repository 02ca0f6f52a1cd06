using System.Runtime.CompilerServices;
using System.Text;
using Virtap.Binaries.Code;
using Virtap.Tracing.Backends.InProcess;
using Virtap.Tracing.Ir;
using Virtap.Tracing.Memory;
using Virtap.Tracing.Runtime;
using Virtap.Tracing.Tests.Backends.Ebpf;
using Virtap.Tracing.Tests.Lowering;

namespace Virtap.Tracing.Tests.Backends.InProcess;

/// <summary>
/// Runs the programs of <see cref="OneHandler"/> in this process, on calls like those of the real program there: <c>work(n, "text",
/// 7)</c>.
/// </summary>
internal static class EvaluatorRun
{
    /// <summary>Where "text" lies in the memory that the contexts here pretend to have.</summary>
    public const ulong TextAddress = 0x7000;

    public static OneHandler.Result Evaluate(this OneHandler one, params LoweredStatement[] body) => one.Evaluate(1, body);

    public static OneHandler.Result Evaluate(this OneHandler one, int calls, params LoweredStatement[] body) =>
        one.Evaluate(calls, (_, memory) => memory.Word(SessionCells.State) = (long)SessionState.Running, body).Result;

    public static (OneHandler.Result Result, HandlerOutcome Last) Evaluate(
        this OneHandler one,
        int calls,
        Action<LoweredProgram, FlatMemory> prepare,
        params LoweredStatement[] body)
    {
        LoweredProgram program = one.Program(body);
        using var memory = new PrivateMemory(program.Layout);
        memory.View.Initialize(program.Initial);
        prepare(program, memory.View);
        var records = new Records();
        var evaluator = new Evaluator(program, memory.View, records) { LockPatience = TimeSpan.FromMilliseconds(20) };
        HandlerOutcome last = HandlerOutcome.Completed;
        // The kernel's side ignores hits once the session has failed; here it is the caller's to do.
        for (int n = 0; n < calls && (n == 0 || memory.View.Word(SessionCells.State) != (long)SessionState.Failed); n++)
            last = evaluator.Run(program.Handlers[0], new Call(n));
        return (new OneHandler.Result(memory.View.All.ToArray(), records.All), last);
    }

    internal sealed class Records : IRecordSink
    {
        public List<byte[]> All { get; } = [];

        public void Write(ReadOnlySpan<byte> record) => All.Add(record.ToArray());
    }

    /// <summary>A call of work(n, "text", 7) in a process of which only the word "text" can be read.</summary>
    internal sealed class Call(int n, int site = 0) : IExecutionContext
    {
        private static readonly byte[] s_text = Encoding.ASCII.GetBytes("text\0");

        public int Site => site;

        public int Pid => 100;

        public int Tid => 101;

        public int Ppid => 1;

        public uint Uid => 1000;

        public uint Gid => 1001;

        public uint EffectiveUid => 1002;

        public uint EffectiveGid => 1003;

        public int ProcessGroup => 99;

        public int Session => 98;

        public ProcessStrings Strings { get; } = new();

        public ulong Task => 0;

        public int Cpu => 3;

        public ulong InstructionPointer => 0x401000;

        public ReadOnlySpan<byte> ThreadName(bool ofParent) => ofParent ? "init"u8 : "worker"u8;

        public bool TryReadRegister(MachineRegister register, out ulong value)
        {
            value = register.DwarfNumber switch { 5 => (ulong)n, 4 => TextAddress, _ => 7 };
            return true;
        }

        public bool TryRead(ulong address, Span<byte> bytes)
        {
            bytes.Clear();
            if (address is < TextAddress or > TextAddress + 0xfff || address + (ulong)bytes.Length > TextAddress + 0x1000)
                return false;
            if (address < TextAddress + 5)
                s_text.AsSpan((int)(address - TextAddress)).ToArray().AsSpan(0, Math.Min(bytes.Length, 5 - (int)(address - TextAddress)))
                    .CopyTo(bytes);
            return true;
        }
    }
}
