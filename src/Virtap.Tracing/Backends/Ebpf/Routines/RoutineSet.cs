using System.Numerics;
using Virtap.Bpf.Instructions;
using Virtap.Bpf.Programs;
using Virtap.Bpf.Specs;
using Virtap.Tracing.Backends.Ebpf.Emission;
using Virtap.Tracing.Memory;

namespace Virtap.Tracing.Backends.Ebpf.Routines;

/// <summary>The routines that one program needs, in the order in which it first calls them, and what they are built with.</summary>
internal sealed class RoutineSet(BpfAssembler code, MemoryLayout layout, EmitOptions options)
{
    /// <summary>The most iterations that bpf_loop allows (BPF_MAX_LOOPS).</summary>
    public const int MaxIterations = 1 << 23;

    /// <summary>BPF_MAX_SUBPROGS, less those that a handler has of its own.</summary>
    private const int MaxRoutines = 250;

    private readonly List<(Routine Routine, SubprogramLinkage Linkage)> _requested = [];
    private int _emitted;

    public BpfAssembler Code { get; } = code;

    public MemoryLayout Layout { get; } = layout;

    public EmitOptions Options { get; } = options;

    /// <summary>Calls a routine; the verifier knows nothing of its result.</summary>
    public void Call(Routine routine)
    {
        if (!Code.IsReachable)
            return;
        Request(routine, Options.RoutineLinkage);
        Code.CallFunction(routine.Name);
        if (Options.RoutineLinkage == SubprogramLinkage.Static)
            Forget(BpfRegister.R0);
    }

    /// <summary>
    /// Makes the verifier forget what it knows of a number: two swaps of its bytes leave it as it was. Where ways come together, each
    /// with bounds of its own, it would follow them separately through all that comes after.
    /// </summary>
    public void Forget(BpfRegister number)
    {
        Code.ToBigEndian(number, 64);
        Code.ToBigEndian(number, 64);
    }

    /// <summary>
    /// Runs a callback at most so many times (R1 must hold the number) with the words at <paramref name="words"/> of the stack.
    /// </summary>
    public void Loop(Routine body, int words)
    {
        if (!Options.HasLoopHelper)
            throw new NotEmittableException("an operation on strings or arrays in this probe needs bpf_loop, which came with Linux 5.17");
        Request(body, SubprogramLinkage.Static);
        Code.LoadFunction(BpfRegister.R2, body.Name);
        Code.PointToStack(BpfRegister.R3, words);
        Code.Move(BpfRegister.R4, 0);
        Code.Call(BpfHelper.Loop);
    }

    /// <summary>destination = pointer to the memory at the offset in another register.</summary>
    public void EmitPointer(BpfRegister destination, BpfRegister offset)
    {
        if (Layout.IsLarge)
        {
            EmitLargePointer(destination, offset);
            return;
        }

        Code.LoadMapValue(destination, EmitNames.Memory);
        Code.Alu(BpfAluOperator.And, offset, Layout.AddressableBytes - 1);
        Code.Alu(BpfAluOperator.Add, destination, offset);
    }

    /// <summary>destination = pointer to what lies before the storage of arrays, such as a context, at the offset in another
    /// register.</summary>
    public void EmitNearPointer(BpfRegister destination, BpfRegister offset)
    {
        Code.LoadMapValue(destination, EmitNames.Memory);
        uint reach = Layout.IsLarge ? BitOperations.RoundUpToPowerOf2((uint)Layout.StorageOffset) : (uint)Layout.AddressableBytes;
        Code.Alu(BpfAluOperator.And, offset, (int)reach - 1);
        Code.Alu(BpfAluOperator.Add, destination, offset);
    }

    /// <summary>From the start of memory or from the second fixed place in it; offset 0 for what lies outside.</summary>
    private void EmitLargePointer(BpfRegister destination, BpfRegister offset)
    {
        BpfLabel inRange = Code.NewLabel();
        // What the verifier learns of the masked number it does not take for known of those that the offset was copied from or to.
        Code.Alu(BpfAluOperator.And, offset, (1 << 30) - 1);
        Code.LoadMapValue(destination, EmitNames.Memory);
        Code.Jump(BpfCondition.Less, offset, VerifierReach.NearBytes, inRange);
        Code.LoadMapValue(destination, EmitNames.Memory, VerifierReach.NearBytes);
        Code.Alu(BpfAluOperator.Subtract, offset, VerifierReach.NearBytes);
        Code.Jump(BpfCondition.Less, offset, Math.Max(Layout.AddressableBytes - VerifierReach.NearBytes, 1), inRange);
        Code.LoadMapValue(destination, EmitNames.Memory);
        Code.Move(offset, 0);
        Code.Bind(inRange);
        Code.Alu(BpfAluOperator.Add, destination, offset);
    }

    /// <summary>destination = pointer to a fixed place of memory.</summary>
    public void EmitFixedPointer(BpfRegister destination, int offset) => Code.LoadMapValue(destination, EmitNames.Memory, (uint)offset);

    /// <summary>Adds one to a cell of the session's, which others count in too. R1 and R2 are lost.</summary>
    public void EmitCount(int cell)
    {
        EmitFixedPointer(BpfRegister.R1, cell);
        Code.Move(BpfRegister.R2, 1);
        Code.Atomic(BpfAtomic.Add, BpfRegister.R1, 0, BpfRegister.R2);
    }

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
            (Routine routine, SubprogramLinkage linkage) = _requested[_emitted];
            Code.BeginSubprogram(routine.Name, linkage, [.. Enumerable.Repeat(SubprogramParameter.Number, routine.Parameters)]);
            routine.Emit(this);
        }
    }

    private void Request(Routine routine, SubprogramLinkage linkage)
    {
        if (_requested.Exists(each => each.Routine.Equals(routine)))
            return;
        if (_requested.Count == MaxRoutines)
        {
            throw new NotEmittableException(
                $"this probe would take more than {MaxRoutines} subprograms",
                "use fewer arrays that differ in the types of their keys and values");
        }

        _requested.Add((routine, linkage));
    }
}
