using Virtap.Binaries.Elf;

namespace Virtap.Binaries.Functions;

/// <summary>
/// Whether a program's threads change stacks (coroutines, goroutines). The kernel's return probes must not be used on those: it keeps
/// the true return addresses of each thread in a pile, and takes away those that lie below the stack pointer as left by longjmp (
/// <c>cleanup_return_instances</c> and <c>uprobe_handle_trampoline</c> in kernel/events/uprobes.c, 6.18). A function that begins on one
/// stack and returns after another one was used, or on another thread, comes back to a wrong caller, or its process is killed (SIGILL).
/// </summary>
public static class StackSwitching
{
    // What programs use of the C library to make a stack of their own and go there.
    private static readonly string[] s_contexts = ["makecontext", "swapcontext"];

    // How a QEMU of the other way (--with-coroutine=sigaltstack) makes one: a frame on a signal's stack, which it comes back to by longjmp.
    // The first with the last alone is how others (LLVM, vim, gdb) report their own crashes.
    private static readonly string[][] s_jumps =
        [["sigaltstack"], ["sigsuspend"], ["pthread_kill"], ["siglongjmp", "__longjmp_chk", "longjmp", "_longjmp"]];

    // OpenSSL has contexts, which nobody gets who does not ask for them and then for what waits in them.
    private const string OfOpenSsl = "ASYNC_start_job";
    private static readonly string[] s_asks = ["SSL_waiting_for_async", "SSL_get_all_async_fds"];

    // How code that changes stacks by itself is known: Boost's contexts, libco, libcoro, libucontext, GNU Pth, libaco, Python's greenlet,
    // Ruby's fibers.
    private static readonly string[] s_switches =
    [
        "jump_fcontext", "ontop_fcontext", "co_switch", "coro_transfer", "libucontext_swapcontext", "pth_uctx_switch", "acosw",
        "PyInit__greenlet", "rb_fiber_new",
    ];

    /// <summary>By what a program shows it in its own file; null where nothing shows it.</summary>
    /// <param name="program">The program; what it loads may change stacks too: <see cref="SignOfLibrary"/>.</param>
    public static string? SignOf(ElfFile program)
    {
        if (SignOfLibrary(program) is { } sign)
            return sign;
        string?[] jumps = [.. s_jumps.Select(names => Array.Find(names, name => Uses(program, name)))];
        return jumps.Contains(null) ? null : $"{jumps[0]} with {jumps[^1]}";
    }

    /// <summary>By what a library shows that those who have loaded it may change stacks through it; null where nothing shows it.</summary>
    public static string? SignOfLibrary(ElfFile library)
    {
        if (library.FindSection(".gopclntab"u8) is not null)
            return "Go's goroutines";
        bool isOpenSsl = library.DynamicSymbols.TryFind(OfOpenSsl, out ElfSymbol start) && start.IsDefined;
        return Array.Find(isOpenSsl ? [] : s_contexts, name => Uses(library, name))
            ?? Array.Find(s_asks, name => Uses(library, name))
            ?? Array.Find(s_switches, name => library.DynamicSymbols.TryFind(name, out _) || library.Symbols.TryFind(name, out _));
    }

    /// <summary>Whether it calls a function of another file, or is linked with it; who offers it to others does not count.</summary>
    private static bool Uses(ElfFile file, string name) => file.DynamicSymbols.TryFind(name, out ElfSymbol symbol)
        ? !symbol.IsDefined
        : file.Interpreter is null && file.DynamicSymbols.Count == 0 && file.Symbols.TryFind(name, out _);
}
