using Virtap.Binaries.Dwarf;
using Virtap.Binaries.Dwarf.Locations;
using Virtap.Binaries.Types;
using Virtap.Debugging.Targets;
using Virtap.Debugging.Values;
using Virtap.Processes.Stacks;

namespace Virtap.Debugging.Evaluation;

/// <summary>What is known of a frame of a thread that stands still: by its registers, and by what its callers say they gave it.</summary>
/// <param name="target">The target.</param>
/// <param name="stack">The thread's frames on the stack.</param>
/// <param name="index">Which of them.</param>
/// <param name="thread">What the thread has beside its general registers.</param>
internal sealed class FrameValues(DebugTarget target, IReadOnlyList<StackFrame> stack, int index, ThreadValues thread) : IFrameValues
{
    private const int MaxTailCalls = 64;

    private readonly LoadedImage? _image = target.ImageAt(stack[index].Address - (stack[index].IsReturnAddress ? 1u : 0));

    /// <inheritdoc/>
    public ulong? Read(DebugLocation location, int bytes)
    {
        try
        {
            Value value = new MachineEvaluator(stack[index].Registers, target.Memory, _image, thread)
                .Read(new IntegerType(null, bytes, IsSigned: true), location);
            return value.Absence is null ? (ulong)(Numbers.Read(value) & ulong.MaxValue) : null;
        }
        catch (ValueException)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public ulong? AtEntry(int register)
    {
        if (index + 1 >= stack.Count || Function is not { EntryAddress: ulong entry } function || _image is null)
            return null;

        // What calls main is the C library's, and no frame of the program's.
        if (_image.IsProgram && function.Name == "main")
            return null;
        StackFrame frame = stack[index + 1];
        LoadedImage? image = target.ImageAt(frame.Address - 1);
        if (!frame.IsReturnAddress || image?.Debug is not { } debug || debug.CallBefore(frame.Address - image.Bias) is not { } call)
            return null;
        var caller = new FrameValues(target, stack, index + 1, thread);
        bool isThisCall = call.CalleeName is { } name ? (call.CalleeAddress is ulong callee && image == _image
                ? callee == entry : image != _image && _image.FindSymbol(name)?.Address == entry)
            : call.Target(caller) is { } to && caller.Read(to, sizeof(ulong)) == entry + _image.Bias;

        // Who can come here by jumps from itself may have changed what the caller gave.
        return isThisCall && !MayReach(function, entry) && call.ValueOf(register, caller) is { } value
            ? caller.Read(value, sizeof(ulong)) : null;
    }

    private DebugFunction? Function => _image?.Debug is { } debug
        && debug.FunctionsAt(stack[index].Address - (stack[index].IsReturnAddress ? 1u : 0) - _image.Bias) is [.., var function]
            ? function : null;

    /// <summary>Whether a chain of tail calls may lead from a function to itself, or nobody knows where one leads.</summary>
    private bool MayReach(DebugFunction from, ulong entry)
    {
        DebugInfo debug = _image!.Debug!;
        HashSet<ulong> seen = [];
        var next = new Stack<DebugFunction>([from]);
        while (next.TryPop(out DebugFunction? function))
        {
            foreach (DebugCall call in debug.CallsIn(function).Where(static call => call.IsTail))
            {
                if (call.CalleeName is null || call.CalleeAddress == entry || seen.Count == MaxTailCalls)
                    return true;
                if (call.CalleeAddress is ulong address && seen.Add(address) && debug.FunctionsAt(address) is [.., var callee])
                    next.Push(callee);
            }
        }

        return false;
    }
}

/// <summary>What a thread has beside its general registers.</summary>
/// <param name="Pointer">The C library's thread pointer; null where it is not known.</param>
/// <param name="Vectors">Its registers of numbers with a point, as the kernel hands them out; null where they are not known.</param>
public sealed record ThreadValues(ulong? Pointer, Func<byte[]?> Vectors)
{
    /// <summary>Nothing is known of it.</summary>
    public static ThreadValues None { get; } = new(null, static () => null);
}
