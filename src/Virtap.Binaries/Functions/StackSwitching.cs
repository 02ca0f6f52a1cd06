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
    // What programs use to make a stack of their own, or a frame on one, and go there. QEMU has the first or, built otherwise, the second.
    private static readonly string[] s_contexts = ["makecontext", "swapcontext", "jump_fcontext", "ontop_fcontext", "co_switch"];
    private static readonly string[][] s_jumps = [["sigaltstack"], ["siglongjmp", "__longjmp_chk", "longjmp", "_longjmp"]];

    /// <summary>By what it shows; null where nothing shows it.</summary>
    /// <param name="file">The program; a library of its own says nothing of who calls it.</param>
    public static string? SignOf(ElfFile file)
    {
        if (file.FindSection(".gopclntab"u8) is not null)
            return "Go's goroutines";
        if (Array.Find(s_contexts, name => Uses(file, name)) is { } context)
            return context;
        string?[] jumps = [.. s_jumps.Select(names => Array.Find(names, name => Uses(file, name)))];
        return jumps.Contains(null) ? null : string.Join(" with ", jumps);
    }

    /// <summary>Whether it calls a function of another file, or is linked with it; who offers it to others does not count.</summary>
    private static bool Uses(ElfFile file, string name) => file.DynamicSymbols.TryFind(name, out ElfSymbol symbol)
        ? !symbol.IsDefined
        : file.Interpreter is null && file.DynamicSymbols.Count == 0 && file.Symbols.TryFind(name, out _);
}
