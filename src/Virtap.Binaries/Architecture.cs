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

/// <summary>Their names, as Linux has them.</summary>
public static class ArchitectureNames
{
    /// <summary><c>x86-64</c> or <c>aarch64</c>; null is a processor whose binaries Virtap does not read.</summary>
    public static string NameOf(Architecture? architecture) => architecture switch
    {
        Architecture.X64 => "x86-64",
        Architecture.Arm64 => "aarch64",
        _ => "a processor that is not known here",
    };
}

/// <summary>The processor that this process runs on.</summary>
public static class HostArchitecture
{
    /// <summary>Arm64 where it is that; X64 everywhere else.</summary>
    public static Architecture Current { get; } =
        RuntimeInformation.ProcessArchitecture == System.Runtime.InteropServices.Architecture.Arm64 ? Architecture.Arm64 : Architecture.X64;
}
