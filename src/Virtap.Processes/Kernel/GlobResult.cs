using System.Runtime.InteropServices;

namespace Virtap.Processes.Kernel;

/// <summary>glob_t: 72 bytes, of which only the first two fields are of interest.</summary>
[StructLayout(LayoutKind.Sequential, Size = 128)]
internal unsafe struct GlobResult
{
    public nuint Count;
    public byte** Paths;
}
