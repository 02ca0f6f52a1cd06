using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Virtap.Processes.Kernel;

/// <summary>Room for a posix_spawnattr_t (336 bytes in glibc), a posix_spawn_file_actions_t (80) or a sigset_t (128).</summary>
[InlineArray(64)]
[StructLayout(LayoutKind.Sequential)]
internal struct SpawnObject
{
    private ulong _first;
}
