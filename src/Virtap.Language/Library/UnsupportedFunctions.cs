namespace Virtap.Language.Library;

/// <summary>
/// Functions of SystemTap's tapset that scripts may call there and that Virtap does not have, each with the reason, so that a script
/// hears which of the two it is: mistyped, or missing.
/// </summary>
internal static class UnsupportedFunctions
{
    private static readonly Group[] s_groups =
    [
        new(
            "not supported yet",
            "it is about calls in the kernel; print_ubacktrace() has the program's",
            "caller caller_addr callers"),
        new(
            "not supported",
            "it asks about the kernel module that SystemTap makes of a script; Virtap makes none",
            "module_name module_size"),
        new(
            "not supported",
            "SystemTap's manual lists the name; SystemTap has no such function either",
            "MKDEF sa_handler"),
        new(
            "not supported",
            "it is about where in the kernel's code a probe is; Virtap's probes are in programs",
            "addr_to_node asmlinkage backtrace dump_stack fastcall modname print_backtrace print_backtrace_fileline "
            + "print_stack print_syms regparm sprint_backtrace sprint_stack sprint_syms stack stack_size stack_unused "
            + "stack_used symdata symfile symfileline symline symname task_backtrace"),
        new(
            "not supported",
            "it takes what probes of the kernel's functions are given; Virtap's probes are in programs",
            "inet_get_ip_source ipmib_filter_key ipmib_get_proto ipmib_local_addr ipmib_remote_addr "
            + "ipmib_tcp_local_port ipmib_tcp_remote_port linuxmib_filter_key nfsderror tcpmib_filter_key "
            + "vm_fault_contains"),
        new(
            "not supported",
            "it changes or delays what is traced; Virtap only looks",
            "mdelay panic raise set_int_arg set_kernel_char set_kernel_int set_kernel_long set_kernel_pointer "
            + "set_kernel_short set_kernel_string set_kernel_string_n set_long_arg set_longlong_arg set_pointer_arg "
            + "set_s32_arg set_s64_arg set_u32_arg set_u64_arg set_uint_arg set_ulong_arg set_ulonglong_arg "
            + "set_user_char set_user_int set_user_long set_user_pointer set_user_short set_user_string "
            + "set_user_string_arg set_user_string_n udelay"),
    ];

    /// <summary>What to say about a function; null where SystemTap has none of that name either.</summary>
    public static (string Message, string Hint)? Find(string name)
    {
        foreach (Group group in s_groups)
        {
            if (WordList.Contains(group.Names, name))
                return ($"function '{name}' is {group.What}", group.Why);
        }

        return null;
    }

    /// <summary>Functions that are missing for one reason.</summary>
    private readonly record struct Group(string What, string Why, string Names);
}
