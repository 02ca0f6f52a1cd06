using Virtap.Binaries.Elf;
using Virtap.Processes.Memory;

namespace Virtap.Debugging.Targets;

/// <summary>The memory of a program that does not run, as its file says that it will begin: by link-time addresses.</summary>
internal sealed class ImageMemory(ElfFile file) : TargetMemory
{
    /// <inheritdoc/>
    public override bool IsLive => false;

    /// <inheritdoc/>
    public override int Read(ulong address, Span<byte> buffer)
    {
        int done = 0;
        while (done < buffer.Length && file.FindSegment(address + (ulong)done) is { } segment)
        {
            ReadOnlySpan<byte> bytes = file.BytesAt(address + (ulong)done, buffer.Length - done);
            if (bytes.IsEmpty)
            {
                // Behind what the file has, a segment begins with zeros.
                ulong left = segment.Address + segment.MemorySize - (address + (ulong)done);
                int zeros = (int)Math.Min(left, (ulong)(buffer.Length - done));
                buffer.Slice(done, zeros).Clear();
                done += zeros;
            }
            else
            {
                bytes.CopyTo(buffer[done..]);
                done += bytes.Length;
            }
        }

        return done;
    }
}
