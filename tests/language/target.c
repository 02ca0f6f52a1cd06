/*
 * The program that specs probe. For each line that it reads it calls shape(&first, 200, BLUE) and work(0, "text", 7) once; work calls
 * alpha, beta and gamma with the same arguments and passes the marks spec:step and spec:last. Then it fills two fresh queues of a
 * device, the first one twice, with the mark spec:notify for each time, has a thread of its own call inner(3), which is inlined into
 * outer(3) behind its label, and says so. Built with -O2 -g, and with the marks where sys/sdt.h is.
 */
#include <pthread.h>
#include <stdio.h>
#if __has_include(<sys/sdt.h>)
#include <sys/sdt.h>
#else
#define DTRACE_PROBE3(provider, name, a, b, c)
#define DTRACE_PROBE2(provider, name, a, b)
#define DTRACE_PROBE(provider, name)
#endif

#define OUTLINE __attribute__((noinline, noclone))

/* Written to in main: memory that nobody has touched is not there yet, and a probe cannot read it. */
static char text[16];

/* 7 from the first call of alpha on. */
long sevens;

enum colour { RED, GREEN = 5, BLUE };

/* What specs of members look at. */
struct node {
    int number;
    unsigned flags : 3, rest : 5;
    char name[8];
    enum colour colour;
    struct { short a, b; } pair;
    union { unsigned whole; unsigned char bytes[4]; };
    int rows[2][3];
    struct node *next;
};

static struct node last = { -2, 7, 31, "last", BLUE, { 30, 40 }, { 0x44434241 }, { { 6, 5, 4 }, { 3, 2, 1 } }, 0 };
static struct node first = { 1, 5, 9, "first", GREEN, { 10, -20 }, { 0x64636261 }, { { 1, 2, 3 }, { 4, 5, 6 } }, &last };

OUTLINE int shape(struct node *node, unsigned char byte, enum colour colour)
{
    __asm__ volatile("" : : "r"(node), "r"((int)byte), "r"((int)colour) : "memory");
    return node->number;
}

OUTLINE long alpha(long n, const char *text, long seven)
{
    sevens = seven;
    __asm__ volatile("" : : "r"(text) : "memory");
    return n + seven;
}

OUTLINE long beta(long n, const char *text, long seven)
{
    __asm__ volatile("" : : "r"(text) : "memory");
    return n - seven;
}

OUTLINE long gamma_(long n, const char *text, long seven) __asm__("gamma");
OUTLINE long gamma_(long n, const char *text, long seven)
{
    __asm__ volatile("" : : "r"(text) : "memory");
    return n * seven;
}

OUTLINE long work(long n, const char *text, long seven)
{
    DTRACE_PROBE3(spec, step, n, text, seven);
    long sum = alpha(n, text, seven) + beta(n, text, seven) + gamma_(n, text, seven);
    DTRACE_PROBE(spec, last);
    return sum;
}

struct ring {
    unsigned short last, used;
};

struct device {
    const char *name;
    int queues;
};

struct queue {
    struct ring ring;
    unsigned short signalled;
    int inuse;
    struct device *device;
    struct ring history[4];
};

static struct device disk = { text, 2 };
static struct queue queues[2];

OUTLINE void notify(struct device *device, struct queue *queue)
{
    int inuse = queue->ring.last - queue->ring.used;
    queue->inuse = inuse;
    queue->history[queue->ring.used & 3] = queue->ring;
    DTRACE_PROBE2(spec, notify, device, queue);
}

OUTLINE void push(struct queue *queue, int requests)
{
    queue->ring.last += requests;
    queue->ring.used++;
    notify(queue->device, queue);
    queue->signalled = queue->ring.used;
}

static inline __attribute__((always_inline)) long inner(long three)
{
    long twice = three * 2;
    __asm__ volatile("" : "+r"(twice));
    return twice;
}

OUTLINE void *outer(void *three)
{
    long n = (long)three;
    __asm__ volatile("" : "+r"(n));
counted:
    __asm__ volatile("nop" : : "r"(n));
    if (inner(n) == 0)
        goto counted;
    return 0;
}

int main(void)
{
    int c;
    pthread_t thread;
    snprintf(text, sizeof text, "text");
    first.name[7] = last.name[7] = 0;
    while ((c = getchar()) != EOF) {
        if (c != '\n')
            continue;
        shape(&first, 200, BLUE);
        work(0, text, 7);
        queues[0] = queues[1] = (struct queue){ .device = &disk };
        push(&queues[0], 2);
        push(&queues[1], 3);
        push(&queues[0], 1);
        if (pthread_create(&thread, 0, outer, (void *)3L) == 0)
            pthread_join(thread, 0);
        puts("done");
        fflush(stdout);
    }
    return 0;
}
