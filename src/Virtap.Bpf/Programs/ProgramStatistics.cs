using Microsoft.Win32.SafeHandles;
using Virtap.Bpf.Kernel;

namespace Virtap.Bpf.Programs;

/// <summary>
/// Switches on the counting of runs and run times of all programs of the machine (5.8), until it is disposed or the process dies. It costs
/// two clock readings per run; without it <see cref="ProgramInfo.RunCount"/> stays 0.
/// </summary>
public sealed class ProgramStatistics : IDisposable
{
    private readonly SafeFileHandle _handle;

    private ProgramStatistics(SafeFileHandle handle) => _handle = handle;

    /// <summary>Switches it on.</summary>
    /// <exception cref="BpfException">Refused: needs CAP_SYS_ADMIN.</exception>
    public static ProgramStatistics Enable()
    {
        uint runTime = 0;
        return new ProgramStatistics(BpfSyscall.Open(BpfCommand.EnableStatistics, ref runTime, "switching on program statistics"));
    }

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();
}
