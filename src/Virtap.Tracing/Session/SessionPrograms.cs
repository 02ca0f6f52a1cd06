using System.Numerics;
using System.Runtime.ExceptionServices;
using Virtap.Bpf.Kernel;
using Virtap.Bpf.Maps;
using Virtap.Bpf.Programs;
using Virtap.Bpf.Specs;
using Virtap.Tracing.Emit;
using Virtap.Tracing.Lowering.Tree;
using Virtap.Tracing.Memory;

namespace Virtap.Tracing.Session;

/// <summary>Pass 4: the maps and programs of a session in the kernel, loaded and not attached.</summary>
internal sealed class SessionPrograms : IDisposable
{
    private readonly BpfProgram[] _programs;

    /// <summary>Makes maps and has the programs verified.</summary>
    /// <exception cref="BpfException">The kernel refused one.</exception>
    /// <exception cref="SessionException">The script's memory is more than this kernel can share.</exception>
    public SessionPrograms(LoweredProgram program, IReadOnlyList<HandlerProgram> handlers, SessionOptions options)
    {
        Handlers = handlers;
        IReadOnlyList<MapSpec> maps = ProgramEmitter.Maps(program.Layout, RingBytes(options));
        RequireMemory(program.Layout, maps[0].ValueSize, options);
        _programs = new BpfProgram[handlers.Count];
        try
        {
            Memory = new SessionMemory(program, maps[0]);
            Ring = RingBufferReader.Create(maps[1]);
            Load();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The handlers, in the order of <see cref="Programs"/>.</summary>
    public IReadOnlyList<HandlerProgram> Handlers { get; }

    /// <summary>The programs.</summary>
    public IReadOnlyList<BpfProgram> Programs => _programs;

    /// <summary>The session's memory.</summary>
    public SessionMemory Memory { get; } = null!;

    /// <summary>What handlers print goes through it.</summary>
    public RingBufferReader Ring { get; } = null!;

    /// <summary>Hits that the kernel did not run a program for.</summary>
    public long MissedHits => _programs.Sum(p => (long)p.GetInfo().RecursionMisses);

    /// <summary>The size of the ring: a power of two of whole pages.</summary>
    public static uint RingBytes(SessionOptions options) => BitOperations.RoundUpToPowerOf2(Math.Max(options.OutputBytes, (uint)Environment.SystemPageSize));

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (BpfProgram? program in _programs)
            program?.Dispose();
        Ring?.Dispose();
        Memory?.Dispose();
    }

    /// <summary>Has the programs verified, in parallel where there are many: each keeps one processor busy for a millisecond or more.</summary>
    private void Load()
    {
        const int Few = 4;
        BpfMap[] maps = [Memory.Map!, Ring.Map];
        if (Handlers.Count <= Few)
        {
            for (int i = 0; i < _programs.Length; i++)
                LoadOne(i);
            return;
        }

        try
        {
            Parallel.For(0, _programs.Length, LoadOne);
        }
        catch (AggregateException e)
        {
            ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }

        void LoadOne(int i) => _programs[i] = BpfProgram.Load(Handlers[i].Spec, maps, Handlers[i].Attachment);
    }

    private static void RequireMemory(MemoryLayout layout, uint bytes, SessionOptions options)
    {
        if (bytes <= 4 << 20 || bytes <= options.Features.LargestValue)
            return;
        string largest = layout.Arrays.MaxBy(a => a.EndOffset - a.Offset) is { } array
            ? $"; the largest array is '{array.Name}' with {array.MaxEntries} entries of {array.EntryBytes} bytes (-D MAXMAPENTRIES and -D MAXSTRINGLEN set both)"
            : "";
        throw new SessionException($"the script's memory of {bytes >> 20} MB is more than this kernel can share with programs ({options.Features.LargestValue >> 20} MB){largest}");
    }
}
