using Virtap.Bpf.Instructions;
using Virtap.Bpf.Programs;
using Virtap.Bpf.Specs;
using Virtap.Tracing.Backends.Ebpf.Emission;
using Virtap.Tracing.Backends.Ebpf.Routines;
using Virtap.Tracing.Ir;
using Virtap.Tracing.Lowering;
using Virtap.Tracing.Memory;
using Virtap.Tracing.Runtime;

namespace Virtap.Tracing.Backends.Ebpf;

/// <summary>
/// What goes backward, or is entered from several places, is one state machine of all of the handler's loops and functions: blocks with
/// numbers, in one callback of <c>bpf_loop</c>, which goes on with the block whose number is in the context (<see
/// cref="ContextCells.NextBlock"/>). So a loop in a loop takes no frame of the eight that the verifier allows, nor a subprogram of the
/// 256, and each block is verified once, with nothing known of what lies in memory. Within the callback all other jumps go forward, and
/// are jumps. Straight code runs it as it would call a function, <see cref="EmitRun"/>, and is told why it came to an end.
/// </summary>
internal sealed partial class HandlerEmitter
{
    private const int Normal = 0;
    private const int Left = 1;
    private const int Failed = 2;
    private const int Returned = 3;
    private const int FirstBlock = 4;

    /// <summary>
    /// Conditional jumps of a way before it is cut, at the end of a statement: the verifier remembers the other side of each until the
    /// way has come to its end, and gives up beyond 8,192.
    /// </summary>
    private const int BranchesOfBlock = 1024;

    private const int MaxBranchesOfWay = 7168;

    /// <summary>
    /// Statements within each other, through functions that stand where they are called, beyond which a function is a block of its own: a
    /// chain of calls is as long as the script makes it, and this process's stack is not.
    /// </summary>
    private const int MaxInlinedNesting = 1000;

    private const string Run = "run", Step = "step";

    private readonly List<BpfLabel> _blocks = [];
    private readonly Queue<Action> _pending = new();
    private readonly Dictionary<LoweredFunction, int> _functionBlocks = [];

    /// <summary>The last site that counts statements: that of the error where the steps of bpf_loop are used up first.</summary>
    private int _countingSite;

    private int NewBlock()
    {
        _blocks.Add(_code.NewTarget());
        return FirstBlock + _blocks.Count - 1;
    }

    private void MarkBlock(int block) => _code.Bind(_blocks[block - FirstBlock]);

    /// <summary>Runs the state machine from a block on, from straight code.</summary>
    private void EmitRun(int block)
    {
        BpfLabel done = _code.NewLabel();
        _code.Move(BpfRegister.R1, Registers);
        _code.Move(BpfRegister.R2, ContextOffset);
        _code.Move(BpfRegister.R3, block);
        _code.CallFunction(Run);
        _code.Jump(BpfCondition.Equal, BpfRegister.R0, Normal, done);
        _code.Jump(BpfCondition.Equal, BpfRegister.R0, Failed, _unit.Error);
        _code.Jump(BpfCondition.Equal, BpfRegister.R0, Returned, _unit.Return);
        _code.Jump(_unit.Leave);
        _code.Bind(done);
    }

    /// <summary>Makes statements of straight code part of the state machine, and runs them.</summary>
    private void EmitApart(Action emit, string what)
    {
        RequireLoops(what);
        int block = NewBlock();
        _pending.Enqueue(() => EmitPart(block, null, emit));
        EmitRun(block);
    }

    private void EmitLoop(LoweredLoop loop)
    {
        if (!_unit.IsStepwise)
        {
            EmitApart(() => EmitLoop(loop), "a loop");
            return;
        }

        int head = NewBlock();
        BpfLabel exit = _code.NewLabel(), next = _code.NewLabel();
        (BpfLabel? outerBreak, BpfLabel? outerContinue) = (_unit.Break, _unit.Continue);
        (_unit.Break, _unit.Continue) = (exit, next);
        MarkBlock(head);
        if (loop.Prelude is { } prelude)
            EmitStatement(prelude);
        if (_code.IsReachable)
            Branch(loop.Condition, exit, when: false);
        EmitStatement(loop.Body);
        _code.Bind(next);
        if (loop.Step is { } step)
            EmitStatement(step);
        EmitGo(head);
        _code.Bind(exit);
        (_unit.Break, _unit.Continue) = (outerBreak, outerContinue);
    }

    /// <summary>A part of the state machine that is entered at a block: statements of straight code, or a function.</summary>
    private void EmitPart(int block, LoweredFunction? function, Action emit)
    {
        BpfLabel error = _code.NewLabel(), leave = _code.NewLabel(), @return = _code.NewLabel();
        _unit = new Unit(error, leave, @return, function) { IsStepwise = true, IsLocked = true };
        MarkBlock(block);
        emit();
        if (function is not null)
            _code.Jump(@return);
        else
            EmitStop(Normal);
        EmitCold();
        _code.Bind(leave);
        EmitStop(Left);
        _code.Bind(error);
        EmitGoTo(function?.CatchAt, Failed);
        _code.Bind(@return);
        EmitGoTo(function?.ReturnTo, Returned);
    }

    /// <summary>Goes on with the block that a slot names; without a slot the state machine stops.</summary>
    private void EmitGoTo(ContextSlot? slot, int why)
    {
        if (slot is null)
        {
            EmitStop(why);
            return;
        }

        if (!_code.IsReachable)
            return;
        BpfLabel goesOn = _code.NewLabel();
        Evaluate(new LongAt(slot));
        _code.Store(BpfSize.Double, Context, ContextCells.NextBlock, BpfRegister.R0);
        _code.Move(BpfRegister.R1, BpfRegister.R0);
        _code.Move(BpfRegister.R0, 0);
        _code.Jump(BpfCondition.GreaterOrEqual, BpfRegister.R1, FirstBlock, goesOn);
        _code.Move(BpfRegister.R0, 1);
        _code.Bind(goesOn);
        _code.Exit();
    }

    private void EmitGo(int block)
    {
        _code.Store(BpfSize.Double, Context, ContextCells.NextBlock, block);
        _code.Move(BpfRegister.R0, 0);
        _code.Exit();
    }

    private void EmitStop(int why)
    {
        _code.Store(BpfSize.Double, Context, ContextCells.NextBlock, why);
        _code.Move(BpfRegister.R0, 1);
        _code.Exit();
    }

    /// <summary>Ends a block that has become long; what follows is another one.</summary>
    private void CutWay()
    {
        RequireFewBranches();
        if (!_unit.IsStepwise || _code.Branches < BranchesOfBlock || !_code.IsReachable)
            return;
        int block = NewBlock();
        EmitGo(block);
        EmitCold();
        MarkBlock(block);
    }

    private void RequireFewBranches()
    {
        // What is straight is tried as part of the state machine before it is refused.
        if (_code.Branches > MaxBranchesOfWay && (_unit.IsStepwise || !_options.HasLoopHelper))
        {
            throw new NotEmittableException(
                $"{_code.Branches} conditional jumps at a stretch are more than the kernel's verifier follows ({MaxBranchesOfWay})",
                "split the statement with variables");
        }
    }

    /// <summary>
    /// The function that runs the state machine, its callback, and all that the callback holds. Verified once, whoever calls it: a global
    /// function. The dispatch comes last, when all blocks are known.
    /// </summary>
    private void EmitStateMachine()
    {
        if (_blocks.Count == 0)
            return;
        const int RegistersWord = -8, OffsetWord = -16;
        BpfLabel ended = _code.NewLabel(), dispatch = _code.NewLabel();
        const SubprogramParameter number = SubprogramParameter.Number;
        _code.BeginSubprogram(Run, _options.RoutineLinkage, SubprogramParameter.Context, number, number);
        _code.Store(BpfSize.Double, BpfRegister.R10, RegistersWord, BpfRegister.R1);
        _code.Store(BpfSize.Double, BpfRegister.R10, OffsetWord, BpfRegister.R2);
        EmitContext(BpfRegister.R2);
        _code.Store(BpfSize.Double, Context, ContextCells.NextBlock, BpfRegister.R3);
        _code.Move(BpfRegister.R1, RoutineSet.MaxIterations);
        _code.LoadFunction(BpfRegister.R2, Step);
        _code.PointToStack(BpfRegister.R3, OffsetWord);
        _code.Move(BpfRegister.R4, 0);
        _code.Call(BpfHelper.Loop);
        _code.Load(BpfSize.Double, BpfRegister.R0, Context, ContextCells.NextBlock);
        _code.Jump(BpfCondition.Less, BpfRegister.R0, FirstBlock, ended);
        EmitErrorCells(RuntimeError.ActionsExceeded, _countingSite);
        _code.Store(BpfSize.Double, Context, ContextCells.ErrorValue, 0);
        _code.Move(BpfRegister.R0, Failed);
        _code.Bind(ended);
        _code.Exit();

        _code.BeginSubprogram(Step, SubprogramLinkage.Static, number, number);
        _code.Load(BpfSize.Double, Registers, BpfRegister.R2, RegistersWord - OffsetWord);
        _code.Load(BpfSize.Double, ContextOffset, BpfRegister.R2, 0);
        EmitContextPointer();
        _code.Load(BpfSize.Double, BpfRegister.R1, Context, ContextCells.NextBlock);
        _code.Jump(dispatch);
        while (_pending.TryDequeue(out Action? emit))
        {
            emit();
            RequireFewInstructions(_code.Count);
        }

        _code.Bind(dispatch);
        EmitDispatch(0, _blocks.Count);
    }

    /// <summary>A binary search over R1.</summary>
    private void EmitDispatch(int low, int high)
    {
        if (high - low == 1)
        {
            _code.Jump(BpfCondition.Equal, BpfRegister.R1, FirstBlock + low, _blocks[low]);
            _code.Move(BpfRegister.R0, 1);
            _code.Exit();
            return;
        }

        int middle = (low + high) / 2;
        BpfLabel upper = _code.NewLabel();
        _code.Jump(BpfCondition.GreaterOrEqual, BpfRegister.R1, FirstBlock + middle, upper);
        EmitDispatch(low, middle);
        _code.Bind(upper);
        EmitDispatch(middle, high);
    }

    private void RequireLoops(string what)
    {
        if (!_options.HasLoopHelper)
            throw new NotEmittableException($"{what} in this probe needs bpf_loop, which came with Linux 5.17");
    }
}
