using Virtap.Bpf.Instructions;
using Virtap.Bpf.Programs;
using Virtap.Tracing.Lowering.Tree;
using Virtap.Tracing.Memory;

namespace Virtap.Tracing.Emit;

/// <summary>
/// Loops and functions: units of their own. A loop's body is called back by <c>bpf_loop</c> until it returns 1; why it stopped is in the context
/// (<see cref="ContextCells.NextBlock"/>), because break, return, next and errors all stop it. A function returns the same codes.
/// </summary>
internal sealed partial class HandlerEmitter
{
    private const int Normal = 0;
    private const int Left = 1;
    private const int Failed = 2;
    private const int Returned = 3;

    /// <summary>The most iterations that bpf_loop allows (BPF_MAX_LOOPS).</summary>
    private const int MostIterations = 1 << 23;

    private void EmitLoop(LoweredLoop loop)
    {
        RequireLoops("a loop");
        string name = $"{_handler.Name}_loop{_loops++}";
        _code.Move(BpfRegister.R1, MostIterations);
        _code.LoadFunction(BpfRegister.R2, name);
        _code.Move(BpfRegister.R3, Shared);
        _code.Move(BpfRegister.R4, 0);
        _code.Call(BpfHelper.Loop);
        _pending.Enqueue((name, () => EmitLoopBody(loop)));

        BpfLabel done = _code.NewLabel();
        _code.Load(BpfSize.Double, BpfRegister.R0, Context, ContextCells.NextBlock);
        _code.Jump(BpfCondition.Equal, BpfRegister.R0, Normal, done);
        _code.Store(BpfSize.Double, Context, ContextCells.NextBlock, 0);
        _code.Jump(BpfCondition.Equal, BpfRegister.R0, Failed, _unit.Error);
        _code.Jump(BpfCondition.Equal, BpfRegister.R0, Returned, _unit.Return);
        _code.Jump(_unit.Leave);
        _code.Mark(done);
    }

    private void EmitLoopBody(LoweredLoop loop)
    {
        BpfLabel error = _code.NewLabel(), leave = _code.NewLabel(), @return = _code.NewLabel();
        BpfLabel stop = _code.NewLabel(), next = _code.NewLabel();
        _unit = new Unit(error, leave, @return, 0) { Break = stop, Continue = next };
        EmitUnitStart(BpfRegister.R2);
        if (loop.Prelude is { } prelude)
            EmitStatement(prelude);
        if (_code.IsReachable)
            Branch(loop.Condition, stop, when: false);
        EmitStatement(loop.Body);
        _code.Mark(next);
        if (loop.Step is { } step)
            EmitStatement(step);
        _code.Move(BpfRegister.R0, 0);
        _code.Exit();
        EmitCold();
        EmitStop(error, Failed, stop);
        EmitStop(leave, Left, stop);
        EmitStop(@return, Returned, stop);
        _code.Mark(stop);
        _code.Move(BpfRegister.R0, 1);
        _code.Exit();
    }

    private void EmitStop(BpfLabel label, int why, BpfLabel stop)
    {
        _code.Mark(label);
        _code.Store(BpfSize.Double, Context, ContextCells.NextBlock, why);
        _code.Jump(stop);
    }

    private void EmitCall(LoweredFunction function)
    {
        if (function.IsRecursive)
            throw new NotEmittableException($"the recursive function '{function.Name}' is not supported yet in this probe");
        if (_callSites.IsOnlyOne(function))
        {
            EmitInPlace(function);
            return;
        }

        string name = FunctionName(function);
        if (_functions.Add(function))
            _pending.Enqueue((name, () => EmitFunction(function)));
        _code.Move(BpfRegister.R1, Shared);
        _code.CallFunction(name);
        BpfLabel done = _code.NewLabel();
        _code.Jump(BpfCondition.Equal, BpfRegister.R0, Normal, done);
        _code.Jump(BpfCondition.Equal, BpfRegister.R0, Failed, _unit.Error);
        _code.Jump(_unit.Leave);
        _code.Mark(done);
    }

    /// <summary>A function that is called in one place only stands there itself: the verifier allows eight frames, and a call takes time.</summary>
    private void EmitInPlace(LoweredFunction function)
    {
        BpfLabel returned = _code.NewLabel(), caller = _unit.Return;
        _unit.Return = returned;
        EmitStatement(function.Body);
        _unit.Return = caller;
        _code.Mark(returned);
    }

    private static string FunctionName(LoweredFunction function) => "function_" + function.Name;

    private void EmitFunction(LoweredFunction function)
    {
        BpfLabel error = _code.NewLabel(), leave = _code.NewLabel(), @return = _code.NewLabel();
        _unit = new Unit(error, leave, @return, 0);
        EmitUnitStart(BpfRegister.R1);
        EmitStatement(function.Body);
        _code.Jump(@return);
        EmitCold();
        EmitResult(@return, Normal);
        EmitResult(error, Failed);
        EmitResult(leave, Left);
    }

    private void EmitResult(BpfLabel label, int code)
    {
        _code.Mark(label);
        _code.Move(BpfRegister.R0, code);
        _code.Exit();
    }

    /// <summary>Loads the four fixed registers from the words that the main function keeps.</summary>
    private void EmitUnitStart(BpfRegister shared)
    {
        _code.Move(Shared, shared);
        _code.Load(BpfSize.Double, Registers, Shared, SharedRegisters);
        _code.Load(BpfSize.Double, ContextOffset, Shared, SharedContextOffset);
        EmitContextPointer();
    }

    private void RequireLoops(string what)
    {
        if (!_options.HasLoopHelper)
            throw new NotEmittableException($"{what} in this probe needs bpf_loop, which came with Linux 5.17");
    }
}
