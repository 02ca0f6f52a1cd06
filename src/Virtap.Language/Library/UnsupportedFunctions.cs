namespace Virtap.Language.Library;

/// <summary>Functions of SystemTap's tapset that scripts may call there and that Virtap does not have, so that a script hears which of the two it is: mistyped, or missing.</summary>
internal static class UnsupportedFunctions
{
    /// <summary>They are about programs, and will come.</summary>
    private const string Missing =
        "caller caller_addr callers cmdline_arg cmdline_args cmdline_str commit cputime_to_msecs cputime_to_string cputime_to_usecs current_exe_file discard "
        + "egid env_var errno_p euid format_ipaddr fp32_to_fp64 fp_add fp_div fp_eq fp_le fp_lt fp_mul fp_rem fp_sqrt fp_sub fp_to_long fp_to_string get_loadavg_index HZ "
        + "is_myproc is_sig_blocked jiffies json_add_array json_add_array_numeric_metric json_add_array_string_metric json_add_numeric_metric "
        + "json_add_string_metric json_set_prefix long_to_fp matched matched_str mem_page_size modname ngroups ns_egid ns_euid ns_gid "
        + "ns_pgrp ns_pid ns_ppid ns_sid ns_tid ns_uid pgrp pid2execname pnlabel print_regs print_ubacktrace print_ubacktrace_brief "
        + "print_ubacktrace_fileline print_ustack print_usyms printk probe_type probemod probing_32bit_app proc_mem_data proc_mem_data_pid proc_mem_rss "
        + "proc_mem_rss_pid proc_mem_shr proc_mem_shr_pid proc_mem_size proc_mem_size_pid proc_mem_string proc_mem_string_pid proc_mem_txt proc_mem_txt_pid "
        + "raise "
        + "register regparm remote_id remote_uri returnstr returnval rlimit_from_str sid signal_str speculate speculation sprint_loadavg "
        + "sprint_ubacktrace sprint_ustack sprint_usyms stp_pid string_to_fp switch_file system target_set_pid target_set_report "
        + "u_register ubacktrace ucallers umodname "
        + "user_string_quoted_utf16 user_string_quoted_utf32 user_string_utf16 user_string_utf32 ustack usymdata usymfile usymfileline usymline usymname";

    /// <summary>They look into the kernel.</summary>
    private const string Kernel =
        "addr_to_node asmlinkage atomic_long_read atomic_read backtrace d_name d_path dump_stack fastcall ftrace fullpath_struct_file fullpath_struct_nameidata "
        + "fullpath_struct_path get_sa_flags get_sa_handler inet_get_ip_source inet_get_local_port inode_name inode_path ipmib_filter_key ipmib_get_proto "
        + "ipmib_local_addr ipmib_remote_addr ipmib_tcp_local_port ipmib_tcp_remote_port kernel_buffer_quoted kernel_buffer_quoted_error kernel_char kernel_int "
        + "kernel_long kernel_or_user_string_quoted kernel_or_user_string_quoted_utf16 kernel_or_user_string_quoted_utf32 kernel_pointer kernel_short "
        + "kernel_string kernel_string_n kernel_string_quoted kernel_string_quoted_utf16 kernel_string_quoted_utf32 kernel_string_utf16 kernel_string_utf32 "
        + "linuxmib_filter_key MAJOR MINOR MKDEF MKDEV module_name module_size nfsderror pid2task print_backtrace print_backtrace_fileline print_stack print_syms "
        + "pstrace real_mount reverse_path_walk sa_flags_str sa_handler sa_handler_str sigset_mask_str sock_fam_num2str sock_fam_str2num sock_prot_num2str "
        + "sock_prot_str2num sock_state_num2str sock_state_str2num sprint_backtrace sprint_stack sprint_syms stack stack_size stack_unused stack_used symdata "
        + "symfile symfileline symline symname task_ancestry task_backtrace task_cpu task_current task_cwd_path task_dentry_path task_egid task_euid "
        + "task_exe_file task_execname task_fd_lookup task_gid task_max_file_handles task_nice task_ns_egid task_ns_euid task_ns_gid task_ns_pid task_ns_tid "
        + "task_ns_uid task_open_file_handles task_parent task_pid task_prio task_start_time task_state task_stime task_tid task_time_string task_time_string_tid "
        + "task_uid task_utime tcpmib_filter_key tcpmib_get_state tcpmib_local_addr tcpmib_local_port tcpmib_remote_addr tcpmib_remote_port usrdev2kerndev "
        + "vm_fault_contains";

    /// <summary>They change or delay what is traced.</summary>
    private const string Intrusive =
        "mdelay panic set_int_arg set_kernel_char set_kernel_int set_kernel_long set_kernel_pointer set_kernel_short set_kernel_string set_kernel_string_n "
        + "set_long_arg set_longlong_arg set_pointer_arg set_s32_arg set_s64_arg set_u32_arg set_u64_arg set_uint_arg set_ulong_arg set_ulonglong_arg "
        + "set_user_char set_user_int set_user_long set_user_pointer set_user_short set_user_string set_user_string_arg set_user_string_n udelay";

    /// <summary>What to say about a function; null where SystemTap has none of that name either.</summary>
    public static (string Message, string? Hint)? Find(string name)
    {
        if (WordList.Contains(Missing, name))
            return ($"function '{name}' is not supported yet", null);
        if (WordList.Contains(Kernel, name))
            return ($"function '{name}' is not supported", "it looks into the kernel; Virtap traces programs");
        if (WordList.Contains(Intrusive, name))
            return ($"function '{name}' is not supported", "it changes or delays what is traced; Virtap only looks");
        return null;
    }
}
