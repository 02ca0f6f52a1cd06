using System.Runtime.InteropServices;
using System.Text;
using Virtap.Processes.Memory;
using Virtap.Processes.Tests.Support;

namespace Virtap.Processes.Tests.Memory;

public sealed unsafe partial class ProcessMemoryTests : IDisposable
{
    private const int Page = 4096;

    // Two pages, and behind them one that nobody can read. (A hole would be filled by whatever is mapped next.)
    private readonly byte* _pages;
    private readonly ProcessMemory _memory = new(Environment.ProcessId);

    public ProcessMemoryTests()
    {
        _pages = (byte*)Map(null, 3 * Page, 3, 0x22, -1, 0);
        _ = Map(_pages + 2 * Page, Page, 0, 0x32, -1, 0);
        for (int i = 0; i < 2 * Page; i++)
            _pages[i] = (byte)(i % 251);
    }

    private ulong End => (ulong)_pages + 2 * Page;

    [Fact]
    public void Bytes_are_read_up_to_the_end_of_the_memory()
    {
        byte[] buffer = new byte[100];

        Assert.Equal(60, _memory.Read(End - 60, buffer));
        Assert.Equal(new Span<byte>(_pages + 2 * Page - 60, 60), buffer.AsSpan(0, 60));
        Assert.False(_memory.TryRead(End - 60, buffer));
        Assert.True(_memory.TryRead(End - 100, buffer));
        Assert.Equal(0, _memory.Read(End, buffer));
        Assert.Equal(0, _memory.Read(0, buffer));
        Assert.Equal(0, _memory.Read(ulong.MaxValue - 10, buffer));
    }

    [Fact]
    public void Values_have_their_own_type()
    {
        *(long*)(_pages + 8) = -2;

        Assert.True(_memory.TryRead((ulong)_pages + 8, out long value));
        Assert.Equal(-2, value);
        Assert.False(_memory.TryRead(End - 4, out value));
        Assert.Equal(0, value);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(257)]
    [InlineData(3000)]
    public void Many_ranges_are_read_in_order_and_a_bad_one_does_not_spoil_the_others(int count)
    {
        var ranges = new MemoryRange[count];
        for (int i = 0; i < count; i++)
        {
            ulong address = (i % 5) switch
            {
                1 => End - 2,        // half of it is there
                3 => 16,             // nothing is
                _ => (ulong)_pages + (ulong)i,
            };
            ranges[i] = new MemoryRange(address, 4);
        }

        byte[] buffer = new byte[count * 4];
        bool[] succeeded = new bool[count];
        int read = _memory.ReadMany(ranges, buffer, succeeded);

        Assert.Equal(Enumerable.Range(0, count).Select(i => i % 5 is not (1 or 3)), succeeded);
        Assert.Equal(succeeded.Count(s => s), read);
        for (int i = 0; i < count; i++)
        {
            if (succeeded[i])
                Assert.Equal(new Span<byte>(_pages + i, 4), buffer.AsSpan(i * 4, 4));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(1000)]
    public void A_string_is_read_to_its_end_and_no_further_than_the_limit(int length)
    {
        string text = string.Concat(Enumerable.Range(0, length).Select(i => (char)('a' + i % 26)));
        Encoding.ASCII.GetBytes(text + '\0', new Span<byte>(_pages, 2 * Page));
        // As close to the end of the memory as it fits.
        ulong atEnd = End - (ulong)length - 1;
        new Span<byte>(_pages, length + 1).CopyTo(new Span<byte>((byte*)atEnd, length + 1));

        Assert.Equal(text, _memory.ReadString((ulong)_pages));
        Assert.Equal(text, _memory.ReadString(atEnd));
        Assert.Equal(text, _memory.ReadString((ulong)_pages, length));
        if (length > 0)
            Assert.Null(_memory.ReadString((ulong)_pages, length - 1));
    }

    [Fact]
    public void A_string_without_an_end_is_none()
    {
        new Span<byte>(_pages, 2 * Page).Fill((byte)'x');

        Assert.Null(_memory.ReadString((ulong)_pages, 100));
        Assert.Null(_memory.ReadString(End - 10));
        Assert.Null(_memory.ReadString(8));
    }

    [Fact]
    public void Another_process_is_read_while_it_runs()
    {
        using var child = new Child("/bin/sleep", "1000");
        var process = LiveProcess.Find(child.Id)!;
        Mapping stack = process.ReadMappings().Single(m => m.Path == "[stack]");
        byte[] bytes = new byte[stack.Length];

        int read = process.Memory.Read(stack.Start, bytes);

        Assert.Equal(bytes.Length, read);
        Assert.True(bytes.AsSpan().IndexOf("/bin/sleep\u00001000\0"u8) >= 0);
    }

    [Fact]
    public void A_process_that_has_ended_reads_as_nothing()
    {
        using var child = new Child("/bin/sleep", "1000");
        child.Kill();

        Assert.Equal(0, new ProcessMemory(child.Id).Read(0x400000, new byte[8]));
    }

    public void Dispose() => _ = Unmap(_pages, 3 * Page);

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial void* Map(void* address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(void* address, nuint length);
}
