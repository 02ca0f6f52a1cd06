using Virtap.Binaries.Code.Arm64;
using Virtap.Binaries.Code.Symbolic;
using Virtap.Binaries.Code.X64;

namespace Virtap.Binaries.Code.Paths;

/// <summary>The processors whose code is read.</summary>
internal static class InstructionSets
{
    private static readonly X64InstructionSet s_x64 = new();
    private static readonly Arm64InstructionSet s_arm64 = new();

    public static InstructionSet Of(Architecture architecture) => architecture == Architecture.X64 ? s_x64 : s_arm64;
}
