using System.Text;
using Virtap.Interop;

namespace Virtap.Cli.Typing;

/// <summary>Standard input, whose reader can be woken: it then reads the end.</summary>
internal sealed unsafe class WakeableInput
{
    private const int Input = 0;

    private readonly int _wake = Libc.EventFd(0, Libc.CloseOnExec);

    /// <summary>From whatever thread: there is nothing to be read any more.</summary>
    public void Wake()
    {
        ulong one = 1;
        _ = Libc.Write(_wake, &one, sizeof(ulong));
    }

    /// <summary>The next byte; -1 at the end.</summary>
    public int ReadByte()
    {
        PollEntry* entries = stackalloc PollEntry[2];
        while (true)
        {
            entries[0] = new PollEntry { File = _wake, Events = PollEntry.Readable };
            entries[1] = new PollEntry { File = Input, Events = PollEntry.Readable };
            if (Libc.Poll(entries, 2, -1) < 0)
                continue;
            if (entries[0].Returned != 0)
                return -1;
            byte next = 0;
            nint read = Libc.Read(Input, &next, 1);
            if (read > 0)
                return next;
            if (read == 0 || Errno.Last != Errno.Interrupted)
                return -1;
        }
    }

    /// <summary>The next line, without its end; null at the end.</summary>
    public string? ReadLine()
    {
        List<byte> bytes = [];
        while (true)
        {
            int next = ReadByte();
            if (next < 0 && bytes.Count == 0)
                return null;
            if (next is < 0 or '\n')
                return Encoding.UTF8.GetString([.. bytes]);
            bytes.Add((byte)next);
        }
    }
}
