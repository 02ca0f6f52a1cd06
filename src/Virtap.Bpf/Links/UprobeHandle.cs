using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Virtap.Bpf.Kernel;
using Virtap.Interop;

namespace Virtap.Bpf.Links;

/// <summary>
/// The descriptor of something that has breakpoints in other processes. Closing it takes them back, wherever and however it
/// is closed: in an <see cref="OutsideTask"/>.
/// </summary>
internal sealed class UprobeHandle : SafeHandleMinusOneIsInvalid
{
    private static readonly nint s_close = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 57 : 3;

    /// <summary>Owns a descriptor.</summary>
    public UprobeHandle(nint file)
        : base(ownsHandle: true) => SetHandle(file);

    /// <summary>Closes a descriptor that is not the last reference: nothing is taken back, and this thread can do it.</summary>
    public void CloseShared()
    {
        _ = Libc.Close((int)handle);
        SetHandleAsInvalid();
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => OutsideTask.Call(new SystemCall(s_close, handle)) >= 0;
}
