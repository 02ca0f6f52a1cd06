using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Virtap.Binaries;
using Virtap.Binaries.Code;
using Virtap.Binaries.Dwarf;
using Virtap.Binaries.Dwarf.Frames;
using Virtap.Binaries.Elf;
using Virtap.Language.Library;
using Virtap.Processes;
using Virtap.Processes.Access;
using Virtap.Processes.Files;
using Virtap.Processes.Memory;
using Virtap.Processes.Stacks;
using Virtap.Processes.Stops;
using Virtap.Tracing.Memory;

namespace Virtap.Tracing.Runtime;

/// <summary>
/// Makes text of the stacks that handlers send (<see cref="StackRecord"/>), as SystemTap prints them. The process is asked for its
/// mappings when the first of its stacks is printed, and again where a frame lies in none of them; one that has ended before has none.
/// </summary>
/// <param name="report">Told, as the end of a sentence, why a stack has fewer frames than it ought to.</param>
internal sealed class StackText(Action<string> report) : IDisposable
{
    private const int MaxProcesses = 256;

    private readonly CodeImages _images = new(DebugFileSearch.OfSystem);
    private readonly Dictionary<int, (FileIdentity? Executable, CodeMap Code)> _processes = [];
    private readonly StringBuilder _line = new();

    /// <summary>Appends the text of a stack; false where the item does not hold one.</summary>
    public bool TryPrint(ref ItemReader arguments, ref TextBufferSink sink, StackForm form)
    {
        if (!arguments.TryReadLong(out long pid) || !arguments.TryReadText(out ReadOnlySpan<byte> content))
            return false;
        _line.Clear();
        if (pid == StackRecord.NoProcess)
        {
            _line.Append(CultureInfo.InvariantCulture, $"<no user backtrace at {Encoding.UTF8.GetString(content)}>\n");
        }
        else
        {
            if (ReadRegisters(content) is not { } registers)
                return false;
            byte[] stack = content[(registers.Count * sizeof(ulong))..].ToArray();
            Append((int)pid, registers, new StackCopy(registers.StackPointer, stack, stack.Length == StackRecord.MaxStack), form);
        }

        sink.Append(Encoding.UTF8.GetBytes(_line.ToString()));
        return true;
    }

    /// <summary>Where in the source an address of a process is; the address itself where that is not known.</summary>
    /// <param name="pid">The process; null for none.</param>
    /// <param name="address">A run-time address.</param>
    /// <param name="part">What of the place.</param>
    public string PlaceOf(int? pid, ulong address, AddressPart part)
    {
        CodeMap? code = null;
        if (pid is int process)
        {
            code = CodeOf(process);
            if (code is not null && code.Mappings.At(address) is null)
                code = Refresh(process);
        }

        return code?.Describe(address, isReturnAddress: false).Scopes is [{ Line: { } line }, ..]
            ? part switch
            {
                AddressPart.File => line.File,
                AddressPart.Line => line.Line.ToString(CultureInfo.InvariantCulture),
                AddressPart.FileLine => string.Create(CultureInfo.InvariantCulture, $"{line.File}:{line.Line}"),
            }
            : string.Create(CultureInfo.InvariantCulture, $"0x{address:x}");
    }

    /// <inheritdoc/>
    public void Dispose() => _images.Dispose();

    private static RegisterValues? ReadRegisters(ReadOnlySpan<byte> content)
    {
        var registers = new RegisterValues(HostArchitecture.Current);
        if (content.Length < registers.Count * sizeof(ulong))
            return null;
        for (int number = 0; number < registers.Count; number++)
            registers[number] = BinaryPrimitives.ReadUInt64LittleEndian(content[(number * sizeof(ulong))..]);
        return registers;
    }

    private void Append(int pid, RegisterValues registers, StackCopy copy, StackForm form)
    {
        CodeMap? code = CodeOf(pid);
        if (code is null)
        {
            report($"process {pid} had ended before its mappings could be read; of its stacks there is only the first address");
            AppendFrame(new ResolvedAddress(registers.InstructionPointer, registers.InstructionPointer, null, null, null, []), form);
            EndLine(form);
            return;
        }

        ThreadStack stack = StackWalker.Walk(code, registers, copy);
        if (stack.Frames.Any(frame => code.Mappings.At(frame.Address) is null) && Refresh(pid) is { } newer)
        {
            code = newer;
            stack = StackWalker.Walk(code, registers, copy);
        }

        foreach (StackFrame frame in stack.Frames)
            AppendFrame(code.Describe(frame.Address, frame.IsReturnAddress), form);
        EndLine(form);
        if (stack.End == StackEnd.StackCut)
            report($"a stack has more than the {StackRecord.MaxStack} bytes that are taken of it; its outer frames are not printed");
        else if (code.Mappings.At(stack.Frames[^1].Address) is { Path: "[uprobes]" })
            report("a function on the stack has a .return probe, which stands where its return address was; its callers are not printed");
    }

    private CodeMap? CodeOf(int pid)
    {
        if (_processes.TryGetValue(pid, out (FileIdentity? Executable, CodeMap Code) known))
        {
            // One that has ended is remembered as it was; one that runs another program now is another.
            FileIdentity? now = LiveProcess.Find(pid)?.Executable;
            if (now is null || now == known.Executable)
                return known.Code;
        }

        return Refresh(pid);
    }

    private CodeMap? Refresh(int pid)
    {
        if (LiveProcess.Find(pid) is not { } process)
            return null;
        try
        {
            Mappings mappings = process.ReadMappings();
            if (mappings.Count == 0)
                return null;
            if (_processes.Count == MaxProcesses)
                _processes.Clear();
            var code = new CodeMap(process, mappings, _images);
            _processes[pid] = (process.Executable, code);
            return code;
        }
        catch (ProcessException)
        {
            return null;
        }
    }

    private void AppendFrame(ResolvedAddress address, StackForm form)
    {
        CultureInfo invariant = CultureInfo.InvariantCulture;
        if (form == StackForm.Brief)
        {
            if (address.Symbol is { } name)
                _line.Append(invariant, $"{name.Name}+0x{address.Offset:x} ");
            else
                _line.Append(invariant, $"0x{address.Address:x} ");
            return;
        }

        _line.Append(invariant, $" 0x{address.Address:x}");
        if (address.Symbol is { } symbol)
        {
            _line.Append(invariant, $" : {symbol.Name}+0x{address.Offset:x}/0x{symbol.Size:x}");
            if (form == StackForm.Lines && address.Scopes is [{ Line: { } line }, ..])
                _line.Append(invariant, $" at {line.File}:{line.Line}");
        }

        if (!string.IsNullOrEmpty(address.Module))
            _line.Append(invariant, $" [{address.Module}{(address.Symbol is null ? WithinModule(address) : "")}]");
        _line.Append('\n');
    }

    private void EndLine(StackForm form)
    {
        if (form == StackForm.Brief)
            _line.Append('\n');
    }

    private static string WithinModule(ResolvedAddress address)
    {
        if (address.Image is not { } image)
            return "";
        ElfSegment[] loaded = [.. image.File.Segments.Where(static segment => segment.Type == ElfSegmentType.Load)];
        ulong start = loaded.Min(static segment => segment.Address), end = loaded.Max(static s => s.Address + s.MemorySize);
        return string.Create(CultureInfo.InvariantCulture, $"+0x{address.LinkAddress - start:x}/0x{end - start:x}");
    }
}
