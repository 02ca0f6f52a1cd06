using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Virtap.Bpf.Btf;
using Virtap.Bpf.Instructions;
using Virtap.Bpf.Kernel;
using Virtap.Bpf.Maps;
using Virtap.Bpf.Specs;
using Virtap.Interop;

namespace Virtap.Bpf.Programs;

/// <summary>
/// BPF_PROG_LOAD: fills in maps, kernel functions and offsets, describes the functions, and asks for the verifier's log only after a
/// refusal.
/// </summary>
internal static unsafe class ProgramLoader
{
    /// <summary>
    /// The licence declared to the kernel, one of the strings <c>license_is_gpl_compatible</c> knows: helpers such as bpf_probe_read_user
    /// and every kernel function are for GPL-compatible programs only. The instruction sequences of generated programs are this project's
    /// own to license; as emitted they are offered under the MIT licence or the GPL, at the receiver's choice, whatever the licence of the
    /// tool.
    /// </summary>
    private static ReadOnlySpan<byte> Licence => "Dual MIT/GPL\0"u8;

    private const uint TypeKprobe = 2, TypePerfEvent = 7, TypeRawTracepoint = 17, TypeSyscall = 31;
    private const uint AttachUprobeMulti = 48;
    private const uint FlagSleepable = 1 << 4;
    private const int FirstLogSize = 1 << 16, LastLogSize = 1 << 24;

    public static BpfProgram Load(ProgramSpec spec, IEnumerable<BpfMap> maps, UprobeAttachment attachment)
    {
        BpfInstruction[] code = Resolve(spec, maps);
        (byte[] types, int[] functions) = ProgramTypes.Build(spec);
        using SafeFileHandle btf = LoadTypes(spec, types);
        FunctionInfo[] info = [.. spec.Subprograms.Select((s, n) => new FunctionInfo((uint)s.Start, (uint)functions[n]))];
        fixed (BpfInstruction* instructions = code)
        fixed (FunctionInfo* functionInfo = info)
        fixed (byte* licence = Licence)
        {
            var attributes = new ProgramLoadAttributes
            {
                Type = TypeOf(spec.Kind),
                InstructionCount = (uint)code.Length,
                Instructions = (ulong)instructions,
                Licence = (ulong)licence,
                Flags = spec.IsSleepable ? FlagSleepable : 0,
                ExpectedAttachType = spec.Kind == BpfProgramKind.Uprobe && attachment == UprobeAttachment.Multi ? AttachUprobeMulti : 0,
                Btf = BpfSyscall.Descriptor(btf),
                FunctionInfoRecordSize = (uint)sizeof(FunctionInfo),
                FunctionInfo = (ulong)functionInfo,
                FunctionInfoCount = (uint)info.Length,
            };
            BpfSyscall.WriteName(attributes.Name, spec.Name);
            int result = TryLoad(ref attributes);
            return result >= 0
                ? new BpfProgram(spec, attachment, BpfSyscall.Own(result))
                : throw Refusal(spec, -result, ReadLog(attributes));
        }
    }

    private static uint TypeOf(BpfProgramKind kind) => kind switch
    {
        BpfProgramKind.Uprobe => TypeKprobe,
        BpfProgramKind.RawTracepoint => TypeRawTracepoint,
        BpfProgramKind.PerfEvent => TypePerfEvent,
        BpfProgramKind.Syscall => TypeSyscall,
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    private static BpfInstruction[] Resolve(ProgramSpec spec, IEnumerable<BpfMap> maps)
    {
        BpfInstruction[] code = [.. spec.Instructions];
        Dictionary<string, BpfMap> byName = maps.ToDictionary(m => m.Spec.Name);
        foreach (MapReference reference in spec.Maps)
        {
            if (!byName.TryGetValue(reference.Map, out BpfMap? map))
                throw new ArgumentException($"program '{spec.Name}' names a map '{reference.Map}' that is not given", nameof(maps));
            code[reference.Index] = code[reference.Index].WithImmediate(map.Descriptor);
        }

        foreach (KernelFunctionReference reference in spec.KernelFunctions)
            Fill(reference.Index, $"calls {reference.Function}", btf => btf.FindFunction(reference.Function));
        foreach (KernelMemberReference reference in spec.KernelMembers)
        {
            Fill(reference.Index, $"reads {reference.Structure}.{reference.Member}",
                btf => btf.FindMember(reference.Structure, reference.Member) is { } member
                    ? reference.IsSize ? member.Size : member.Offset
                    : null);
        }

        return code;

        void Fill(int index, string use, Func<KernelBtf, int?> find)
        {
            KernelBtf btf = KernelBtf.Vmlinux
                ?? throw new BpfException($"program '{spec.Name}' {use}, but this kernel shows no types ({KernelBtf.VmlinuxPath})");
            int value = find(btf) ?? throw new BpfException($"program '{spec.Name}' {use}, which this kernel does not have");
            code[index] = code[index].WithImmediate(value);
        }
    }

    private static SafeFileHandle LoadTypes(ProgramSpec spec, byte[] types)
    {
        fixed (byte* bytes = types)
        {
            var attributes = new BtfLoadAttributes { Btf = (ulong)bytes, Size = (uint)types.Length };
            return BpfSyscall.Open(BpfCommand.BtfLoad, ref attributes, $"loading the types of program '{spec.Name}'");
        }
    }

    /// <summary>EAGAIN means a signal reached the verifier; the kernel's own advice is to try again.</summary>
    private static int TryLoad(ref ProgramLoadAttributes attributes)
    {
        int result = -Errno.TryAgain;
        for (int attempt = 0; attempt < 5 && result == -Errno.TryAgain; attempt++)
            result = BpfSyscall.Try(BpfCommand.ProgramLoad, ref attributes);
        return result;
    }

    /// <summary>Has the refused program verified again, for the log. The buffer grows while the kernel says it is too small.</summary>
    private static string ReadLog(ProgramLoadAttributes attributes)
    {
        for (int size = FirstLogSize; ; size *= 4)
        {
            byte[] buffer = new byte[size];
            fixed (byte* log = buffer)
            {
                attributes.LogLevel = 1;
                attributes.LogSize = (uint)size;
                attributes.LogBuffer = (ulong)log;
                int result = TryLoad(ref attributes);
                if (result >= 0)
                    BpfSyscall.Own(result).Dispose();
                if (result != -Errno.NoSpace || size >= LastLogSize)
                    return Encoding.UTF8.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(log)).TrimEnd();
            }
        }
    }

    private static BpfException Refusal(ProgramSpec spec, int error, string log)
    {
        string operation = $"loading program '{spec.Name}' ({spec.Instructions.Length} instructions)";
        if (error == Errno.TooBig && log.Length == 0)
            operation += ", which is more than the kernel's limit of a million";
        if (spec.HasLongJumps && log.Contains("opcode 06", StringComparison.Ordinal))
            operation += ", whose longest jumps need kernel 6.6";
        if (CommentAtFault(spec, log) is string comment)
            operation += $", at '{comment}'";
        return BpfException.FromError(operation, error, log);
    }

    /// <summary>The nearest comment at or before the last instruction the log shows, within its function.</summary>
    private static string? CommentAtFault(ProgramSpec spec, string log)
    {
        int slot = -1;
        foreach (ReadOnlySpan<char> line in log.AsSpan().EnumerateLines())
        {
            int colon = line.IndexOf(": (", StringComparison.Ordinal);
            if (colon > 0 && int.TryParse(line[..colon], NumberStyles.None, CultureInfo.InvariantCulture, out int number))
                slot = number;
        }

        int start = spec.Subprograms.LastOrDefault(s => s.Start <= slot)?.Start ?? 0;
        int place = spec.Comments.Keys.LastOrDefault(c => c >= start && c <= slot, -1);
        return place < 0 ? null : spec.Comments[place];
    }

    /// <summary>struct bpf_func_info.</summary>
    private readonly record struct FunctionInfo(uint Start, uint Type);
}

/// <summary>
/// How a <see cref="Specs.BpfProgramKind.Uprobe"/> program will be attached; the kernel wants to know it when the program is loaded.
/// </summary>
public enum UprobeAttachment
{
    /// <summary>One link for many places (6.6). A handler preempted by another one does not make that one vanish.</summary>
    Multi,

    /// <summary>
    /// A perf event for each place (4.17). A hit that preempts a handler on its processor is lost and counted in the recursion misses.
    /// </summary>
    PerfEvent,
}
