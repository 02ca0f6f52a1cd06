using System.Runtime.InteropServices;

namespace Virtap.Bpf.Kernel;

// The members of union bpf_attr used here, at the offsets of include/uapi/linux/bpf.h. A kernel that does not know the end of one accepts
// it as long as the unknown bytes are zero, so the same structures serve every version.

/// <summary>BPF_MAP_CREATE.</summary>
[StructLayout(LayoutKind.Explicit, Size = 72)]
internal unsafe struct MapCreateAttributes
{
    [FieldOffset(0)] public uint Type;
    [FieldOffset(4)] public uint KeySize;
    [FieldOffset(8)] public uint ValueSize;
    [FieldOffset(12)] public uint MaxEntries;
    [FieldOffset(16)] public uint Flags;
    [FieldOffset(28)] public fixed byte Name[16];
}

/// <summary>BPF_MAP_*_ELEM and BPF_MAP_GET_NEXT_KEY.</summary>
[StructLayout(LayoutKind.Explicit, Size = 32)]
internal unsafe struct MapElementAttributes
{
    [FieldOffset(0)] public int Map;
    [FieldOffset(8)] public ulong Key;
    [FieldOffset(16)] public ulong Value;
    [FieldOffset(24)] public ulong Flags;
}

/// <summary>BPF_PROG_LOAD.</summary>
[StructLayout(LayoutKind.Explicit, Size = 144)]
internal unsafe struct ProgramLoadAttributes
{
    [FieldOffset(0)] public uint Type;
    [FieldOffset(4)] public uint InstructionCount;
    [FieldOffset(8)] public ulong Instructions;
    [FieldOffset(16)] public ulong Licence;
    [FieldOffset(24)] public uint LogLevel;
    [FieldOffset(28)] public uint LogSize;
    [FieldOffset(32)] public ulong LogBuffer;
    [FieldOffset(44)] public uint Flags;
    [FieldOffset(48)] public fixed byte Name[16];
    [FieldOffset(68)] public uint ExpectedAttachType;
    [FieldOffset(72)] public int Btf;
    [FieldOffset(76)] public uint FunctionInfoRecordSize;
    [FieldOffset(80)] public ulong FunctionInfo;
    [FieldOffset(88)] public uint FunctionInfoCount;
}

/// <summary>BPF_PROG_TEST_RUN.</summary>
[StructLayout(LayoutKind.Explicit, Size = 80)]
internal struct TestRunAttributes
{
    [FieldOffset(0)] public int Program;
    [FieldOffset(4)] public uint Result;
    [FieldOffset(40)] public uint ContextSizeIn;
    [FieldOffset(48)] public ulong ContextIn;
}

/// <summary>BPF_*_GET_NEXT_ID.</summary>
[StructLayout(LayoutKind.Explicit, Size = 12)]
internal struct NextIdAttributes
{
    [FieldOffset(0)] public uint Start;
    [FieldOffset(4)] public uint Next;
}

/// <summary>BPF_OBJ_GET_INFO_BY_FD.</summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
internal struct ObjectInfoAttributes
{
    [FieldOffset(0)] public int File;
    [FieldOffset(4)] public uint Size;
    [FieldOffset(8)] public ulong Info;
}

/// <summary>BPF_RAW_TRACEPOINT_OPEN.</summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
internal struct RawTracepointAttributes
{
    [FieldOffset(0)] public ulong Name;
    [FieldOffset(8)] public int Program;
}

/// <summary>BPF_BTF_LOAD.</summary>
[StructLayout(LayoutKind.Explicit, Size = 32)]
internal struct BtfLoadAttributes
{
    [FieldOffset(0)] public ulong Btf;
    [FieldOffset(16)] public uint Size;
}

/// <summary>BPF_LINK_CREATE for a perf event.</summary>
[StructLayout(LayoutKind.Explicit, Size = 24)]
internal struct PerfEventLinkAttributes
{
    [FieldOffset(0)] public int Program;
    [FieldOffset(4)] public int Target;
    [FieldOffset(8)] public uint AttachType;
    [FieldOffset(16)] public ulong Cookie;
}

/// <summary>BPF_LINK_CREATE for many user-space probes.</summary>
[StructLayout(LayoutKind.Explicit, Size = 64)]
internal struct UprobeMultiLinkAttributes
{
    [FieldOffset(0)] public int Program;
    [FieldOffset(8)] public uint AttachType;
    [FieldOffset(16)] public ulong Path;
    [FieldOffset(24)] public ulong Offsets;
    [FieldOffset(32)] public ulong CounterOffsets;
    [FieldOffset(40)] public ulong Cookies;
    [FieldOffset(48)] public uint Count;
    [FieldOffset(52)] public uint Flags;
    [FieldOffset(56)] public uint Pid;
}

/// <summary>BPF_OBJ_PIN with BPF_F_PATH_FD (6.5).</summary>
[StructLayout(LayoutKind.Explicit, Size = 20)]
internal struct PinAttributes
{
    [FieldOffset(0)] public ulong Path;
    [FieldOffset(8)] public int File;
    [FieldOffset(12)] public uint Flags;
    [FieldOffset(16)] public int Directory;
}

/// <summary>struct bpf_prog_info, as far as it is read here.</summary>
[StructLayout(LayoutKind.Explicit, Size = 224)]
internal struct RawProgramInfo
{
    [FieldOffset(4)] public uint Id;
    [FieldOffset(16)] public uint JitedLength;
    [FieldOffset(20)] public uint TranslatedLength;
    [FieldOffset(192)] public ulong RunTime;
    [FieldOffset(200)] public ulong RunCount;
    [FieldOffset(208)] public ulong RecursionMisses;
    [FieldOffset(216)] public uint VerifiedInstructions;
}

/// <summary>struct perf_event_attr, the 72 bytes of PERF_ATTR_SIZE_VER1.</summary>
[StructLayout(LayoutKind.Explicit, Size = 72)]
internal struct PerfEventAttributes
{
    public const uint SizeInBytes = 72;

    [FieldOffset(0)] public uint Type;
    [FieldOffset(4)] public uint Size;
    [FieldOffset(8)] public ulong Config;
    [FieldOffset(16)] public ulong SamplePeriodOrFrequency;
    [FieldOffset(40)] public ulong Bits;
    [FieldOffset(52)] public uint BreakpointType;

    /// <summary>Of a breakpoint its address.</summary>
    [FieldOffset(56)] public ulong Config1;

    /// <summary>Of a breakpoint its length.</summary>
    [FieldOffset(64)] public ulong Config2;
}
