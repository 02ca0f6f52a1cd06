using Virtap.Language.Syntax.Preprocessing;

namespace Virtap.Language.Library;

/// <summary>
/// Which file of our own tapset declares which names, so that a script's start parses only the files that it uses. A test holds it against the files.
/// </summary>
internal static class TapsetIndex
{
    private static readonly Entry[] s_files =
    [
        new("aliases.stp", "", "oneshot init"),
        new("ansi.stp", "ansi_clear_screen ansi_set_color ansi_reset_color ansi_new_line ansi_cursor_move ansi_cursor_hide ansi_cursor_show "
            + "ansi_cursor_save ansi_cursor_restore"),
        new("arguments.stp", "ulong_arg long_arg longlong_arg ulonglong_arg pointer_arg s64_arg u64_arg uint_arg u32_arg int_arg s32_arg"),
        new("context.stp", "addr cpuid user_mode registers_valid is_return"),
        new("ctime.stp", "ctime tz_ctime"),
        new("errno.stp", "errno_str return_str"),
        new("indent.stp", "thread_indent_depth thread_indent indent_depth indent"),
        new("inet.stp", "htons ntohs htonl ntohl htonll ntohll ip_ntop"),
        new("logging.stp", "abort assert"),
        new("queue_stats.stp", "qsq_start qs_wait qs_run qs_done qsq_utilization qsq_blocked qsq_wait_queue_length qsq_throughput qsq_service_time qsq_wait_time qsq_print"),
        new("random.stp", "randint"),
        new("stopwatch.stp", "start_stopwatch stop_stopwatch delete_stopwatch read_stopwatch_ns read_stopwatch_us read_stopwatch_ms read_stopwatch_s"),
        new("string.stp", "stringat strpos isinstr isdigit str_replace strtol"),
        new("text.stp", "text_str string_quoted text_strn __text_between_quotes"),
        new("timestamp.stp", "gettimeofday_us gettimeofday_ms gettimeofday_s ktime_get_ns local_clock_us local_clock_ms local_clock_s cpu_clock_ns "
            + "cpu_clock_us cpu_clock_ms cpu_clock_s"),
        new("tokenize.stp", "tokenize"),
        new("units.stp", "msecs_to_string usecs_to_string nsecs_to_string bytes_to_string pages_to_string"),
        new("user_numbers.stp", "user_char_error user_char user_char_warn user_short_error user_short user_short_warn user_ushort_error user_ushort "
            + "user_ushort_warn user_int_error user_int user_int_warn user_uint_error user_uint user_long_error user_long "
            + "user_long_warn user_ulong_error user_ulong user_ulong_warn user_int8_error user_int8 user_uint8_error user_uint8 "
            + "user_int16_error user_int16 user_uint16_error user_uint16 user_int32_error user_int32 user_uint32_error user_uint32 "
            + "user_int64_error user_int64 user_uint64_error user_uint64"),
        new("user_string.stp", "user_string user_string2 user_string_nofault user_string_warn user_string2_warn user_string_n user_string_n2 "
            + "user_string_n_nofault user_string_n_warn user_string_quoted user_string_n_quoted "
            + "user_buffer_quoted_error user_buffer_quoted"),
        new("values.stp", "__value_of_exit __value_of_error __value_of_log __value_of_warn"),
        new("argv.stp", ""),
    ];

    /// <summary>All functions.</summary>
    public static IEnumerable<string> FunctionNames => s_files.SelectMany(static file => file.Functions.Split(' ', StringSplitOptions.RemoveEmptyEntries));

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
        s_files.Where(file => file.Aliases.Split(' ', StringSplitOptions.RemoveEmptyEntries).Any(alias => WildcardPattern.IsMatch(pattern, alias))).Select(static file => file.Name);

    /// <summary>The file that declares a global which every script may use; null where none does.</summary>
    public static string? FileOfGlobal(string name) => name is "argc" or "argv" ? "argv.stp" : null;

    /// <summary>A file and what it declares, words with blanks between them.</summary>
    private readonly record struct Entry(string Name, string Functions, string Aliases = "");
}
