using Virtap.Tracing.Ir.Printing;

namespace Virtap.Tracing.Tests.Lowering;

/// <summary>What scripts are lowered to, word for word: where the lock goes, what is counted, what is moved out of expressions.</summary>
public class ListingTests
{
    [Fact]
    public void The_lock_is_taken_behind_the_filter_and_not_by_end()
    {
        Check("""
            global count = 0
            probe subject { if ($n == 4711) { if (count > 120) printf("%d, vdev = %lx\n", count, $n); count = 0 } }
            probe subject { if ($n == 4711) { count = count + 1 } }
            probe end { printf("count = %ld\n", count) }
            """, """
            # globals
            count: long at 37184
            probe_0: subject
              if (${r5} == 4711)
                lock
                if (count > 120)
                  print #0 <Signed count> ", vdev = " <Hexadecimal ${r5}> "\n"
                count = 0
            probe_1: subject
              if (${r5} == 4711)
                lock
                count = (count + 1)
            probe_2: end
              print #1 "count = " <Signed count> "\n"
            """);
    }

    [Fact]
    public void What_is_only_added_to_needs_no_lock()
    {
        Check("""
            global n, m
            probe subject { n++; m = m - $seven; n += 2 }
            probe end { println(n, m) }
            """, """
            # globals
            n: long at 37184
            m: long at 37248
            probe_0: subject
              n += 1 # atomic
              m += -${r1} # atomic
              n += 2 # atomic
            probe_1: end
              print #0 <Signed n> <Signed m> "\n"
            """);
    }

    [Fact]
    public void An_addition_whose_sum_is_used_or_read_elsewhere_takes_the_lock()
    {
        Check("""
            global n, m
            probe subject { x = n++; m++ }
            probe tick { println(m) }
            probe end { println(n) }
            """, """
            # globals
            n: long at 37184
            m: long at 37192
            probe_0: subject
              s0 = 0
              lock
              s1 = n
              n = (s1 + 1)
              s0 = s1
              m = (m + 1)
            probe_1: tick
              lock
              print #0 <Signed m> "\n"
            probe_2: end
              print #1 <Signed n> "\n"
            """);
    }

    [Fact]
    public void What_only_begin_writes_and_what_only_this_process_touches_needs_no_lock()
    {
        Check("""
            global threshold, ticks
            probe begin { threshold = 5 }
            probe subject { if ($n > threshold) println("hit") }
            probe tick { ticks++; println(ticks) }
            """, """
            # globals
            threshold: long at 37184
            ticks: long at 37192
            probe_0: begin
              threshold = 5
            probe_1: subject
              if (${r5} > threshold)
                print #0 "hit\n"
            probe_2: tick
              ticks = (ticks + 1)
              print #1 <Signed ticks> "\n"
            """);
    }

    [Fact]
    public void The_lock_is_taken_before_a_loop_a_try_or_a_call_that_needs_it()
    {
        Check("""
            global a, b, c
            function touch() { c = c + 1; return c }
            probe subject { x = 1; while (x < 3) { x++; a = x } }
            probe subject { try { b = 1 / $n } catch { println("caught") } }
            probe subject { println("free"); println(touch()) }
            probe tick { println(a, b) }
            """, """
            # globals
            a: long at 37184
            b: long at 37192
            c: long at 37200
            probe_0: subject
              s0 = 0
              s0 = 1
              count 2
              lock
              while (s0 < 3)
                s0 = (s0 + 1)
                a = s0
                count 3
            probe_1: subject
              lock
              try
                b = (1 / ${r5})
              catch
                print #0 "caught\n"
            function touch
              s0 = 0
              c = (c + 1)
              s0 = c
              return
            probe_2: subject
              print #1 "free\n"
              lock
              call touch
              print #2 <Signed s0> "\n"
            probe_3: tick
              lock
              print #3 <Signed a> <Signed b> "\n"
            """);
    }

    [Fact]
    public void An_element_of_the_entry_at_hand_is_not_looked_up()
    {
        Check("""
            global a
            probe end {
                a["x", 1] = 2
                foreach ([s, n] in a) println(s, a[s, n], a[s, 1])
            }
            """, """
            # globals
            a[string, long]: long at 37184, 2048 entries of 568 bytes
            probe_0: end
              s0 = 0
              s65 = 0
              s66 = enter a["x", 1]
              s66+560 = 2
              count 2
              s67 = first a
              while (s67 != 0)
                s66 = s67
                s67 = next s66
                s0 := s66+32
                s65 = s66+552
                print #0 <String s0> <Signed s66+560> <Signed find a[s0, 1]+560> "\n"
                count 2
            """);
    }

    [Fact]
    public void A_text_of_the_target_is_a_literal_or_a_table_of_the_handler()
    {
        string listing = Print("""
            function where() { return probefunc() }
            probe subject { println(where()) }
            probe subjects { println(where()) }
            """);
        Assert.Contains("function where_of_probe_0\n  s0 = 0\n  s0 := \"work\"\n  return\n", listing, StringComparison.Ordinal);
        Assert.Contains("function where_of_probe_1\n  s0 = 0\n  s0 := site text @", listing, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_lowerings_of_one_script_are_the_same()
    {
        const string Script = """
            global a, b
            function f(x, s) { a[x, s]++; return sprintf("%d%s", x, s) }
            probe subjects { b = f($n, pp()) . f(2, "x") }
            probe end { foreach ([x, s] in a-) println(x, s, a[x, s]); println(b) }
            """;
        Assert.Equal(Print(Script), Print(Script));
    }

    private static void Check(string script, string expected) =>
        Assert.Equal(expected.ReplaceLineEndings("\n").TrimEnd() + "\n", Print(script));

    /// <summary>The listing without the line about the memory, which depends on the machine's CPUs.</summary>
    private static string Print(string script)
    {
        string listing = LoweredProgramPrinter.Print(Scripts.Lower(script, Scripts.Options with { CpuCount = 1 }));
        return listing[(listing.IndexOf('\n', StringComparison.Ordinal) + 1)..];
    }
}
