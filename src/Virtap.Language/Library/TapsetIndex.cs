using Virtap.Language.Syntax.Preprocessing;
using Virtap.Names;

namespace Virtap.Language.Library;

/// <summary>
/// Which file of our own tapset declares which names, so that a script's start parses only the files that it uses. A test holds it against
/// the files.
/// </summary>
internal static class TapsetIndex
{
    private static readonly Entry[] s_files =
    [
        new("aliases.stp", "", "oneshot init input"),
        new(
            "ansi.stp",
            "ansi_clear_screen ansi_set_color ansi_reset_color ansi_new_line ansi_cursor_move ansi_cursor_hide ansi_cursor_show "
            + "ansi_cursor_save ansi_cursor_restore"),
        new("arguments.stp", "ulong_arg long_arg longlong_arg ulonglong_arg pointer_arg s64_arg u64_arg uint_arg u32_arg int_arg s32_arg"),
        new("argv.stp", ""),
        new("command_line.stp", "cmdline_arg cmdline_str cmdline_args env_var"),
        new("context.stp", "addr cpuid user_mode registers_valid is_return pnlabel probemod is_myproc remote_id remote_uri"),
        new("ctime.stp", "ctime tz_ctime"),
        new("device.stp", "MAJOR MINOR MKDEV usrdev2kerndev"),
        new("errno.stp", "errno_str return_str errno_p"),
        new(
            "fp.stp",
            "long_to_fp fp32_to_fp64 fp_to_long fp_add fp_sub fp_mul fp_div fp_rem fp_sqrt fp_eq fp_lt fp_le string_to_fp fp_to_string"),
        new("images.stp", "__image_bias"),
        new("indent.stp", "thread_indent_depth thread_indent indent_depth indent"),
        new("inet.stp", "htons ntohs htonl ntohl htonll ntohll ip_ntop format_ipaddr"),
        new(
            "json.stp",
            "json_set_prefix json_add_numeric_metric json_add_string_metric json_add_array json_add_array_numeric_metric "
            + "json_add_array_string_metric __json_begin __json_end __json_number __json_text __json_array_number __json_array_text",
            "json_data"),
        new("kernel_numbers.stp", "kernel_char kernel_short kernel_int kernel_long kernel_pointer atomic_read atomic_long_read"),
        new(
            "kernel_string.stp",
            "kernel_string kernel_string2 kernel_string_n kernel_string2_n kernel_string_quoted "
            + "kernel_or_user_string_quoted kernel_or_user_string_quoted_utf16 kernel_or_user_string_quoted_utf32 "
            + "kernel_buffer_quoted_error kernel_buffer_quoted"),
        new("kernel_wide.stp", "kernel_string_utf16 kernel_string_utf32 kernel_string_quoted_utf16 kernel_string_quoted_utf32"),
        new("loadavg.stp", "get_loadavg_index sprint_loadavg"),
        new("logging.stp", "abort assert"),
        new("namespaces.stp", "ns_pid ns_tid ns_ppid ns_uid ns_gid ns_euid ns_egid ns_pgrp ns_sid"),
        new(
            "paths.stp",
            "d_name reverse_path_walk real_mount task_dentry_path fullpath_struct_path fullpath_struct_file "
            + "fullpath_struct_nameidata d_path inode_name inode_path"),
        new(
            "proc_mem.stp",
            "proc_mem_size proc_mem_size_pid proc_mem_rss proc_mem_rss_pid proc_mem_shr proc_mem_shr_pid proc_mem_txt "
            + "proc_mem_txt_pid proc_mem_data proc_mem_data_pid proc_mem_string proc_mem_string_pid"),
        new(
            "queue_stats.stp",
            "qsq_start qs_wait qs_run qs_done qsq_utilization qsq_blocked qsq_wait_queue_length qsq_throughput qsq_service_time "
                + "qsq_wait_time qsq_print"),
        new("random.stp", "randint"),
        new("regex.stp", "matched matched_str ngroups"),
        new(SyscallTable.File, "", "syscall nd_syscall"),
        new(
            "syscall_words.stp",
            "__syscall_open __syscall_signal __syscall_prot __syscall_mmap __syscall_whence __syscall_access __syscall_futex "
                + "__syscall_dirfd __syscall_clock __syscall_timespec_at __syscall_timespec __syscall_timespecs __syscall_timeval "
                + "__syscall_timevals __syscall_itimerval __syscall_itimerspec __syscall_rlimit __syscall_argv "
                + "__syscall_sockaddr_family __syscall_sockaddr_ip "
                + "__syscall_sockaddr_port __syscall_sockaddr_flow __syscall_sockaddr_scope __syscall_sockaddr"),
        new("registers.stp", "probing_32bit_app register u_register returnval returnstr print_regs"),
        new("rlimit.stp", "rlimit_from_str"),
        new("signal.stp", "signal_str sigset_mask_str sa_flags_str sa_handler_str get_sa_flags get_sa_handler"),
        new(
            "sock.stp",
            "inet_get_local_port tcpmib_get_state tcpmib_local_addr tcpmib_remote_addr tcpmib_local_port tcpmib_remote_port"),
        new(
            "socket.stp",
            "sock_fam_num2str sock_fam_str2num sock_prot_num2str sock_prot_str2num sock_state_num2str sock_state_str2num"),
        new("speculative.stp", "speculation"),
        new(
            "stopwatch.stp",
            "start_stopwatch stop_stopwatch delete_stopwatch read_stopwatch_ns read_stopwatch_us read_stopwatch_ms read_stopwatch_s"),
        new("string.stp", "stringat strpos isinstr isdigit str_replace strtol"),
        new("table.stp", "__table_word __table_index"),
        new("target_set.stp", "target_set_pid target_set_report"),
        new(
            "task.stp",
            "task_parent task_state task_execname task_pid task_tid task_uid task_euid task_gid task_egid task_prio "
            + "task_nice task_cpu task_open_file_handles task_max_file_handles task_fd_lookup task_exe_file "
            + "current_exe_file task_cwd_path pid2task pid2execname task_ns_pid task_ns_tid task_ns_uid task_ns_euid "
            + "task_ns_gid task_ns_egid is_sig_blocked __task_memory"),
        new("task_ancestry.stp", "task_ancestry pstrace"),
        new(
            "task_time.stp",
            "task_utime task_stime task_utime_tid task_stime_tid task_start_time task_time_string task_time_string_tid"),
        new("text.stp", "text_str string_quoted text_strn __text_between_quotes"),
        new(
            "timestamp.stp",
            "gettimeofday_us gettimeofday_ms gettimeofday_s ktime_get_ns local_clock_us local_clock_ms local_clock_s cpu_clock_ns "
            + "cpu_clock_us cpu_clock_ms cpu_clock_s"),
        new("tokenize.stp", "tokenize"),
        new("ubacktrace.stp", "ubacktrace ucallers ustack sprint_ubacktrace"),
        new("mappings.stp", "__mapping"),
        new("usymbols.stp", "usymname usymdata umodname print_usyms sprint_usyms print_ustack sprint_ustack"),
        new(
            "units.stp",
            "msecs_to_string usecs_to_string nsecs_to_string bytes_to_string pages_to_string "
                + "cputime_to_usecs cputime_to_msecs cputime_to_string"),
        new(
            "user_numbers.stp",
            "user_char_error user_char user_char_warn user_short_error user_short user_short_warn user_ushort_error user_ushort "
            + "user_ushort_warn user_int_error user_int user_int_warn user_uint_error user_uint user_long_error user_long "
            + "user_long_warn user_ulong_error user_ulong user_ulong_warn user_int8_error user_int8 user_uint8_error user_uint8 "
            + "user_int16_error user_int16 user_uint16_error user_uint16 user_int32_error user_int32 user_uint32_error user_uint32 "
            + "user_int64_error user_int64 user_uint64_error user_uint64"),
        new(
            "user_string.stp",
            "user_string user_string2 user_string_nofault user_string_warn user_string2_warn user_string_n user_string_n2 "
            + "user_string_n_nofault user_string_n_warn user_string_quoted user_string_n_quoted "
            + "user_buffer_quoted_error user_buffer_quoted"),
        new(
            "user_wide.stp",
            "user_string_utf16 user_string_utf32 user_string_quoted_utf16 user_string_quoted_utf32"),
        new("utf8.stp", "__utf8 __utf16_pair"),
        new("values.stp", "__value_of_exit __value_of_error __value_of_log __value_of_warn"),
    ];

    /// <summary>All functions.</summary>
    public static IEnumerable<string> FunctionNames =>
        s_files.SelectMany(static file => file.Functions.Split(' ', StringSplitOptions.RemoveEmptyEntries));

    /// <summary>The file that declares a function, all its overloads together; null where none does.</summary>
    public static string? FileOfFunction(string name)
    {
        foreach (Entry file in s_files)
        {
            if (WordList.Contains(file.Functions, name))
                return file.Name;
        }

        return null;
    }

    /// <summary>The files that declare aliases which a name (with wildcards or without) means.</summary>
    public static IEnumerable<string> FilesOfAliases(string pattern) =>
        s_files.Where(
            file => file.Aliases.Split(' ', StringSplitOptions.RemoveEmptyEntries).Any(alias => Glob.IsMatchWithEscapes(pattern, alias)))
                .Select(static file => file.Name);

    /// <summary>The file that declares a global which every script may use; null where none does.</summary>
    public static string? FileOfGlobal(string name) => name is "argc" or "argv" ? "argv.stp" : null;

    /// <summary>A file and what it declares, words with blanks between them.</summary>
    private readonly record struct Entry(string Name, string Functions, string Aliases = "");
}
