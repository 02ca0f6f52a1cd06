using Virtap.Bpf.Instructions;
using Virtap.Bpf.Kernel;
using Virtap.Bpf.Links;
using Virtap.Bpf.Maps;
using Virtap.Bpf.Programs;
using Virtap.Bpf.Specs;
using Virtap.Interop;
using static Virtap.Bpf.Instructions.BpfRegister;

namespace Virtap.Bpf.Features;

/// <summary>
/// The trials behind <see cref="KernelFeatures"/>: each loads, creates or attaches something tiny and takes it away again. A kernel that
/// does not let this process ask is an exception (<see cref="BpfException.IsPermission"/>).
/// </summary>
internal static class FeatureProbes
{
    /// <summary>Whether a program of these instructions passes the verifier.</summary>
    public static bool Loads(
        BpfProgramKind kind, Action<BpfAssembler> body, UprobeAttachment attachment = UprobeAttachment.PerfEvent, params BpfMap[] maps)
    {
        var a = new BpfAssembler("probe", kind);
        body(a);
        try
        {
            BpfProgram.Load(a.Build(), maps, attachment).Dispose();
            return true;
        }
        catch (BpfException e) when (!e.IsPermission)
        {
            return false;
        }
    }

    /// <summary>
    /// Attaching to the path <c>/</c> is refused as no regular file (EBADF) by a kernel that knows the link type, and as an unknown
    /// attach type (EINVAL) by others.
    /// </summary>
    public static bool UprobeMulti()
    {
        const int BadFile = 9;
        var a = new BpfAssembler("probe", BpfProgramKind.Uprobe);
        ReturnZero(a);
        try
        {
            using BpfProgram program = BpfProgram.Load(a.Build(), []);
            UprobeMultiLink.Attach(program, "/", [new UprobeAttachPoint(1)]).Dispose();
            return true;
        }
        catch (BpfException e) when (!e.IsPermission)
        {
            return e.Error == BadFile;
        }
    }

    public static void Loop(BpfAssembler a)
    {
        a.Move(R1, 1);
        a.LoadFunction(R2, "step");
        a.Move(R3, 0);
        a.Move(R4, 0);
        a.Call(BpfHelper.Loop);
        ReturnZero(a);
        a.BeginSubprogram("step", SubprogramLinkage.Static, SubprogramParameter.Number, SubprogramParameter.Number);
        ReturnZero(a);
    }

    public static void AttachCookie(BpfAssembler a)
    {
        a.Call(BpfHelper.GetAttachCookie);
        ReturnZero(a);
    }

    public static void AtomicFetch(BpfAssembler a)
    {
        a.Store(BpfSize.Double, R10, -8, 0);
        a.Move(R1, 1);
        a.Atomic(BpfAtomic.FetchOr, R10, -8, R1);
        ReturnZero(a);
    }

    public static void DisablePreemption(BpfAssembler a)
    {
        a.CallKernel("bpf_preempt_disable");
        a.CallKernel("bpf_preempt_enable");
        ReturnZero(a);
    }

    public static void CallGlobalWithPreemptionOff(BpfAssembler a)
    {
        a.CallKernel("bpf_preempt_disable");
        a.CallFunction("called");
        a.CallKernel("bpf_preempt_enable");
        ReturnZero(a);
        a.BeginSubprogram("called", SubprogramLinkage.Global);
        ReturnZero(a);
    }

    public static void LongJump(BpfAssembler a)
    {
        BpfLabel end = a.NewLabel();
        a.Move(R0, 0);
        a.JumpLong(end);
        a.Bind(end);
        a.Exit();
    }

    public static bool Creates(MapSpec spec)
    {
        try
        {
            BpfMap.Create(spec).Dispose();
            return true;
        }
        catch (BpfException e) when (!e.IsPermission)
        {
            return false;
        }
    }

    /// <summary>
    /// Whether one value may be larger than 4 MB. Sizes are checked before memory is asked for, so a map of impossible size (2^54 bytes)
    /// tells without any being taken: E2BIG is the limit of values, ENOMEM came past it.
    /// </summary>
    public static bool LargeValues()
    {
        try
        {
            BpfMap.Create(new MapSpec("probe", BpfMapType.Array, 4, 8 << 20, 1u << 31)).Dispose();
            return true;
        }
        catch (BpfException e) when (!e.IsPermission)
        {
            return e.Error == Errno.NoMemory;
        }
    }

    private static void ReturnZero(BpfAssembler a)
    {
        a.Move(R0, 0);
        a.Exit();
    }
}
