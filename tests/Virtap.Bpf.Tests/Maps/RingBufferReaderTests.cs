using System.Buffers.Binary;
using Virtap.Bpf.Instructions;
using Virtap.Bpf.Maps;
using Virtap.Bpf.Programs;
using Virtap.Bpf.Specs;
using Virtap.Bpf.Tests.Support;
using static Virtap.Bpf.Instructions.BpfRegister;

namespace Virtap.Bpf.Tests.Maps;

public class RingBufferReaderTests
{
    private readonly uint _size = (uint)Environment.SystemPageSize;

    [Fact]
    public void Records_of_variable_size_come_from_the_memory_whole_also_where_the_ring_wraps()
    {
        using SharedMemoryMap memory = RealKernel.CreateMemory();
        using RingBufferReader ring = RingBufferReader.Create(MapSpec.Ring("events", _size));
        var a = new BpfAssembler("output", BpfProgramKind.Syscall);
        a.LoadMapValue(R6, "memory");
        a.Load(BpfSize.Double, R7, R6, 0);
        a.MaskedAddress(R2, R7);
        a.Load(BpfSize.Double, R3, R6, 8);
        a.Alu(BpfAluOperator.And, R3, 2047);
        a.LoadMap(R1, "events");
        a.Move(R4, 0);
        a.Call(BpfHelper.RingbufOutput);
        a.Exit();
        using BpfProgram program = BpfProgram.Load(a.Build(), [memory.Map, ring.Map]);
        int read = 0;
        for (int n = 0; n < 2000; n++)
        {
            int offset = 4096 + n * 37, length = 4 + n % 300;
            memory.Span.Slice(offset, length).Fill((byte)n);
            BinaryPrimitives.WriteInt32LittleEndian(memory.Span[offset..], n);
            memory.Word(0) = offset;
            memory.Word(8) = length;
            Assert.Equal(0u, program.TestRun([]));
            if (n % 7 != 0)
                continue;
            ring.Drain(record =>
            {
                Assert.Equal(4 + read % 300, record.Length);
                Assert.Equal(read, BinaryPrimitives.ReadInt32LittleEndian(record));
                Assert.Equal(-1, record[4..].IndexOfAnyExcept((byte)read));
                read++;
            });
            Assert.Equal(n + 1, read);
        }
    }

    [Fact]
    public void A_full_ring_refuses_and_takes_records_again_when_drained()
    {
        RealKernel.Require();
        using RingBufferReader ring = RingBufferReader.Create(MapSpec.Ring("events", _size));
        using BpfProgram program = Reserve(ring, discard: false);
        int accepted = 0;
        while (program.TestRun([]) == 0)
            accepted++;
        Assert.Equal((int)_size / 24, accepted);
        Assert.Equal(accepted, ring.Drain(r => Assert.Equal(16, r.Length)));
        Assert.Equal(0u, program.TestRun([]));
    }

    [Fact]
    public void Discarded_records_are_passed_over()
    {
        RealKernel.Require();
        using RingBufferReader ring = RingBufferReader.Create(MapSpec.Ring("events", _size));
        using BpfProgram keep = Reserve(ring, discard: false), discard = Reserve(ring, discard: true);
        for (int n = 0; n < 1000; n++)
        {
            Assert.Equal(0u, discard.TestRun([]));
            Assert.Equal(0u, keep.TestRun([]));
            Assert.Equal(0u, discard.TestRun([]));
            Assert.Equal(1, ring.Drain(_ => { }));
        }
    }

    [Fact]
    public async Task A_wait_ends_with_a_record_a_wake_or_the_time()
    {
        RealKernel.Require();
        using RingBufferReader ring = RingBufferReader.Create(MapSpec.Ring("events", _size));
        using BpfProgram program = Reserve(ring, discard: false);
        Assert.False(ring.Wait(TimeSpan.FromMilliseconds(1)));
        ring.Wake();
        Assert.True(ring.Wait(TimeSpan.FromSeconds(10)));
        Task<uint> later = Task.Run(() => program.TestRun([]), TestContext.Current.CancellationToken);
        Assert.True(ring.Wait(TimeSpan.FromSeconds(10)));
        Assert.Equal(0u, await later);
        Assert.Equal(1, ring.Drain(_ => { }));
    }

    private static BpfProgram Reserve(RingBufferReader ring, bool discard)
    {
        var a = new BpfAssembler("reserve", BpfProgramKind.Syscall);
        BpfLabel full = a.NewLabel();
        a.LoadMap(R1, "events");
        a.Move(R2, 16);
        a.Move(R3, 0);
        a.Call(BpfHelper.RingbufReserve);
        a.Jump(BpfCondition.Equal, R0, 0, full);
        a.Store(BpfSize.Double, R0, 0, 1);
        a.Store(BpfSize.Double, R0, 8, 2);
        a.Move(R1, R0);
        a.Move(R2, 0);
        a.Call(discard ? BpfHelper.RingbufDiscard : BpfHelper.RingbufSubmit);
        a.Return();
        a.Bind(full);
        a.Return(1);
        return BpfProgram.Load(a.Build(), [ring.Map]);
    }
}
