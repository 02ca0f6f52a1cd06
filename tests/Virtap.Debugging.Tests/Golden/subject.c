#include <complex.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>
#include <uchar.h>

/* The notes' virtqueue, from the field list in gdb's display of it. */
typedef struct VirtIODevice VirtIODevice;
typedef struct VirtQueue VirtQueue;
typedef void (*VirtIOHandleOutput)(VirtIODevice *, VirtQueue *);
typedef struct VRing {
    unsigned int num, num_default, align;
    uint64_t desc, avail, used;
    struct VRingMemoryRegionCaches *caches;
} VRing;
typedef struct EventNotifier { int rfd, wfd; bool initialized; } EventNotifier;
struct VirtQueue {
    VRing vring;
    struct VirtQueueElement *used_elems;
    uint16_t last_avail_idx;
    bool last_avail_wrap_counter;
    uint16_t shadow_avail_idx;
    bool shadow_avail_wrap_counter;
    uint16_t used_idx;
    bool used_wrap_counter;
    uint16_t signalled_used;
    bool signalled_used_valid;
    bool notification;
    uint16_t queue_index;
    unsigned int inuse;
    uint16_t vector;
    VirtIOHandleOutput handle_output;
    VirtIODevice *vdev;
    EventNotifier guest_notifier, host_notifier;
    bool host_notifier_enabled;
    struct { struct VirtQueue *le_next; struct VirtQueue **le_prev; } node;
};
struct VirtIODevice {
    const char *name;
    uint8_t status, isr;
    uint16_t queue_sel;
    uint64_t guest_features, host_features, backend_features;
    size_t config_len;
    void *config;
    VirtQueue *vq;
    uint16_t device_id;
    bool vm_running, broken;
};

static void handle_output(VirtIODevice *vdev, VirtQueue *vq) { vq->inuse += vdev->status; }

VirtQueue queues[2] = {
    { .vring = { 128, 128, 4096, 0x100000, 0x101000, 0x102000, (void *)0x7f0011223344 }, .last_avail_idx = 32021, .used_idx = 31894,
      .last_avail_wrap_counter = true, .shadow_avail_idx = 32021, .signalled_used = 31893, .signalled_used_valid = true,
      .notification = true, .inuse = 127, .vector = 1, .handle_output = handle_output, .guest_notifier = { 21, 22, true },
      .host_notifier = { 23, 23, true }, .host_notifier_enabled = true },
    { .vring = { 0, 128, 4096 }, .vector = 0xffff },
};
VirtIODevice device = { "virtio-blk", 15, 1, 0, 0x130006e54, 0x179000000, 0, 60, &queues, queues, 2, true, false };
VirtQueue *vq = &queues[0];
VirtIODevice *vdev = &device;

enum color { RED, GREEN = 5, BLUE = -2 };
enum flags { FLAG_A = 1, FLAG_B = 2, FLAG_C = 4, FLAG_MANY = 0x30 };
enum with_zero { NOTHING = 0, SOMETHING = 1, ELSE = 2 };
enum spread { ODD = 5, EVEN = 6 };
typedef enum { ANON_ONE = 1, ANON_TWO } anon_t;
enum wide { WIDE_LOW = 1, WIDE_HIGH = 0x100000000 };

enum color color = GREEN, negative = BLUE, strange = 17;
enum flags flag = FLAG_A | FLAG_C, flag_none = 0, flag_unknown = 8 | 1, flag_only_unknown = 64, flag_many = 0x31, flag_part = 0x10;
enum with_zero zero = NOTHING, zero_both = 3;
enum spread spread = 7;
anon_t anon_value = ANON_TWO;
enum wide wide = WIDE_HIGH;

bool yes = true, no = false;
bool truths[4] = { true, false, true, true };
_Bool odd_truth;
char letter = 'a', quote = '\'', backslash = '\\', null_char = 0, high_char = '\351', newline = '\n', escape = '\033';
signed char small = -3;
unsigned char byte = 200;
short half = -1234;
unsigned short uhalf = 65000;
int integer = -42, big_int = 2147483647;
unsigned int uinteger = 4000000000u;
long long_number = -1234567890123456789l;
unsigned long ulong_number = 18446744073709551615ul;
long long longer = -1;
int8_t i8 = -8;
uint8_t u8 = 65;
uint16_t u16 = 4660;
uint32_t u32 = 0xdeadbeef;
uint64_t u64 = 0x123456789abcdef0;
__int128 huge = ((__int128)0x0123456789abcdef << 64) | 0xfedcba9876543210ull;
unsigned __int128 uhuge = ~(unsigned __int128)0;
size_t size = 77;

float single = 1.5f, third = 1.0f / 3, tiny = 1e-40f, large = 3.4e38f;
double real = 3.141592653589793, tenth = 0.1, million = 1e6, bigger = 1e17, much = 1.25e300, minus_zero = -0.0, little = 0.00001, whole = 100;
long double extended = 0.1L, extended_big = 1.5e4000L, extended_one = 1;
float not_a_number, infinite, minus_infinite;
double nan_double;
long double extended_nan, extended_inf;
float complex complex_float = 1.5f + 2.5fi;
double complex complex_double = 0.1 - 3i;
long double complex complex_long = 1 + 2i;

char text[16] = "hello";
char full[4] = { 'f', 'u', 'l', 'l' };
char empty[8];
char spaces[40] = "aaaaaaaaaaaaaaaaaaaab";
char mixed[64] = "ab\n\t\"quoted\" 'single' \\ \033[0m 1\0012";
char runs[64] = "xxxxxxxxxxxxyyyyyyyyyyyyzz";
char digits[8] = { 1, '2', 3, '4', 0, 0, 0, 0 };
char long_text[300];
char long_run[300];
char zeros_inside[16] = { 'a', 0, 'b', 0, 0, 'c' };
char utf8[16] = "gr\303\266\303\237e";
unsigned char bytes[6] = { 1, 2, 3, 200, 0, 0 };
uint8_t mac[6] = { 0x52, 0x54, 0, 0x12, 0x34, 0x56 };
int8_t signed_bytes[3] = { -1, 0, 1 };
const char *pointer_text = "a literal";
char *to_buffer = text;
const char *null_text = NULL;
char *bad_text = (char *)0x10;
char *long_pointer = long_text;
unsigned char *to_bytes = bytes;
uint8_t *to_mac = mac;
char **to_pointer = &to_buffer;
const char *names[3] = { "one", "two", NULL };
wchar_t wide_text[8] = L"wide";
wchar_t wide_letter = L'w';
const wchar_t *wide_pointer = L"wide literal";
char16_t text16[6] = u"six";
char32_t text32[6] = U"two";
char16_t letter16 = u'x';
char32_t letter32 = U'y';

int array[5] = { 1, 2, 3, 4, 5 };
int repeated[30] = { 1, 1, 2 };
int threshold[10];
int eleven[11];
int many[300];
int same[500];
int grid[2][3] = { { 1, 2, 3 }, { 4, 5, 6 } };
int cube[2][2][2] = { { { 1, 2 }, { 3, 4 } }, { { 5, 6 }, { 7, 8 } } };
double reals[3] = { 1, 2.5, -0.125 };
enum color colors[3] = { RED, BLUE, GREEN };
int *pointers[3] = { &array[0], NULL, &array[4] };
char words[3][8] = { "first", "second", "" };
int unsized[] = { 9, 8, 7 };
struct empty_struct { } nothing;
int zero_length[0];

typedef int v4si __attribute__((vector_size(16)));
typedef float v4sf __attribute__((vector_size(16)));
v4si vector = { 1, -2, 3, 4 };
v4sf vector_float = { 1, 2.5, 3, 4 };

struct point { int x, y; };
typedef struct point point_t;
struct point origin = { 0, 0 }, corner = { 3, -4 };
point_t typed = { 7, 8 };
struct point points[3] = { { 1, 2 }, { 1, 2 }, { 5, 6 } };
struct point same_points[20];
struct point *to_corner = &corner, *no_point = NULL, *into_points = &points[1];
const struct point fixed = { 1, 1 };
volatile struct point unsteady = { 2, 2 };
struct bits { unsigned a : 3, b : 7; int c : 5; unsigned long d : 40; bool e : 1; enum color f : 8; unsigned : 3; unsigned g : 2; };
struct bits bits = { 5, 100, -6, 0x8000000001, true, GREEN, 3 };
union number { int i; float f; unsigned char raw[4]; };
union number number = { 0x3f800000 };
struct nested {
    char tag;
    struct point where;
    union number value;
    struct { short low, high; };
    union { int left; char right; };
    struct { int deep; struct { int deeper; union { long deepest; char last; } u; } s; } inner;
    struct nested *next;
    const char *label;
    int (*call)(struct nested *, int);
    void *data;
    enum flags flags;
    double weights[2];
    struct point corners[2];
    int tail[];
};
int call(struct nested *nested, int n) { return nested->tag + n; }
struct nested nested = {
    'n', { 1, 2 }, { 7 }, { 3, 4 }, { 5 }, { 6, { 7, { 8 } } }, &nested, "label", call, &array[2], FLAG_A | FLAG_B, { 0.5, 1e10 },
    { { 1, 2 }, { 3, 4 } },
};
struct holes { char a; long b; char c; short d; char e; int f : 3; int g : 30; char h; } __attribute__((aligned(16)));
struct holes holes = { 1, 2, 3, 4, 5, 1, 2, 6 };
struct packed { char a; int b; long c; } __attribute__((packed));
struct packed packed = { 1, 2, 3 };
struct hidden;
struct hidden *hidden = (struct hidden *)0x1234;
extern struct hidden never;
struct with_pointers { void *heap, *code; char *bad; int **twice; const void *constant; struct hidden *opaque; FILE *file; };
int *to_integer = &integer;
struct with_pointers with_pointers;

void *untyped = &integer, *null_pointer = NULL, *into_array = &array[3];
int (*function)(struct nested *, int) = call;
int (*no_function)(void) = NULL;
void (*handlers[2])(VirtIODevice *, VirtQueue *) = { handle_output, NULL };
int (*to_row)[3] = &grid[1];
int *const constant_pointer = &integer;
const int *volatile pointer_to_constant = &integer;
const int constant = 11;
volatile int unstable = 12;
static int hidden_static = 13;
const char *const *names_pointer = names;
int (*(*chooser)(int))(struct nested *, int);
unsigned long addresses[3];

static int plus(int a, int b) { return a + b; }
int variadic(const char *format, ...) { return format[0]; }
int no_prototype() { return 0; }
static int (*choose(int n))(struct nested *, int) { return n ? call : NULL; }

int counted(void)
{
    static int counter = 3;
    return ++counter;
}

__attribute__((noinline)) static int last(int depth, const char *what, struct point *where)
{
    int local = depth * 2;
    char buffer[8] = "local";
    struct point copy = *where;
    volatile long sum = local + copy.x;
    printf("ready\n");
    fflush(stdout);
    if (depth > 100)
        __builtin_trap();
    pause();
    return local + buffer[0] + copy.x + what[0] + (int)sum;
}

int main(int argc, char **argv)
{
    memset(long_text, 'x', 10);
    for (int i = 0; i < 299; i++)
        long_text[i] = 'a' + i % 26;
    memset(long_run, 'r', sizeof long_run);
    for (int i = 0; i < 300; i++)
        many[i] = i;
    for (int i = 0; i < 20; i++)
        same_points[i] = (struct point){ 1, 2 };
    memset(&odd_truth, 3, 1);
    not_a_number = __builtin_nanf("");
    infinite = __builtin_inff();
    minus_infinite = -__builtin_inff();
    nan_double = -__builtin_nan("");
    extended_nan = __builtin_nanl("");
    extended_inf = __builtin_infl();
    queues[0].vdev = queues[1].vdev = vdev;
    queues[0].node.le_next = &queues[1];
    chooser = choose;
    addresses[0] = (unsigned long)&array[1];
    addresses[1] = (unsigned long)main;
    with_pointers = (struct with_pointers){ malloc(16), (void *)(plus(1, 2) ? main : 0), bad_text, &to_integer, &constant, hidden, stdout };
    return last(argc > 1 ? 1000 : 7, "what", &corner) + counted() + variadic("%d", 1) + no_prototype() + hidden_static;
}
