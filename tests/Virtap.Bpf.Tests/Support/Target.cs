using System.Diagnostics;
using System.Globalization;

namespace Virtap.Bpf.Tests.Support;

/// <summary>
/// A C program to be probed, compiled on first use. It says where its functions lie in its file, waits, calls <c>work(n,
/// "text", 7, cold)</c> in each of its threads, says what its semaphore was, and waits again.
/// </summary>
public sealed class Target : IDisposable
{
    private const string Source = """
        #define _GNU_SOURCE
        #include <link.h>
        #include <pthread.h>
        #include <stdio.h>
        #include <stdlib.h>

        volatile unsigned short semaphore __attribute__((section(".probes")));
        static long calls;

        /* Pages that nobody has touched and that are therefore not there yet. */
        static long cold[1 << 16] __attribute__((aligned(65536)));

        __attribute__((noinline, noclone)) long work(long a, const char *text, long c, const long *cold)
        {
            __asm__ volatile("nop" : : "r"(text), "r"(cold) : "memory");
            return a + c;
        }

        /* Twenty thousand places to probe; never run. */
        void sled(void);
        __asm__(".text\nsled:\n.rept 20000\nnop\n.endr\nret\n");

        static unsigned long file_offset;
        static int visit(struct dl_phdr_info *info, size_t size, void *address)
        {
            for (int n = 0; n < info->dlpi_phnum; n++) {
                const ElfW(Phdr) *p = &info->dlpi_phdr[n];
                unsigned long start = info->dlpi_addr + p->p_vaddr, at = (unsigned long)address;
                if (p->p_type == PT_LOAD && at >= start && at < start + p->p_memsz)
                    file_offset = at - start + p->p_offset;
            }
            return 1;
        }
        static unsigned long offset(const volatile void *address)
        {
            dl_iterate_phdr(visit, (void *)address);
            return file_offset;
        }

        static void *run(void *unused)
        {
            for (long n = 0; n < calls; n++)
                work(n, "text", 7, cold + (1 << 15));
            return NULL;
        }

        int main(int argc, char **argv)
        {
            int threads = atoi(argv[1]);
            pthread_t ids[64];
            calls = atol(argv[2]);
            printf("%lu %lu %lu %lu\n", offset(work), offset(&semaphore), offset(sled), (unsigned long)sled);
            fflush(stdout);
            getchar();
            for (int n = 0; n < threads; n++)
                pthread_create(&ids[n], NULL, run, NULL);
            for (int n = 0; n < threads; n++)
                pthread_join(ids[n], NULL);
            printf("%d\n", semaphore);
            fflush(stdout);
            getchar();
            return 0;
        }
        """;

    /// <summary>How many nops the sled has.</summary>
    public const int SledLength = 20_000;

    private static readonly Lazy<string?> s_program = new(Compile);

    private readonly Process _process;
    private readonly ulong _sledAddress;

    private Target(Process process, ulong[] offsets)
    {
        _process = process;
        WorkOffset = offsets[0];
        SemaphoreOffset = offsets[1];
        SledOffset = offsets[2];
        _sledAddress = offsets[3];
    }

    public static string ProgramPath => s_program.Value!;

    public ulong WorkOffset { get; }

    public ulong SemaphoreOffset { get; }

    /// <summary>Where 20,000 nops begin.</summary>
    public ulong SledOffset { get; }

    public int Pid => _process.Id;

    /// <summary>Starts it, waiting to be let go; skips the test where there is no C compiler.</summary>
    public static Target Start(int threads, long calls)
    {
        Assert.SkipWhen(s_program.Value is null, "no C compiler");
        Process process = Process.Start(new ProcessStartInfo(ProgramPath, [$"{threads}", $"{calls}"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        string[] offsets = process.StandardOutput.ReadLine()!.Split(' ');
        return new Target(process, [.. offsets.Select(o => ulong.Parse(o, CultureInfo.InvariantCulture))]);
    }

    /// <summary>How many places of the sled hold something other than their nop.</summary>
    public int CountBreakpointsInSled()
    {
        const byte Nop = 0x90;
        byte[] now = new byte[SledLength];
        using var memory = new FileStream($"/proc/{Pid}/mem", FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
        memory.Position = (long)_sledAddress;
        memory.ReadExactly(now);
        return now.Count(b => b != Nop);
    }

    /// <summary>Lets it make its calls and waits until they are made.</summary>
    /// <returns>The value of the semaphore then.</returns>
    public int Run()
    {
        _process.StandardInput.Write("g");
        _process.StandardInput.Flush();
        return int.Parse(_process.StandardOutput.ReadLine()!, CultureInfo.InvariantCulture);
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    private static string? Compile()
    {
        string folder = Directory.CreateTempSubdirectory("virtap-bpf").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        string source = Path.Combine(folder, "target.c"), program = Path.Combine(folder, "target");
        File.WriteAllText(source, Source);
        try
        {
            using Process compiler = Process.Start("cc", ["-O2", "-fcf-protection=none", "-pthread", "-o", program, source]);
            compiler.WaitForExit();
            return compiler.ExitCode == 0 ? program : throw new InvalidOperationException("the target does not compile");
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
