using Microsoft.Win32.SafeHandles;
using Virtap.Bpf.Kernel;
using Virtap.Bpf.Maps;
using Virtap.Bpf.Specs;

namespace Virtap.Bpf.Programs;

/// <summary>A verified program in the kernel. It lives as long as this handle or a link that uses it.</summary>
public sealed unsafe class BpfProgram : IDisposable
{
    internal BpfProgram(ProgramSpec spec, UprobeAttachment attachment, SafeFileHandle handle)
    {
        Spec = spec;
        Attachment = attachment;
        Handle = handle;
    }

    /// <summary>What it was made from.</summary>
    public ProgramSpec Spec { get; }

    /// <summary>How it may be attached, if it is a user-space probe.</summary>
    public UprobeAttachment Attachment { get; }

    /// <summary>Its file descriptor.</summary>
    public SafeFileHandle Handle { get; }

    internal int Descriptor => BpfSyscall.Descriptor(Handle);

    /// <summary>Has a program verified and loaded.</summary>
    /// <param name="spec">The program.</param>
    /// <param name="maps">The maps it names.</param>
    /// <param name="attachment">For user-space probes, how it will be attached.</param>
    /// <exception cref="BpfException">
    /// The verifier refused (the message ends with its last lines, <see cref="BpfException.VerifierLog"/> has all), a kernel function is
    /// not there, or the privilege is missing. </exception>
    /// <exception cref="ArgumentException">The program names a map that is not given.</exception>
    public static BpfProgram Load(ProgramSpec spec, IEnumerable<BpfMap> maps, UprobeAttachment attachment = UprobeAttachment.Multi) =>
        ProgramLoader.Load(spec, maps, attachment);

    /// <summary>Runs the program once, in this thread (raw trace points 5.10, SYSCALL programs 5.14).</summary>
    /// <param name="context">The context: 64-bit arguments of a raw trace point, or the bytes of a SYSCALL program's context.</param>
    /// <returns>The program's R0.</returns>
    /// <exception cref="BpfException">Refused; also for other kinds of programs.</exception>
    public uint TestRun(ReadOnlySpan<byte> context)
    {
        fixed (byte* c = context)
        {
            var attributes = new TestRunAttributes { Program = Descriptor, ContextIn = (ulong)c, ContextSizeIn = (uint)context.Length };
            BpfSyscall.Call(BpfCommand.ProgramTestRun, ref attributes, $"running program '{Spec.Name}'");
            return attributes.Result;
        }
    }

    /// <summary>The kernel's counters and sizes of the program, as of now.</summary>
    /// <exception cref="BpfException">Refused.</exception>
    public ProgramInfo GetInfo()
    {
        var info = new RawProgramInfo();
        var attributes = new ObjectInfoAttributes { File = Descriptor, Size = (uint)sizeof(RawProgramInfo), Info = (ulong)&info };
        BpfSyscall.Call(BpfCommand.ObjectInfo, ref attributes, $"asking about program '{Spec.Name}'");
        return new ProgramInfo(info.Id, info.VerifiedInstructions, info.JitedLength, info.RunCount, info.RunTime, info.RecursionMisses);
    }

    /// <inheritdoc/>
    public void Dispose() => Handle.Dispose();
}
