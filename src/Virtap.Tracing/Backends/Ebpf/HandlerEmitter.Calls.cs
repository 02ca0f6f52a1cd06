using Virtap.Bpf.Instructions;
using Virtap.Bpf.Programs;
using Virtap.Tracing.Backends.Ebpf.Emission;
using Virtap.Tracing.Ir;
using Virtap.Tracing.Memory;

namespace Virtap.Tracing.Backends.Ebpf;

/// <summary>
/// Calls. A function stands where it is called, or is a block of the state machine that is told in its slots where to go on. Within a
/// recursive function a call may be of one that is under way already: the caller saves the callee's slots before, and restores them
/// when it comes back or fails; so each call has its own, and the memory that they take is bounded by MAXNESTING.
/// </summary>
internal sealed partial class HandlerEmitter
{
    private void EmitCall(LoweredFunction function)
    {
        bool isDeep = _nesting >= MaxInlinedNesting;
        if (!isDeep && _callSites.IsInlined(function))
        {
            EmitInlined(function);
            return;
        }

        string why = function.IsRecursive ? "calls itself" : isDeep ? "is called from deep within others" : "is called from several places";
        RequireLoops($"function '{function.Name}', which {why},");
        if (!_functionBlocks.TryGetValue(function, out int block))
        {
            _functionBlocks[function] = block = NewBlock();
            _pending.Enqueue(() => EmitPart(block, function, () => EmitStatement(function.Body)));
        }

        if (!_unit.IsStepwise)
        {
            StoreSlot(function.ReturnTo, Normal);
            StoreSlot(function.CatchAt, Failed);
            EmitRun(block);
            return;
        }

        int back = NewBlock();
        bool saves = function.IsRecursive && _unit.Function is { IsRecursive: true };
        if (saves)
            EmitSave(function);
        StoreSlot(function.ReturnTo, back);
        if (saves)
            StoreSlot(function.CatchAt, Unwind(function));
        else
            StoreCatch(function);
        EmitGo(block);
        MarkBlock(back);
        if (saves)
            EmitRestore(function);
    }

    /// <summary>An error that the function does not catch goes to the try around the call, or where the caller's goes.</summary>
    private void StoreCatch(LoweredFunction function)
    {
        if (_unit.Catch is { } attempt)
        {
            StoreSlot(function.CatchAt, attempt.Block ??= NewBlock());
        }
        else if (_unit.Function is { } caller)
        {
            Evaluate(new LongAt(caller.CatchAt));
            StoreSlot(function.CatchAt);
        }
        else
        {
            StoreSlot(function.CatchAt, Failed);
        }
    }

    /// <summary>The block that a function's error goes to where its slots were saved: they are restored before it goes on.</summary>
    private int Unwind(LoweredFunction function)
    {
        int block = NewBlock();
        BpfLabel error = _unit.Error;
        _unit.Cold.Add(() =>
        {
            MarkBlock(block);
            EmitRestore(function);
            _code.Jump(error);
        });
        return block;
    }

    private void EmitSave(LoweredFunction function)
    {
        EmitPointerToSaved(BpfRegister.R1, by: 0);
        _code.Alu(BpfAluOperator.Add, BpfRegister.R2, function.SlotsBytes);
        _code.Store(BpfSize.Double, Context, ContextCells.SavedBytes, BpfRegister.R2);
        _code.Move(BpfRegister.R2, function.SlotsBytes);
        PointToSlot(BpfRegister.R3, function.SlotsOffset);
        _code.Call(BpfHelper.ProbeReadKernel);
    }

    private void EmitRestore(LoweredFunction function)
    {
        EmitPointerToSaved(BpfRegister.R3, by: -function.SlotsBytes);
        _code.Store(BpfSize.Double, Context, ContextCells.SavedBytes, BpfRegister.R2);
        _code.Move(BpfRegister.R2, function.SlotsBytes);
        PointToSlot(BpfRegister.R1, function.SlotsOffset);
        _code.Call(BpfHelper.ProbeReadKernel);
    }

    /// <summary>destination = pointer to the end of what is saved, moved by some bytes; R2 = the bytes up to there. R4 is lost.</summary>
    private void EmitPointerToSaved(BpfRegister destination, int by)
    {
        _code.Load(BpfSize.Double, BpfRegister.R2, Context, ContextCells.SavedBytes);
        _code.Alu(BpfAluOperator.Add, BpfRegister.R2, by);
        _code.Move(BpfRegister.R4, BpfRegister.R2);
        _code.Alu(BpfAluOperator.Add, BpfRegister.R4, ContextOffset);
        _code.Alu(BpfAluOperator.Add, BpfRegister.R4, _layout.SavedOffset);
        EmitPointer(destination, BpfRegister.R4);
    }

    private void StoreSlot(ContextSlot slot, int value)
    {
        _code.Move(BpfRegister.R0, value);
        StoreSlot(slot);
    }

    /// <summary>Stores R0 in a slot.</summary>
    private void StoreSlot(ContextSlot slot)
    {
        PointToSlot(BpfRegister.R1, slot.Offset);
        _code.Store(BpfSize.Double, BpfRegister.R1, 0, BpfRegister.R0);
    }

    /// <summary>A function that is short, or called in one place only, stands there itself.</summary>
    private void EmitInlined(LoweredFunction function)
    {
        BpfLabel returned = _code.NewLabel(), caller = _unit.Return;
        _unit.Return = returned;
        EmitStatement(function.Body);
        _unit.Return = caller;
        _code.Bind(returned);
    }
}
