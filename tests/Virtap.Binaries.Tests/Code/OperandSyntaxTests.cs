using CsCheck;
using Virtap.Binaries.Elf;
using Virtap.Binaries.Marks;
using Virtap.Binaries.Tests.Support;

namespace Virtap.Binaries.Tests.Code;

/// <summary>Operands as notes hold them, and what is read from them, written in C.</summary>
public class OperandSyntaxTests
{
    [Theory]
    [InlineData("8@%rax", "(long)$rax")]
    [InlineData("-8@%r15", "(long)$r15")]
    [InlineData("-4@%eax", "(long)(int)((long)$rax)")]
    [InlineData("4@%edx", "(long)(unsigned int)((long)$rdx)")]
    [InlineData("-4@%ax", "(long)(int)((long)$rax)")]
    [InlineData("2@%si", "(long)(unsigned short)((long)$rsi)")]
    [InlineData("-1@%bpl", "(long)(char)((long)$rbp)")]
    [InlineData("1@%al", "(long)(unsigned char)((long)$rax)")]
    [InlineData("1@%ah", "(long)(unsigned char)(((unsigned long)(long)$rax >> 8))")]
    [InlineData("-1@%r8b", "(long)(char)((long)$r8)")]
    [InlineData("2@%r10w", "(long)(unsigned short)((long)$r10)")]
    [InlineData("4@%r9d", "(long)(unsigned int)((long)$r9)")]
    [InlineData("8@$5", "5")]
    [InlineData("-4@$-1", "-1")]
    [InlineData("4@$-1", "4294967295")]
    [InlineData("1@$0x1ff", "255")]
    [InlineData("-1@$255", "-1")]
    [InlineData("8@$18446744073709551615", "-1")]
    [InlineData("-4@8(%rbp)", "(long)*(int *)(((long)$rbp + 8))")]
    [InlineData("8@(%rax)", "(long)*(unsigned long *)((long)$rax)")]
    [InlineData("-8@(%rax)", "(long)*(unsigned long *)((long)$rax)")]
    [InlineData("2@-0x10(%rsp)", "(long)*(unsigned short *)(((long)$rsp + -16))")]
    [InlineData("8@-16(%rax,%rbx,4)", "(long)*(unsigned long *)((((long)$rax + ((long)$rbx << 2)) + -16))")]
    [InlineData("8@(%rax,%rbx)", "(long)*(unsigned long *)(((long)$rax + (long)$rbx))")]
    [InlineData("8@(,%rbx,8)", "(long)*(unsigned long *)(((long)$rbx << 3))")]
    [InlineData("8@ 8( %rax , %rbx , 2 )", "(long)*(unsigned long *)((((long)$rax + ((long)$rbx << 1)) + 8))")]
    [InlineData("-4@counter(%rip)", "(long)*(int *)((bias+0x2000))")]
    [InlineData("4@counter+8(%rip)", "(long)*(unsigned int *)((bias+0x2008))")]
    [InlineData("4@8+counter-4(%rip)", "(long)*(unsigned int *)((bias+0x2004))")]
    [InlineData("8@counter", "(long)*(unsigned long *)((bias+0x2000))")]
    [InlineData("8@counter(,%rax,8)", "(long)*(unsigned long *)((((long)$rax << 3) + (bias+0x2000)))")]
    [InlineData("8@$counter+4", "(bias+0x2004)")]
    [InlineData("8@counter.1234(%rip)", "(long)*(unsigned long *)((bias+0x2040))")]
    [InlineData("%eax", "(long)(int)((long)$rax)")]
    [InlineData("8(%rdi)", "(long)*(unsigned long *)(((long)$rdi + 8))")]
    [InlineData("$7", "7")]
    public void An_x86_64_operand_is_read(string text, string expected) => Assert.Equal(expected, Only(text, 62));

    [Theory]
    [InlineData("4f@%xmm0", "a floating-point value (%xmm0), which is not supported yet")]
    [InlineData("8f@-8(%rbp)", "a floating-point value (-8(%rbp)), which is not supported yet")]
    [InlineData("16@%xmm1", "a value of 16 bytes (%xmm1)")]
    [InlineData("8@%xmm1", "%xmm1 is not a general register")]
    [InlineData("8@%r16", "%r16 is not a general register")]
    [InlineData("8@%r08", "%r08 is not a general register")]
    [InlineData("8@%", "% is not a general register")]
    [InlineData("8@%fs:-8", "it lies in thread-local storage (%fs:-8), which is not supported yet")]
    [InlineData("4@%fs:mine@tpoff", "it lies in thread-local storage (%fs:mine@tpoff), which is not supported yet")]
    [InlineData("4@mine@tpoff(%rax)", "it lies in thread-local storage (mine@tpoff(%rax)), which is not supported yet")]
    [InlineData("4@mine(%rip)", "mine lies in thread-local storage, which is not supported yet")]
    [InlineData("8@counter@GOTPCREL(%rip)", "'counter@GOTPCREL(%rip)' goes through the linker's tables, which is not supported yet")]
    [InlineData("8@.LC0(%rip)", "the symbol .LC0 is not in the file")]
    [InlineData("8@twice(%rip)", "the file has several symbols named twice")]
    [InlineData("8@8(%rip)", "'8(%rip)' is relative to an instruction that the note does not name")]
    [InlineData("8@8(%rax", "'8(%rax' is not understood")]
    [InlineData("8@()", "'()' is not understood")]
    [InlineData("8@(%rax,%rbx,3)", "'(%rax,%rbx,3)' is not understood")]
    [InlineData("8@(%rax,%rbx,2,1)", "'(%rax,%rbx,2,1)' is not understood")]
    [InlineData("8@(%al)", "'(%al)' is not understood")]
    [InlineData("8@$010", "'010' is not understood")]
    [InlineData("8@", "'' is not understood")]
    [InlineData("4@DWORD PTR [rbp-20]", "'DWORD PTR [rbp-20]' is not understood")]
    public void An_x86_64_operand_that_cannot_be_read_says_why(string text, string reason) => Assert.Equal(reason, Only(text, 62));

    [Theory]
    [InlineData("-4@w0", "(long)(int)($x0)")]
    [InlineData("8@x30", "$x30")]
    [InlineData("8@sp", "$sp")]
    [InlineData("8@xzr", "0")]
    [InlineData("-4@5", "5")]
    [InlineData("4@-1", "4294967295")]
    [InlineData("8@#0x10", "16")]
    [InlineData("8@[sp, 16]", "(long)*(unsigned long *)(($sp + 16))")]
    [InlineData("-4@[x29, -20]", "(long)*(int *)(($x29 + -20))")]
    [InlineData("2@[x0]", "(long)*(unsigned short *)($x0)")]
    [InlineData("8@[x0,#8]", "(long)*(unsigned long *)(($x0 + 8))")]
    [InlineData("8@[x0, x1]", "(long)*(unsigned long *)(($x0 + $x1))")]
    [InlineData("8@[x0, x1, lsl #3]", "(long)*(unsigned long *)(($x0 + ($x1 << 3)))")]
    [InlineData("8@[x0, x1, lsl 3]", "(long)*(unsigned long *)(($x0 + ($x1 << 3)))")]
    [InlineData("4@[x0, w1, sxtw #2]", "(long)*(unsigned int *)(($x0 + ((long)(int)($x1) << 2)))")]
    [InlineData("4@[x0, w1, uxtw]", "(long)*(unsigned int *)(($x0 + (long)(unsigned int)($x1)))")]
    [InlineData("4@[x0, #:lo12:counter]", "(long)*(unsigned int *)($x0)")]
    [InlineData("4@[x0, :lo12:counter+8]", "(long)*(unsigned int *)(($x0 + 8))")]
    [InlineData("[sp, 8]", "(long)*(unsigned long *)(($sp + 8))")]
    [InlineData("8f@d0", "a floating-point value (d0), which is not supported yet")]
    [InlineData("8@d0", "d0 is not a general register")]
    [InlineData("8@x31", "'x31' is not understood")]
    [InlineData("8@counter", "'counter' is not understood")]
    [InlineData("8@[x0], 8", "'[x0], 8' changes its address register, which a probe cannot follow")]
    [InlineData("8@[x0, 8]!", "'[x0, 8]!' changes its address register, which a probe cannot follow")]
    [InlineData("8@[x0, #:got_lo12:counter]", "'[x0, #:got_lo12:counter]' goes through the linker's tables, which is not supported yet")]
    [InlineData("8@[w0]", "'[w0]' is not understood")]
    [InlineData("8@[x0", "'[x0' is not understood")]
    [InlineData("8@[x0, w1]", "'[x0, w1]' is not understood")]
    public void An_aarch64_operand_is_read_or_says_why_not(string text, string expected) => Assert.Equal(expected, Only(text, 183));

    [Fact]
    public void Arguments_begin_at_their_sizes_and_keep_their_places()
    {
        string[] shown = Shown("8@[sp, 16] -4@w1 8@[x0, x1, lsl #3] 4f@s0 -1@-1", 183);
        Assert.Equal(["(long)*(unsigned long *)(($sp + 16))", "(long)(int)($x1)", "(long)*(unsigned long *)(($x0 + ($x1 << 3)))",
            "a floating-point value (s0), which is not supported yet", "-1"], shown);
        Assert.Equal(["'DWORD PTR [rbp-20]' is not understood", "5"], Shown("-4@DWORD PTR [rbp-20] 8@$5", 62));
        Assert.Equal(
            ["(long)(int)((long)$rax)", "(long)*(unsigned long *)((((long)$rsi + (long)$rdi) + 4))"], Shown("%eax 4(%rsi, %rdi)", 62));
        Assert.Empty(Shown("", 62));
        Assert.Empty(Shown("  ", 62));
    }

    [Theory]
    [InlineData(62)]
    [InlineData(183)]
    public void Any_text_is_read_or_says_why_not(int machine)
    {
        Gen<string> piece = Gen.OneOf(
            "-4@", "8@", "4f@", "@", "%", "$", "%rax", "%r8d", "%ah", "%rip", "%fs:", "(", ")", "[", "]", ",", " ", "+", "-", "0x", "0",
            "8", "99999999999999999999",
            "counter", "mine", ".LC0", "@tpoff", "x0", "w1", "sp", "lsl", "sxtw", "#", ":lo12:", "!", "\u00e9");
        piece.Array[0, 12].Sample(pieces => Shown(string.Concat(pieces), machine), iter: 2_000);
    }

    private static string Only(string text, int machine) => Assert.Single(Shown(text, machine));

    private static string[] Shown(string text, int machine)
    {
        var builder = new ElfBuilder(machine);
        int code = builder.Add(".text", ElfSectionType.ProgramBits, [0x90], 0x1000, flags: 4);
        builder.Add(".note.stapsdt", ElfSectionType.Note, ElfBuilder.SdtNote(0x1000, "test", "mark", text));
        builder.Symbols(ElfSectionType.SymbolTable,
            ("counter", 0x2000, 8, ElfSymbolKind.Object, (ushort)code), ("counter.1234", 0x2040, 8, ElfSymbolKind.Object, (ushort)code),
            ("twice", 0x2010, 8, ElfSymbolKind.Object, (ushort)code), ("twice", 0x2018, 8, ElfSymbolKind.Object, (ushort)code),
            ("mine", 0x10, 4, ElfSymbolKind.ThreadLocal, (ushort)code));
        using ElfFile file = builder.File();
        MarkSite site = Assert.Single(Assert.Single(SdtNotes.Read(file)).Sites);
        Assert.All(site.Arguments, argument => Assert.True(argument.Value is null == argument.Unreadable is not null));
        return [.. site.Arguments.Select(argument => argument.Unreadable ?? Show.Of(argument.Value!))];
    }
}
