using System.Runtime.InteropServices;

namespace Virtap.Binaries;

/// <summary>The processors whose binaries Virtap reads.</summary>
public enum Architecture
{
    /// <summary>ELF <c>EM_X86_64</c> (62).</summary>
    X64,

    /// <summary>ELF <c>EM_AARCH64</c> (183).</summary>
    Arm64,
}

/// <summary>The processor that this process runs on.</summary>
public static class HostArchitecture
{
    /// <summary>Arm64 where it is that; X64 everywhere else.</summary>
    public static Architecture Current { get; } =
        RuntimeInformation.ProcessArchitecture == System.Runtime.InteropServices.Architecture.Arm64 ? Architecture.Arm64 : Architecture.X64;
}
