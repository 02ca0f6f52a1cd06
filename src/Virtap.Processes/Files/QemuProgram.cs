namespace Virtap.Processes.Files;

/// <summary>A QEMU system emulator of this host.</summary>
/// <param name="Path">Its path; for one that only a container has, the path there.</param>
/// <param name="Identity">Which file it is.</param>
/// <param name="Processes">The processes that run it now, by ascending id.</param>
public sealed record QemuProgram(string Path, FileIdentity Identity, IReadOnlyList<LiveProcess> Processes);
