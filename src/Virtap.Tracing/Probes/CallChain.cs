using Virtap.Binaries;
using Virtap.Binaries.Code;

namespace Virtap.Tracing.Probes;

/// <summary>A call on the way to a function.</summary>
/// <param name="ReturnAddress">Link-time address at which the caller goes on.</param>
/// <param name="Frame">
/// Where the caller's own frame begins (its canonical frame address), by the registers that it has at that address; null where nobody says.
/// </param>
internal readonly record struct ChainedCall(ulong ReturnAddress, MachineExpression? Frame);

/// <summary>A way by which a function can have been come to: the calls, the last one first. An empty one is any way.</summary>
internal sealed record CallChain(IReadOnlyList<ChainedCall> Calls)
{
    private const int StackPointer = 7, FramePointer = 6, ReturnAddressX64 = 16, LinkRegister = 30, WordBytes = 8;

    /// <summary>Bytes from where a frame pointer points to the frame's beginning: its old value, and the return address.</summary>
    private const long FramePointerDistance = 16;

    /// <summary>
    /// Whether a thread has come this way, as a number that is not zero; null where frames on the way cannot be followed.
    /// </summary>
    /// <param name="processor">The processor.</param>
    /// <param name="frame">Where the function's frame begins, by the registers at the probe.</param>
    /// <param name="isReturn">Whether the function has just returned.</param>
    public MachineExpression? Condition(Architecture processor, MachineExpression frame, bool isReturn)
    {
        if (processor == Architecture.Arm64)
            return Calls is [var only] ? ReturnsTo(Register(processor, isReturn ? 32 : LinkRegister), only) : null;
        MachineExpression? condition = null, pointer = PointerBehind(frame, Register(processor, FramePointer));
        MachineExpression stack = frame;
        for (int i = 0; i < Calls.Count; i++)
        {
            MachineExpression address = isReturn && i == 0 ? Register(processor, ReturnAddressX64)
                : new LoadValue(Plus(stack, -WordBytes), WordBytes, SignExtend: false);
            MachineExpression test = ReturnsTo(address, Calls[i]);
            condition = condition is null ? test : new BinaryValue(MachineOperator.And, condition, test);
            if (i + 1 == Calls.Count)
                break;
            if (Calls[i].Frame is not { } described || Replace(described, stack, pointer) is not { } next)
                return null;
            pointer = IsByFramePointer(described) && pointer is not null ? new LoadValue(pointer, WordBytes, SignExtend: false) : null;
            stack = next;
        }

        return condition;
    }

    private static BinaryValue ReturnsTo(MachineExpression address, ChainedCall call) =>
        new(MachineOperator.Equal, address, new ImageAddress(call.ReturnAddress));

    /// <summary>The caller's frame pointer: kept in the frame of a function that has one of its own, else in its register still.</summary>
    private static MachineExpression PointerBehind(MachineExpression frame, MachineExpression register) =>
        IsByFramePointer(frame) ? new LoadValue(register, WordBytes, SignExtend: false) : register;

    private static bool IsByFramePointer(MachineExpression frame) => frame is BinaryValue
    {
        Operator: MachineOperator.Add, Left: RegisterValue { Register.DwarfNumber: FramePointer },
        Right: ConstantValue { Value: FramePointerDistance },
    };

    /// <summary>An expression over a caller's registers, of which two are known.</summary>
    private static MachineExpression? Replace(MachineExpression value, MachineExpression stack, MachineExpression? pointer) => value switch
    {
        ConstantValue => value,
        RegisterValue { Register.DwarfNumber: StackPointer } => stack,
        RegisterValue { Register.DwarfNumber: FramePointer } => pointer,
        BinaryValue { Left: var left, Right: var right } sum when Replace(left, stack, pointer) is { } first
            && Replace(right, stack, pointer) is { } second => sum with { Left = first, Right = second },
        _ => null,
    };

    private static BinaryValue Plus(MachineExpression value, long bytes) =>
        new(MachineOperator.Add, value, MachineExpression.Constant(bytes));

    private static RegisterValue Register(Architecture processor, int number) => new(new MachineRegister(processor, number));
}
