namespace Virtap.Bpf.Instructions;

/// <summary>
/// Helper functions of the kernel, numbered as in <c>include/uapi/linux/bpf.h</c>; only those a tracing program here has a use for.
/// Arguments go in R1-R5, the result comes in R0 and R1-R5 are lost.
/// </summary>
public enum BpfHelper
{
    /// <summary>void *(map, key) — 3.18.</summary>
    MapLookupElem = 1,

    /// <summary>long (map, key, value, flags) — 3.18.</summary>
    MapUpdateElem = 2,

    /// <summary>long (map, key) — 3.18.</summary>
    MapDeleteElem = 3,

    /// <summary>u64 (): CLOCK_MONOTONIC, ns — 4.1.</summary>
    KtimeGetNs = 5,

    /// <summary>long (fmt, size, ...) — 4.1.</summary>
    TracePrintk = 6,

    /// <summary>u32 () — 4.1.</summary>
    GetPrandomU32 = 7,

    /// <summary>u32 (): the processor, fixed while preemption or migration is off — 4.1.</summary>
    GetSmpProcessorId = 8,

    /// <summary>u64 (): tgid in the upper half, tid in the lower — 4.2.</summary>
    GetCurrentPidTgid = 14,

    /// <summary>u64 (): gid in the upper half, uid in the lower — 4.2.</summary>
    GetCurrentUidGid = 15,

    /// <summary>long (buffer, size): the name of the current thread, 16 bytes — 4.2.</summary>
    GetCurrentComm = 16,

    /// <summary>u64 (map, flags): what a perf event of the map has counted, or a negative errno — 4.3.</summary>
    PerfEventRead = 22,

    /// <summary>long (ctx, map, flags) — 4.6.</summary>
    GetStackId = 27,

    /// <summary>u64 (): the current task_struct's address, as a number — 4.8.</summary>
    GetCurrentTask = 35,

    /// <summary>long (ctx, buffer, size, flags): the return addresses of the stack — 4.18.</summary>
    GetStack = 67,

    /// <summary>long (signal): to the current process — 5.3.</summary>
    SendSignal = 109,

    /// <summary>long (dst, size, user pointer) — 5.5.</summary>
    ProbeReadUser = 112,

    /// <summary>long (dst, size, kernel pointer) — 5.5.</summary>
    ProbeReadKernel = 113,

    /// <summary>long (dst, size, user pointer): bytes copied with the closing zero, or a negative errno — 5.5.</summary>
    ProbeReadUserStr = 114,

    /// <summary>long (dst, size, kernel pointer): bytes copied with the closing zero, or a negative errno — 5.5.</summary>
    ProbeReadKernelStr = 115,

    /// <summary>long (signal): to the current thread — 5.6.</summary>
    SendSignalThread = 117,

    /// <summary>u64 (): ticks of the kernel's clock since it started — 5.6.</summary>
    Jiffies64 = 118,

    /// <summary>long (dev, ino, info, size): pid in the reader's namespace — 5.7.</summary>
    GetNsCurrentPidTgid = 120,

    /// <summary>u64 (): CLOCK_BOOTTIME, ns — 5.8.</summary>
    KtimeGetBootNs = 125,

    /// <summary>long (ring buffer, data, size, flags): copies one record — 5.8.</summary>
    RingbufOutput = 130,

    /// <summary>void *(ring buffer, constant size, flags) — 5.8.</summary>
    RingbufReserve = 131,

    /// <summary>void (record, flags) — 5.8.</summary>
    RingbufSubmit = 132,

    /// <summary>void (record, flags) — 5.8.</summary>
    RingbufDiscard = 133,

    /// <summary>u64 (ring buffer, what): 0 bytes waiting, 1 size, 2 and 3 the positions — 5.8.</summary>
    RingbufQuery = 134,

    /// <summary>long (dst, size, user pointer): may fault pages in; sleepable programs only — 5.10.</summary>
    CopyFromUser = 148,

    /// <summary>task_struct *(): with type — 5.11.</summary>
    GetCurrentTaskBtf = 158,

    /// <summary>u64 (): CLOCK_MONOTONIC_COARSE, ns — 5.11.</summary>
    KtimeGetCoarseNs = 160,

    /// <summary>long (map, callback, context, flags) — 5.13.</summary>
    ForEachMapElem = 164,

    /// <summary>long (command, attributes, size): bpf(2) itself; SYSCALL programs only — 5.14.</summary>
    SysBpf = 166,

    /// <summary>u64 (ctx): the function the probe is in — 5.15.</summary>
    GetFuncIp = 173,

    /// <summary>u64 (ctx): the cookie given at attaching — 5.15; with uprobe_multi 6.6.</summary>
    GetAttachCookie = 174,

    /// <summary>pt_regs *(task): the user's registers — 5.15.</summary>
    TaskPtRegs = 175,

    /// <summary>long (count, callback, context, flags): iterations done; callback (u32 index, context) returns 0 to go on — 5.17.</summary>
    Loop = 181,

    /// <summary>long (s1, constant size, s2) — 5.17.</summary>
    Strncmp = 182,

    /// <summary>long (dst, size, user pointer, task, flags); sleepable programs only — 5.18.</summary>
    CopyFromUserTask = 191,

    /// <summary>u64 (): CLOCK_TAI, ns — 6.1.</summary>
    KtimeGetTaiNs = 208,
}
