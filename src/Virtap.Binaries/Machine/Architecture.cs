namespace Virtap.Binaries.Machine;

/// <summary>The processors whose binaries Virtap reads.</summary>
public enum Architecture
{
    /// <summary>ELF <c>EM_X86_64</c> (62).</summary>
    X64,

    /// <summary>ELF <c>EM_AARCH64</c> (183).</summary>
    Arm64,
}
