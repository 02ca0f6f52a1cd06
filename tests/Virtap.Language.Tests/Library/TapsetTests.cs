using Virtap.Language.Binding;
using Virtap.Language.Library;
using Virtap.Language.Syntax.Tree;
using Virtap.Language.Tests.Binding;

namespace Virtap.Language.Tests.Library;

/// <summary>What our own tapset's functions do.</summary>
public class TapsetTests
{
    private static string Output(string statements, Action<BoundInterpreter>? prepare = null)
    {
        var interpreter = new BoundInterpreter(Script.Bind($"probe begin {{ {statements} }}"));
        prepare?.Invoke(interpreter);
        return interpreter.Run();
    }

    private static string Value(string expression) => Output($"print({expression})");

    [Theory]
    [InlineData("stringat(\"abc\", 0)", "97")]
    [InlineData("stringat(\"abc\", 3)", "0")]
    [InlineData("stringat(\"abc\", -1)", "ERROR: stringat: position -1 is out of range\n")]
    [InlineData("strpos(\"hello\", \"l\")", "2")]
    [InlineData("strpos(\"hello\", \"hello\")", "0")]
    [InlineData("strpos(\"hello\", \"\")", "0")]
    [InlineData("strpos(\"hello\", \"hello!\")", "-1")]
    [InlineData("isinstr(\"hello\", \"ell\")", "1")]
    [InlineData("isinstr(\"hello\", \"elo\")", "0")]
    [InlineData("isdigit(\"7a\")", "1")]
    [InlineData("isdigit(\"a7\")", "0")]
    [InlineData("isdigit(\"\")", "0")]
    [InlineData("str_replace(\"aXbXc\", \"X\", \"--\")", "a--b--c")]
    [InlineData("str_replace(\"XX\", \"X\", \"\")", "")]
    [InlineData("str_replace(\"abc\", \"\", \"-\")", "abc")]
    [InlineData("str_replace(\"aaa\", \"aa\", \"b\")", "ba")]
    [InlineData("strtol(\"42\", 10)", "42")]
    [InlineData("strtol(\"  -42x\", 10)", "-42")]
    [InlineData("strtol(\"+7\", 10)", "7")]
    [InlineData("strtol(\"0x1f\", 16)", "31")]
    [InlineData("strtol(\"1F\", 16)", "31")]
    [InlineData("strtol(\"0x1f\", 0)", "31")]
    [InlineData("strtol(\"017\", 0)", "15")]
    [InlineData("strtol(\"12\", 2)", "1")]
    [InlineData("strtol(\"\", 10)", "0")]
    [InlineData("text_str(\"a\\tb\\\"c\\\\\\001\")", "a\\tb\\\"c\\\\\\001")]
    [InlineData("text_strn(\"abcdef\", 3, 0)", "abc")]
    [InlineData("text_strn(\"abcdef\", 20, 1)", "\"abcdef\"")]
    [InlineData("text_strn(\"abcdefghijkl\", 10, 1)", "\"abcde\"...")]
    [InlineData("string_quoted(\"a\\n\")", "\"a\\n\"")]
    [InlineData("errno_str(2)", "ENOENT")]
    [InlineData("errno_str(11)", "EAGAIN")]
    [InlineData("errno_str(93)", "EPROTONOSUPPORT")]
    [InlineData("errno_str(133)", "EHWPOISON")]
    [InlineData("errno_str(0)", "E#0")]
    [InlineData("errno_str(3333)", "E#3333")]
    [InlineData("return_str(1, -2)", "-2 (ENOENT)")]
    [InlineData("return_str(1, 10)", "10")]
    [InlineData("return_str(2, 10)", "0xa")]
    [InlineData("return_str(3, 10)", "012")]
    [InlineData("signal_str(15)", "TERM")]
    [InlineData("signal_str(31)", "SYS")]
    [InlineData("signal_str(64)", "RTMIN+32")]
    [InlineData("signal_str(0)", "")]
    [InlineData("signal_str(65)", "")]
    [InlineData("sigset_mask_str(0x4003)", "1,2,15")]
    [InlineData("sigset_mask_str(0)", "")]
    [InlineData("sigset_mask_str(1 << 63)", "64")]
    [InlineData("sa_flags_str(0x80000005)", "NOCLDSTOP|SIGINFO|RESETHAND")]
    [InlineData("sa_flags_str(0)", "")]
    [InlineData("sa_handler_str(1)", "ignored")]
    [InlineData("sa_handler_str(-1)", "error")]
    [InlineData("sa_handler_str(0x4010)", "0x4010")]
    [InlineData("sock_fam_num2str(10)", "INET6")]
    [InlineData("sock_fam_num2str(21)", "UNDEF")]
    [InlineData("sock_fam_str2num(\"NETLINK\")", "16")]
    [InlineData("sock_fam_str2num(\"\")", "-1")]
    [InlineData("sock_prot_num2str(136)", "UDPLite")]
    [InlineData("sock_prot_str2num(\"TCP\")", "6")]
    [InlineData("sock_prot_str2num(\"TC\")", "-1")]
    [InlineData("sock_state_num2str(0)", "FREE")]
    [InlineData("sock_state_str2num(\"DISCONNECTING\")", "4")]
    [InlineData("rlimit_from_str(\"RLIMIT_RTTIME\")", "15")]
    [InlineData("rlimit_from_str(\"NOFILE\")", "-1")]
    [InlineData("MAJOR(MKDEV(8, 17))", "8")]
    [InlineData("MINOR(MKDEV(8, 17))", "17")]
    [InlineData("usrdev2kerndev(0x12300045)", "74565")]
    [InlineData("cputime_to_msecs(1500000000)", "1500")]
    [InlineData("cputime_to_string(61234000000)", "1m1.234s")]
    [InlineData("errno_p(-4095)", "1")]
    [InlineData("errno_p(-4096)", "0")]
    [InlineData("errno_p(0)", "0")]
    [InlineData("remote_id()", "-1")]
    [InlineData("remote_uri()", "")]
    [InlineData("HZ()", "250")]
    [InlineData("ctime(0)", "Thu Jan  1 00:00:00 1970")]
    [InlineData("ctime(741476948)", "Wed Jun 30 21:49:08 1993")]
    [InlineData("ctime(951782400)", "Tue Feb 29 00:00:00 2000")]
    [InlineData("ctime(2147483647)", "Tue Jan 19 03:14:07 2038")]
    [InlineData("ctime(-2147483648)", "Fri Dec 13 20:45:52 1901")]
    [InlineData("ctime(99999999999)", "ERROR: ctime: 99999999999 is out of range\n")]
    [InlineData("htons(0x1234)", "13330")]
    [InlineData("ntohl(0x01020304)", "67305985")]
    [InlineData("htonll(0x0102030405060708)", "578437695752307201")]
    [InlineData("ip_ntop(0x0100007f)", "127.0.0.1")]
    [InlineData("msecs_to_string(62345)", "1m2.345s")]
    [InlineData("usecs_to_string(62000345)", "1m2.000345s")]
    [InlineData("nsecs_to_string(1000000001)", "0m1.000000001s")]
    [InlineData("bytes_to_string(1023)", " 1023")]
    [InlineData("bytes_to_string(1536)", " 1.5K")]
    [InlineData("bytes_to_string(200 * 1024)", " 200K")]
    [InlineData("bytes_to_string(5 * 1024 * 1024)", " 5.0M")]
    [InlineData("pages_to_string(1)", " 4.0K")]
    [InlineData("cpuid()", "3")]
    [InlineData("user_mode()", "1")]
    [InlineData("is_return()", "0")]
    [InlineData("randint(1)", "0")]
    [InlineData("randint(0)", "ERROR: randint: 0 is out of range\n")]
    public void A_function_has_the_value(string expression, string value) => Assert.Equal(value, Value(expression));

    [Fact]
    public void Every_byte_of_a_string_has_its_number() =>
        Assert.Equal("", Output("for (i = 1; i < 256; i++) if (stringat(sprintf(\"%c\", i), 0) != i) println(i)"));

    [Theory]
    [InlineData(
        "print(tokenize(\",a,,b c;\", \", ;\")) for (t = tokenize(\"\", \", ;\"); t != \"\"; t = tokenize(\"\", \", ;\")) printf(\"|%s\", "
            + "t)", "a|b|c")]
    [InlineData("print(tokenize(\"one two\", \" \"), tokenize(\" \"), tokenize(\" \"))", "onetwo")]
    [InlineData("print(tokenize(\"\", \" \"))", "")]
    [InlineData("assert(1) print(1)", "1")]
    [InlineData("assert(0) print(1)", "ERROR: assertion failure\n")]
    [InlineData("assert(0, \"no\") print(1)", "ERROR: no\n")]
    [InlineData("try { abort() print(1) } catch { print(2) } print(3)", "")]
    [InlineData(
        "ansi_set_color(31) ansi_set_color(31, 40) ansi_set_color(31, 40, 1) ansi_reset_color()",
        "\x1b[31m\x1b[31;40m\x1b[1;31;40m\x1b[0m")]
    [InlineData("ansi_clear_screen() ansi_cursor_move(2, 3)", "\x1b[1;1H\x1b[J\x1b[2;3H")]
    public void Statements_print(string statements, string output) => Assert.Equal(output, Output(statements));

    [Fact]
    public void Abort_ends_the_session_too()
    {
        var interpreter = new BoundInterpreter(Script.Bind("probe begin { abort() }"));
        interpreter.Run();
        Assert.True(interpreter.HasExited);
    }

    [Fact]
    public void A_script_of_its_own_words_ends_by_itself()
    {
        var interpreter = new BoundInterpreter(Script.Bind("probe oneshot { print(1) }"));
        Assert.Equal("1", interpreter.Run());
        Assert.True(interpreter.HasExited);
    }

    [Theory]
    [InlineData("gettimeofday_us()", "1234567890")]
    [InlineData("gettimeofday_ms()", "1234567")]
    [InlineData("gettimeofday_s()", "1234")]
    [InlineData("local_clock_us()", "1234567890")]
    [InlineData("cpu_clock_ms(0)", "1234567")]
    [InlineData("ktime_get_ns()", "1234567890123")]
    public void Clocks_count(string expression, string value) =>
        Assert.Equal(value, Output($"print({expression})", static machine => machine.Clock = 1_234_567_890_123));

    [Fact]
    public void Local_time_goes_by_the_users_zone()
    {
        var zone = TimeZoneInfo.CreateCustomTimeZone("X", TimeSpan.FromHours(2), "X", "XST");
        var options = new BindOptions { TimeZone = () => zone };
        Assert.Equal(
            "Thu Jan  1 02:00:00 1970 XST|-7200",
            new BoundInterpreter(Script.Bind("probe begin { print(tz_ctime(0), \"|\", tz_gmtoff()) }", options: options)).Run());
    }

    [Fact]
    public void Indentation_follows_a_thread() =>
        Assert.Equal(
            "     0 qemu(17):a|     0 qemu(17): b|     0 qemu(17): c|     0 qemu(17):d|     0 qemu(17):e",
            Output(
                "print(thread_indent(1), \"a|\", thread_indent(1), \"b|\", thread_indent(-1), \"c|\", thread_indent(-1), \"d|\", "
                    + "thread_indent(1), \"e\")"));

    [Fact]
    public void Indentation_without_threads() =>
        Assert.Equal("     0:a|     0: b|     0: c", Output("print(indent(1), \"a|\", indent(1), \"b|\", indent(-1), \"c\")"));

    [Fact]
    public void Stopwatches_run_and_stop()
    {
        // The clock stands still while a handler runs; what a watch shows is then what it had.
        Assert.Equal(
            "0 0",
            Output(
                "start_stopwatch(\"a\") stop_stopwatch(\"a\") printf(\"%d %d\", read_stopwatch_us(\"a\"), read_stopwatch_s(\"b\"))",
                static machine => machine.Clock = 5));
    }

    [Fact]
    public void Queues_are_measured()
    {
        // One request waits for 100 us and is served for 300 us; a second one waits for 200 us of those.
        BoundInterpreter machine = new(Script.Bind("""
            probe begin { qsq_start("q") qs_wait("q") }
            probe end { qs_run("q") }
            probe timer.s(1) { qs_wait("q") }
            probe timer.s(2) { qs_done("q") qs_run("q") }
            probe timer.s(3) {
                qsq_print("q")
                print(qsq_utilization("q", 100), " ", qsq_blocked("q", 100), " ", qsq_wait_queue_length("q", 100), " ")
                print(qsq_service_time("q", 1), " ", qsq_wait_time("q", 1))
            }
            """));
        string output = "";
        foreach ((long microseconds, string point) in new (
            long, string)[] { (0, "begin"), (100, "end"), (200, "timer.s(1)"), (400, "timer.s(2)"), (500, "timer.s(3)") })
        {
            machine.Clock = microseconds * 1000;
            output = machine.Run(point);
        }

        Assert.Equal("q: 2000.000 ops/s, 0.600 qlen, 700 await, 400 svctm, 60% wait, 80% util\n80 60 60 400 700", output);
    }

    [Theory]
    [InlineData("user_buffer_quoted(32, 4, 20)", "\"a\\\"\\000\\\\\"")]
    [InlineData("user_buffer_quoted(32, 5, 20)", "0x20")]
    [InlineData("user_buffer_quoted_error(32, 5, 20)", "ERROR: read fault at 0x24\n")]
    [InlineData("user_int32(8)", "-5")]
    [InlineData("user_int32(9)", "0")]
    [InlineData("user_long_error(9)", "ERROR: read fault at 0x9\n")]
    [InlineData("user_uint64(8)", "-5")]
    [InlineData("user_string(16)", "hello\t")]
    [InlineData("user_string(9)", "ERROR: read fault at 0x9\n")]
    [InlineData("user_string(9, \"none\")", "none")]
    [InlineData("user_string2(9, \"none\")", "none")]
    [InlineData("user_string_nofault(9)", "")]
    [InlineData("user_string_n(16, 3)", "hel")]
    [InlineData("user_string_n(9, 3, \"none\")", "none")]
    [InlineData("user_string_quoted(16)", "\"hello\\t\"")]
    [InlineData("user_string_quoted(9)", "0x9")]
    [InlineData("user_string_n_quoted(16, 2)", "\"he\"")]
    public void Target_memory_is_read(string expression, string value) => Assert.Equal(value, Output($"print({expression})", Fill));

    [Theory]
    [InlineData("pointer_arg(2)", "-2")]
    [InlineData("u64_arg(6)", "-6")]
    [InlineData("int_arg(1)", "-1")]
    [InlineData("u32_arg(3)", "4294967293")]
    [InlineData("long_arg(0)", "ERROR: invalid argument number 0\n")]
    [InlineData("register(\"rdx\")", "1001")]
    [InlineData("u_register(\"eip\")", "1016")]
    [InlineData("register(\"rdy\")", "ERROR: unknown register: rdy\n")]
    [InlineData("returnval()", "1000")]
    [InlineData("returnstr(2)", "0x3e8")]
    public void Arguments_of_a_function_come_from_registers(string expression, string value) =>
        Assert.Equal(value, Output($"print({expression})"));

    [Theory]
    [InlineData("user_int_warn(9)", "0")]
    [InlineData("user_string_warn(9)", "")]
    [InlineData("user_string_n_warn(9, 3)", "<unknown>")]
    public void Some_warn_of_what_cannot_be_read(string expression, string value)
    {
        var interpreter = new BoundInterpreter(Script.Bind($"probe begin {{ print({expression}) }}"));
        Fill(interpreter);
        Assert.Equal(value, interpreter.Run());
        Assert.Equal(["read fault at 0x9"], interpreter.Warnings);
    }

    [Fact]
    public void The_index_names_what_the_files_declare()
    {
        foreach (string file in Tapset.Files)
        {
            ScriptSyntax script = Script.Parse(Tapset.Read(file));
            foreach (FunctionSyntax function in script.Declarations.OfType<FunctionSyntax>().Where(static function => !function.IsPrivate))
                Assert.Equal(file, TapsetIndex.FileOfFunction(function.Name));
            foreach (AliasSyntax alias in script.Declarations.OfType<AliasSyntax>())
                Assert.Contains(file, TapsetIndex.FilesOfAliases(alias.Names[0].Components[0].Name));
            foreach (GlobalSyntax globals in script.Declarations.OfType<GlobalSyntax>().Where(static globals => !globals.IsPrivate))
                Assert.All(globals.Declarators, declarator => Assert.Equal(file, TapsetIndex.FileOfGlobal(declarator.Name)));
        }
    }

    [Fact]
    public void Every_name_of_the_index_is_declared()
    {
        foreach (string name in TapsetIndex.FunctionNames)
        {
            ScriptSyntax script = Script.Parse(Tapset.Read(TapsetIndex.FileOfFunction(name)!));
            Assert.Contains(
                script.Declarations, declaration => declaration is FunctionSyntax { IsPrivate: false } function && function.Name == name);
        }
    }

    [Fact]
    public void Every_function_can_be_called_and_has_all_its_types_written()
    {
        foreach (string file in Tapset.Files)
        {
            foreach (FunctionSyntax function in Script.Parse(Tapset.Read(file)).Declarations.OfType<FunctionSyntax>()
                .Where(static function => !function.IsPrivate))
            {
                string arguments = string.Join(
                    ", ", function.Parameters.Select(static parameter => parameter.Type == ScriptType.Long ? "1" : "\"a\""));
                string[] messages = Script.Messages($"probe begin {{ {function.Name}({arguments}) }}");
                Assert.True(messages.Length == 0, $"{function.Name}: {string.Join(", ", messages)}");
            }
        }
    }

    [Fact]
    public void What_is_not_supported_is_not_there()
    {
        foreach (string name in TapsetIndex.FunctionNames.Concat(BuiltIns.All.Select(static each => each.Name)))
            Assert.Null(UnsupportedFunctions.Find(name));
    }

    /// <summary>The names are those of the pages that stapfuncs(3stap) refers to, function::NAME(3stap), as Debian has them.</summary>
    [Fact]
    public void Every_documented_function_is_there_or_is_refused_with_its_reason()
    {
        string[] missing = [.. Documented().Where(static name => BuiltIns.Find(name) is null
            && TapsetIndex.FileOfFunction(name) is null && UnsupportedFunctions.Find(name) is null)];
        Assert.Empty(missing);
    }

    private static string[] Documented([System.Runtime.CompilerServices.CallerFilePath] string here = "") =>
        File.ReadAllLines(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "language", "stapfuncs.txt"));

    [Fact]
    public void Only_the_files_that_a_script_needs_are_parsed()
    {
        List<string> read = [];
        Script.TryBind("probe begin { println(pid(), gettimeofday_s()); log(\"x\"); exit() }", onLibraryFile: read.Add);
        Assert.Equal(["tapset/timestamp.stp"], read);
    }

    [Fact]
    public void A_scripts_globals_are_not_the_locals_of_the_tapset() =>
        Assert.Equal("1", Output("length[\"a\"] = 5 print(strpos(\"abc\", \"b\"))", globals: "global length"));

    [Theory]
    [InlineData("print(argc, argv[1], argv[2])", "2ab")]
    [InlineData("for (i = 1; i <= argc; i++) print(argv[i])", "ab")]
    public void Arguments_are_an_array(string statements, string output)
    {
        var interpreter = new BoundInterpreter(Script.TryBind($"probe begin {{ {statements} }}", arguments: ["a", "b"]).Program!);
        // The init probe that fills the array stands behind the script's own, but has an earlier number.
        Assert.Equal(output, interpreter.Run("begin(-9223372036854775808)", "begin"));
    }

    [Fact]
    public void Without_arguments_there_is_nothing_in_the_array() =>
        Assert.Empty(Script.Messages("probe begin { println(argc, argv[1]) }"));

    [Theory]
    [InlineData("user_string_utf16(16)", "h\\303\\251")]
    [InlineData("user_string_utf32(32)", "\\360\\237\\230\\200")]
    [InlineData("user_string_utf16(48)", "\\360\\237\\230\\200")]
    [InlineData("user_string_utf16(64, \"none\")", "none")]
    [InlineData("user_string_utf16(80)", "ERROR: 0xdc00 0x41 is no pair of UTF-16\\n")]
    [InlineData("user_string_utf32(96, \"none\")", "none")]
    public void Wide_strings_become_UTF8(string call, string output)
    {
        static void Fill(BoundInterpreter machine)
        {
            foreach ((long address, long value) in new (long, long)[]
            {
                (16, 'h'), (18, 0xe9), (20, 0), (32, 0x1f600), (36, 0), (48, 0xd83d), (50, 0xde00), (52, 0),
                (80, 0xdc00), (82, 'A'), (96, 0x110000), (100, 0),
            })
            {
                machine.Memory[address] = value;
            }
        }

        Assert.Equal(output, Output($"print(text_str({call}))", Fill).Replace("\n", "\\n", StringComparison.Ordinal));
    }

    private static void Fill(BoundInterpreter machine)
    {
        machine.Memory[8] = -5L;
        machine.Memory[16] = "hello\t";
        machine.Memory[32] = (long)'a';
        machine.Memory[33] = (long)'"';
        machine.Memory[34] = 0L;
        machine.Memory[35] = (long)'\\';
    }

    private static string Output(string statements, string globals) =>
        new BoundInterpreter(Script.Bind($"{globals} probe begin {{ {statements} }}")).Run();
}
