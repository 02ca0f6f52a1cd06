using Virtap.Binaries.Tests.Support;

namespace Virtap.Binaries.Tests.Marks.Recovered;

/// <summary>
/// A C program whose events are tested and logged as QEMU's <c>log</c> backend does it. Given the word <c>log</c> it runs with all events
/// on, given the name of an event with that one on, otherwise with none; the run is the same each time.
/// </summary>
internal static class TracedProgram
{
    private const string Source = """
        #include <stdarg.h>
        #include <stdbool.h>
        #include <stdint.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <string.h>
        #include <sys/time.h>

        #define unlikely(x) __builtin_expect(!!(x), 0)
        #define noinline __attribute__((noinline))
        #define LOG_TRACE (1 << 15)

        uint32_t trace_events_enabled_count;
        int qemu_loglevel;
        #ifdef ALWAYS_WITH_TIME // as before QEMU 6.0
        #define message_with_timestamp true
        #else
        bool message_with_timestamp;
        #endif

        __attribute__((noipa)) void qemu_log(const char *format, ...)
        {
            va_list arguments;
            va_start(arguments, format);
            vprintf(format, arguments);
            va_end(arguments);
        }

        __attribute__((noipa)) int qemu_get_thread_id(void) { return 1; }

        #define STATE(NAME) (unlikely(trace_events_enabled_count && _TRACE_##NAME##_DSTATE))
        #define EVENT(NAME, name, parameters, format, ...) \
            uint16_t _TRACE_##NAME##_DSTATE; \
            static inline void trace_##name parameters \
            { \
                if (STATE(NAME) && ((qemu_loglevel & LOG_TRACE) != 0)) { \
                    if (message_with_timestamp) { \
                        struct timeval now; \
                        gettimeofday(&now, NULL); \
                        qemu_log("%d@%zu.%06zu:" #name " " format "\n", \
                                 qemu_get_thread_id(), (size_t)now.tv_sec, (size_t)now.tv_usec, ##__VA_ARGS__); \
                    } else { \
                        qemu_log(#name " " format "\n", ##__VA_ARGS__); \
                    } \
                } \
            }

        EVENT(NOTHING, nothing, (void), "all")
        EVENT(KINDS, kinds, (int i, unsigned u, bool b, uint8_t u8, int8_t s8, uint16_t u16, int16_t s16, int64_t s64),
              "i %d u %u b %d u8 %u s8 %d u16 %u s16 %d s64 %ld", i, u, b, u8, s8, u16, s16, s64)
        EVENT(MANY, many, (long a, long b, long c, long d, long e, long f, long g, long h, long i, long j),
              "a %ld b %ld c %ld d %ld e %ld f %ld g %ld h %ld i %ld j %ld", a, b, c, d, e, f, g, h, i, j)
        EVENT(MEMBERS, members, (int a, unsigned b, long c, uint16_t d), "a %d b %u c %ld d %u", a, b, c, d)
        EVENT(SWAPPED, swapped, (uint32_t word, uint64_t big, uint16_t half), "word %u big %lu half %u", word, big, half)
        EVENT(CHOSEN, chosen, (long larger, int sign, bool is_odd), "larger %ld sign %d is_odd %d", larger, sign, is_odd)
        EVENT(COMPUTED, computed, (long sum, long product, unsigned shifted, int arithmetic),
              "sum %ld product %ld shifted %u arithmetic %d", sum, product, shifted, arithmetic)
        EVENT(SECOND, second, (int value), "value %d", value)
        EVENT(THIRD, third, (int value, long from), "value %d from %ld", value, from)
        EVENT(TAIL, tail, (long a, long b), "a %ld b %ld", a, b)
        EVENT(CASES, cases, (int which, long x), "which %d x %ld", which, x)
        EVENT(LOOPED, looped, (int round, long total), "round %d total %ld", round, total)
        EVENT(GUARDED, guarded, (long a, int length), "a %ld length %d", a, length)
        EVENT(ELEMENT, element, (long n, int at), "n %ld at %d", n, at)

        struct item { int a; unsigned b; long c; uint16_t d; struct item *next; };
        static struct item items[2] = { { -3, 4000000000u, -5, 65000, &items[1] }, { 7, 8, 9, 10, 0 } };
        static int table[8] = { 0, -11, 22, -33, 44, -55, 66, -77 };

        noinline static long kinds(int i, unsigned u, bool b, uint8_t u8, int8_t s8, uint16_t u16, int16_t s16, int64_t s64)
        {
            trace_nothing();
            trace_kinds(i, u, b, u8, s8, u16, s16, s64);
            return i + u + b + u8;
        }

        noinline static long wide(long a, long b)
        {
            trace_kinds(a, b, a & 1, a, b, a, b, a);
            trace_many(a, b, a + b, a - b, a * 3, b * 8, a & b, a | b, a ^ b, ~a);
            return a;
        }

        noinline static int members(struct item *item)
        {
            trace_members(item->a, item->b, item->c, item->d);
            item->a++;
            trace_members(item->a, item->next ? 1 : 2, item->c, item->d >> 3);
            return item->a;
        }

        noinline static uint32_t swapped(uint32_t word, uint64_t big, uint16_t *half)
        {
            trace_swapped(__builtin_bswap32(word), __builtin_bswap64(big) >> 1, __builtin_bswap16(*half));
            return word;
        }

        noinline static long chosen(long a, long b)
        {
            trace_chosen(a > b ? a : b, a < 0 ? -1 : a > 0, (a & 1) != 0);
            return a;
        }

        noinline static long computed(long a, int b)
        {
            trace_computed(a + b + 5, a * b, (unsigned)b >> 3, b >> 2);
            return a;
        }

        noinline static int events_in_a_row(int value, long from)
        {
            trace_second(value);
            trace_third(value + 1, from);
            if (value & 1)
                trace_second(value + 2);
            return value;
        }

        noinline static void tail(long a, long b)
        {
            trace_tail(b, a);
        }

        noinline static long cases(int which, long x)
        {
            switch (which) {
            case 0: trace_cases(which, x); x += 5; break;
            case 1: trace_cases(which, x * 2); x -= table[1]; break;
            case 2: x += table[2]; trace_cases(which, x); break;
            case 3: x = -x; trace_cases(which, 3); break;
            case 4: x ^= table[3]; trace_cases(which, x + 4); break;
            case 5: trace_cases(which, -x); x *= 7; break;
            }
            return x;
        }

        noinline static long looped(int rounds)
        {
            long total = 0;
            for (int round = 0; round < rounds; round++) {
                trace_looped(round, total);
                total += table[round & 7];
            }
            return total;
        }

        noinline static int length_of(const char *text) { return strlen(text); }

        noinline static long guarded(long a, const char *text)
        {
            if (STATE(GUARDED)) {
                int length = length_of(text);
                trace_guarded(a, length);
            }
            return a;
        }

        noinline static int element(long n)
        {
            trace_element(n, table[n & 7]);
            table[n & 7] += 1;
            return table[n & 7];
        }

        int main(int count, char **words)
        {
            const char *word = count > 1 ? words[1] : "";
        #define ON(NAME, name) \
            if (!strcmp(word, "log") || !strcmp(word, #name)) { \
                _TRACE_##NAME##_DSTATE = 1; \
                trace_events_enabled_count++; \
                qemu_loglevel = LOG_TRACE; \
            }
            ON(NOTHING, nothing) ON(KINDS, kinds) ON(MANY, many) ON(MEMBERS, members) ON(SWAPPED, swapped) ON(CHOSEN, chosen)
            ON(COMPUTED, computed) ON(SECOND, second) ON(THIRD, third) ON(TAIL, tail) ON(CASES, cases) ON(LOOPED, looped) ON(GUARDED, guarded) ON(ELEMENT, element)
            setbuf(stdout, 0);
            uint16_t half = 0x1234;
            long sum = 0;
            for (long n = -3; n < 4; n++) {
                sum += kinds(n * 1000000, n * 3, n & 1, n * 5, n * 30, n * 20000, n * 10000, n << 40);
                sum += wide(n * 0x123456789, 77 - n);
                sum += members(&items[n & 1]);
                half += n;
                sum += swapped(n * 0x1234567, n * 0x123456789abc, &half);
                sum += chosen(n, 2);
                sum += computed(n << 33, n * 1000);
                sum += events_in_a_row(n, sum);
                tail(n, sum);
                sum += cases(n & 7, sum);
                sum += looped(n & 3);
                sum += guarded(sum, "guarded" + (n & 3));
                sum += element(n);
            }
            return sum == 1;
        }
        """;

    /// <summary>Compiles the program, and takes from it all symbols that a package's QEMU has not either.</summary>
    public static CProgram Compile(string options)
    {
        CProgram program = CProgram.Compile(Source, ["-rdynamic", "-w", .. options.Split(' ')]);
        Tool.Run("strip", program.Binary);
        return program;
    }
}
