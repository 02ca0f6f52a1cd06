using Virtap.Bpf.Instructions;
using Virtap.Bpf.Programs;
using Virtap.Bpf.Specs;
using Virtap.Tracing.Memory;

namespace Virtap.Tracing.Emit.Routines;

/// <summary>The routines that one program needs, in the order in which it first calls them, and what they are built with.</summary>
internal sealed class RoutineSet(BpfAssembler code, MemoryLayout layout, EmitOptions options)
{
    private readonly List<Routine> _requested = [];
    private int _emitted;

    public BpfAssembler Code { get; } = code;

    public MemoryLayout Layout { get; } = layout;

    public EmitOptions Options { get; } = options;

    /// <summary>Calls a routine; the verifier knows nothing of its result.</summary>
    public void Call(Routine routine)
    {
        if (!Code.IsReachable)
            return;
        Request(routine);
        Code.CallFunction(routine.Name);
        Forget(BpfRegister.R0);
    }

    /// <summary>
    /// Makes the verifier forget what it knows of a number: two swaps of its bytes leave it as it was. Where ways come together, each with bounds of its own, it would
    /// follow them separately through all that comes after: a format of three numbers took it a second.
    /// </summary>
    public void Forget(BpfRegister number)
    {
        Code.ToBigEndian(number, 64);
        Code.ToBigEndian(number, 64);
    }

    /// <summary>Runs a callback at most so many times (R1 must hold the number) with the words at <paramref name="words"/> of the stack.</summary>
    public void Loop(Routine body, int words)
    {
        if (!Options.HasLoopHelper)
            throw new NotEmittableException("an operation on strings or arrays in this probe needs bpf_loop, which came with Linux 5.17");
        Request(body);
        Code.LoadFunction(BpfRegister.R2, body.Name);
        Code.Move(BpfRegister.R3, BpfRegister.R10);
        Code.Alu(BpfAluOperator.Add, BpfRegister.R3, words);
        Code.Move(BpfRegister.R4, 0);
        Code.Call(BpfHelper.Loop);
    }

    /// <summary>destination = pointer to the memory at the offset in another register.</summary>
    public void EmitPointer(BpfRegister destination, BpfRegister offset)
    {
        Code.LoadMapValue(destination, EmitNames.Memory);
        Code.Alu(BpfAluOperator.And, offset, Layout.AddressableBytes - 1);
        Code.Alu(BpfAluOperator.Add, destination, offset);
    }

    /// <summary>destination = pointer to a fixed place of memory.</summary>
    public void EmitFixedPointer(BpfRegister destination, int offset) => Code.LoadMapValue(destination, EmitNames.Memory, (uint)offset);

    /// <summary>Ends a subprogram.</summary>
    public void Return(int value)
    {
        Code.Move(BpfRegister.R0, value);
        Code.Exit();
    }

    /// <summary>Emits what was called, and what that calls.</summary>
    public void EmitRequested()
    {
        for (; _emitted < _requested.Count; _emitted++)
        {
            Code.BeginSubprogram(_requested[_emitted].Name, SubprogramLinkage.Static);
            _requested[_emitted].Emit(this);
        }
    }

    private void Request(Routine routine)
    {
        if (!_requested.Contains(routine))
            _requested.Add(routine);
    }
}
