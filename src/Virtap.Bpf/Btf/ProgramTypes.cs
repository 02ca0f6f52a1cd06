using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Virtap.Bpf.Specs;

namespace Virtap.Bpf.Btf;

/// <summary>
/// The BTF a program is loaded with: a FUNC type for each of its functions. The kernel asks for it before it lets a helper call back a
/// subprogram (5.13) or verifies a global subprogram on its own (5.6), and shows the names in its listings and stack traces.
/// </summary>
internal static class ProgramTypes
{
    /// <summary>What <c>bpf_user_pt_regs_t</c> is (asm/bpf_perf_event.h).</summary>
    private static readonly string s_registers =
        RuntimeInformation.ProcessArchitecture == System.Runtime.InteropServices.Architecture.Arm64 ? "user_pt_regs" : "pt_regs";

    /// <summary>BTF bytes, and the type id of each function in the spec's order.</summary>
    public static (byte[] Btf, int[] Functions) Build(ProgramSpec spec)
    {
        var strings = new MemoryStream();
        strings.WriteByte(0);
        var types = new MemoryStream();
        int count = 0;

        int Name(string text)
        {
            int at = (int)strings.Length;
            strings.Write(Encoding.ASCII.GetBytes(text));
            strings.WriteByte(0);
            return at;
        }

        void Words(params ReadOnlySpan<int> words)
        {
            Span<byte> bytes = stackalloc byte[4];
            foreach (int word in words)
            {
                BinaryPrimitives.WriteInt32LittleEndian(bytes, word);
                types.Write(bytes);
            }
        }

        int Type(string name, BtfKind kind, int low, int sizeOrType)
        {
            Words(name.Length == 0 ? 0 : Name(name), (int)kind << 24 | low, sizeOrType);
            return ++count;
        }

        int number = Type("u64", BtfKind.Integer, 0, 8);
        Words(64);
        int context = Type("", BtfKind.Pointer, 0, ContextType(spec.Kind, Type));

        // The names of parameters have no reader, but the kernel refuses a function without them.
        int[] parameterNames = [.. Enumerable.Range(1, 5).Select(n => Name($"a{n}"))];
        int[] functions = new int[spec.Subprograms.Length];
        for (int n = 0; n < functions.Length; n++)
        {
            Subprogram function = spec.Subprograms[n];
            int prototype = Type("", BtfKind.FunctionPrototype, function.Parameters.Length, number);
            for (int p = 0; p < function.Parameters.Length; p++)
                Words(parameterNames[p], function.Parameters[p] == SubprogramParameter.Context ? context : number);
            functions[n] = Type(Identifier(function.Name), BtfKind.Function, (int)function.Linkage, prototype);
        }

        return (File(types.ToArray(), strings.ToArray()), functions);
    }

    /// <summary>
    /// The type by whose name the kernel recognises the context of a global subprogram (<c>btf_is_prog_ctx_type</c>). Of a uprobe it is
    /// the typedef's since Linux 6.9; before, that of the structure behind it, which is another on each processor.
    /// </summary>
    private static int ContextType(BpfProgramKind kind, Func<string, BtfKind, int, int, int> type) => kind switch
    {
        BpfProgramKind.Uprobe => type("bpf_user_pt_regs_t", BtfKind.Typedef, 0, type(s_registers, BtfKind.Struct, 0, 0)),
        BpfProgramKind.PerfEvent => type("bpf_perf_event_data", BtfKind.Struct, 0, 0),
        BpfProgramKind.RawTracepoint => type("bpf_raw_tracepoint_args", BtfKind.Struct, 0, 0),
        _ => 0, // void *
    };

    private static string Identifier(string name)
    {
        string cleaned = string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_'));
        return char.IsAsciiDigit(cleaned[0]) ? "_" + cleaned : cleaned;
    }

    private static byte[] File(byte[] types, byte[] strings)
    {
        const int HeaderSize = 24;
        byte[] file = new byte[HeaderSize + types.Length + strings.Length];
        BinaryPrimitives.WriteUInt16LittleEndian(file, 0xeb9f);
        file[2] = 1;
        int[] header = [HeaderSize, 0, types.Length, types.Length, strings.Length];
        for (int n = 0; n < header.Length; n++)
            BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(4 + 4 * n), header[n]);
        types.CopyTo(file, HeaderSize);
        strings.CopyTo(file, HeaderSize + types.Length);
        return file;
    }
}
