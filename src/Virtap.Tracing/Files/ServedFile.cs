namespace Virtap.Tracing.Files;

/// <summary>A file whose contents are made when it is read, and whose writers are heard.</summary>
/// <param name="Path">Its path in the folder: names with slashes between them.</param>
/// <param name="Mode">Its permissions.</param>
/// <param name="Read">Makes what a reader gets, given the reader's thread; null where it cannot any more.</param>
/// <param name="Write">Takes what a thread has written; false where it cannot any more.</param>
internal sealed record ServedFile(string Path, int Mode, Func<int, byte[]?> Read, Func<int, byte[], bool> Write);
