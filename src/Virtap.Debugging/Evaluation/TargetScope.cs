using Virtap.Binaries;
using Virtap.Binaries.Dwarf;
using Virtap.Binaries.Dwarf.Locations;
using Virtap.Binaries.Elf;
using Virtap.Binaries.Types;
using Virtap.Debugging.Printing;
using Virtap.Debugging.Targets;
using Virtap.Debugging.Values;
using Virtap.Names;
using Virtap.Processes.Memory;
using Virtap.Processes.Stacks;

namespace Virtap.Debugging.Evaluation;

/// <summary>
/// What names stand for in a target: the variables of a frame, where there is one, then those of its file, then all others, functions,
/// constants; symbols where nothing is known of a name but its address.
/// </summary>
/// <param name="target">The target.</param>
/// <param name="frame">The frame that is looked at; null for none.</param>
/// <param name="recovered">What is known without debug information; null for nothing.</param>
/// <param name="depth">
/// Which of the functions is meant that are inlined where the frame is: 0 for the innermost, one more for the one that calls it.
/// </param>
public sealed class TargetScope(DebugTarget target, StackFrame? frame = null, IRecoveredNames? recovered = null, int depth = 0)
    : IEvaluationScope
{
    private readonly Dictionary<string, CType?> _types = [];
    private (DebugFunction Function, LoadedImage Image, ulong Address)? _frameFunction;
    private bool _isFrameFunctionKnown;
    private FrameValues? _values;

    /// <summary>The thread's frames from this one on, which say what its function was given; null for this one alone.</summary>
    public IReadOnlyList<StackFrame>? Stack { private get; init; }

    /// <summary>What the frame's thread has beside its general registers.</summary>
    public ThreadValues Thread { private get; init; } = ThreadValues.None;

    /// <inheritdoc/>
    public bool IsCPlusPlus => _isCPlusPlus ??= target.Program.Debug?.IsCPlusPlus ?? false;

    /// <inheritdoc/>
    public TargetMemory Memory => target.Memory;

    private bool? _isCPlusPlus;

    private IEnumerable<LoadedImage> Images
    {
        get
        {
            yield return target.Program;
            foreach (LoadedImage image in target.Images().Skip(1))
                yield return image;
        }
    }

    /// <summary>The registers that have a name here, without its <c>$</c>.</summary>
    public static IReadOnlyList<string> RegisterNames => Registers.Names(HostArchitecture.Current);

    /// <inheritdoc/>
    public AddressName? NameOf(ulong address) => target.NameOf(address);

    /// <inheritdoc/>
    public CType? FindType(string name)
    {
        if (!_types.TryGetValue(name, out CType? type))
            _types[name] = type = SeekType(name);
        return type;
    }

    /// <inheritdoc/>
    public bool IsObject(string name) => FindVariable(name, null) is not null
        || (target.Program.Debug?.FindFunctions(new Glob(name)).Any(each => each.FullName == name) ?? false)
        || FindConstant(name) is not null;

    /// <inheritdoc/>
    public Value? FindName(string name, string? context)
    {
        if (FindVariable(name, context) is { } variable)
            return variable;
        if (FindFunction(name, context) is { } function)
            return function;
        if (context is null && FindConstant(name) is { } constant)
            return constant;
        if (name.LastIndexOf("::", StringComparison.Ordinal) is > 0 and var colons && context is null)
            return FindName(name[(colons + 2)..], name[..colons]);
        return context is null ? FindSymbol(name) : null;
    }

    /// <inheritdoc/>
    public Value? FindStatic(string name)
    {
        foreach (LoadedImage image in Images)
        {
            if (image.Debug?.FindGlobal(name) is { } variable)
                return variable.Location is NoLocation ? null : ValueOf(variable, image);
        }

        return null;
    }

    /// <inheritdoc/>
    public bool IsContext(string name) => Images.Any(
        image => image.Debug is { } debug && (debug.HasFile(name) || debug.FindFunctions(new Glob(name)).Any()));

    /// <inheritdoc/>
    public Value? FindRegister(string name) => frame is null ? null : Registers.Find(frame.Registers, name, Memory);

    /// <inheritdoc/>
    public Value? Call(string function, string arguments) => recovered?.Call(function, arguments);

    /// <summary>The variables of the frame's function by the blocks that the frame is in, inner ones first.</summary>
    public IReadOnlyList<IReadOnlyList<DebugVariable>> Blocks() =>
        FrameFunction is { } here ? here.Function.BlocksAt(here.Address, Values) : [];

    /// <summary>The parameters of the frame's function.</summary>
    public IReadOnlyList<DebugVariable> Parameters() => FrameFunction is { } here
        ? [.. here.Function.VariablesAt(here.Address, Values).Where(static each => each.IsParameter)] : [];

    /// <summary>What a parameter was when the function was called, as far as the caller says; null where nobody does.</summary>
    public Value? ReadAtEntry(DebugVariable parameter) =>
        FrameFunction is { Function: var function } && Values is { } values && function.EntryRegisterOf(parameter) is int register
            && values.AtEntry(register) is ulong value
                ? Value.Of(parameter.Type, Numbers.Bytes(value, Math.Max((int)(parameter.Type.Size ?? 8), 8)), Memory) : null;

    /// <summary>The value that a variable of the frame has; it may be one that says why there is none.</summary>
    /// <exception cref="MemoryFaultException">The way to it cannot be read.</exception>
    public Value Read(DebugVariable variable) =>
        ValueOf(variable, target.ImageAt(frame?.Address ?? 0) ?? target.Program);

    private CType? SeekType(string name)
    {
        foreach (LoadedImage image in Images)
        {
            if (image.Debug?.FindType(name) is { } type)
                return type;
        }

        return recovered?.FindType(name);
    }

    private Value? FindVariable(string name, string? context)
    {
        if (context is null && FrameFunction is { } here
            && here.Function.VariablesAt(here.Address, Values).LastOrDefault(variable => variable.Name == name) is { } local)
            return ValueOf(local, here.Image);
        if (context is null && FrameFunction is { } inside
            && inside.Image.Debug!.FindGlobal(name, inside.Function.Unit) is { Location: ThreadLocalLocation or not NoLocation } own)
            return ValueOf(own, inside.Image);
        foreach (LoadedImage image in Images)
        {
            if (image.Debug is not { } debug)
                continue;
            if (debug.FindGlobal(name, context) is { } global)
                return ValueOf(global, image);
            if (context is not null && Static(debug, name, context) is { } inFunction)
                return ValueOf(inFunction, image);
        }

        return null;
    }

    /// <summary>A static variable of a function.</summary>
    private static DebugVariable? Static(DebugInfo debug, string name, string function)
    {
        foreach (DebugFunction found in debug.FindFunctions(new Glob(function)))
        {
            if (found.FindStatic(name) is { } variable)
                return variable;
        }

        return null;
    }

    private Value? FindFunction(string name, string? context)
    {
        foreach (LoadedImage image in Images)
        {
            if (image.Debug is not { } debug || name.AsSpan().IndexOfAny("*?[") >= 0)
                continue;
            foreach (DebugFunction function in debug.FindFunctions(new Glob(name)))
            {
                if (function.FullName == name && function.EntryAddress is ulong entry
                    && (context is null || SourcePath.IsMatch(function.Unit, context)))
                    return Value.At(function.Type, Memory, entry + image.Bias);
            }
        }

        return null;
    }

    private Value? FindConstant(string name)
    {
        foreach (LoadedImage image in Images)
        {
            if (image.Debug?.FindEnumerator(name) is { } found)
                return Numbers.Make(found.Type, found.Constant.Value);
        }

        return null;
    }

    private Value? FindSymbol(string name)
    {
        foreach (LoadedImage image in Images)
        {
            if (image.FindSymbol(name) is not { Kind: not ElfSymbolKind.ThreadLocal } symbol)
                continue;
            bool isCode = symbol.Kind is ElfSymbolKind.Function or ElfSymbolKind.IndirectFunction
                || image.File.FindSegment(symbol.Address) is { IsExecutable: true };
            ulong address = symbol.Address + image.Bias;
            if (Images.Select(each => each.Debug?.FindDeclared(name)).FirstOrDefault(static found => found is not null) is { } declared)
                return Value.At(declared, Memory, address);
            var type = new TypedefType($"<{(isCode ? "text" : "data")} variable, no debug info>", null);
            return Value.At(type, Memory, address);
        }

        return null;
    }

    private Value ValueOf(DebugVariable variable, LoadedImage image)
    {
        var machine = new MachineEvaluator(frame?.Registers, Memory, image, Thread);
        return machine.Read(variable.Type, variable.Location);
    }

    private FrameValues? Values => frame is null ? null : _values ??= new FrameValues(target, Stack ?? [frame], 0, Thread);

    private (DebugFunction Function, LoadedImage Image, ulong Address)? FrameFunction
    {
        get
        {
            if (_isFrameFunctionKnown || frame is null)
                return _frameFunction;
            _isFrameFunctionKnown = true;
            // Behind a call there may stand another function's code already.
            ulong address = frame.Address - (frame.IsReturnAddress ? 1u : 0);
            if (target.ImageAt(address) is { Debug: { } debug } image
                && debug.FunctionsAt(address - image.Bias).ElementAtOrDefault(depth) is { } function)
                _frameFunction = (function, image, address - image.Bias);
            return _frameFunction;
        }
    }
}
