// A shop that never closes: what the examples watch. Each round serves a few orders; two clerks share one till.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sdt.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

struct item { const char *name; int price; };
struct order { int number; struct item item; int count; struct order *next; };

static struct item shelf[] = { { "tea", 3 }, { "rice", 7 }, { "saffron", 90 } };
struct order *history;
int sold;
static pthread_mutex_t till = PTHREAD_MUTEX_INITIALIZER;

#define PART __attribute__((noinline, noclone))

PART int price(struct order *order, int rebate)
{
	return order->item.price * order->count - rebate;
}

// Packs in boxes of two: as deep as the order is large.
PART int pack(int count)
{
	if (count <= 0)
		return 0;
	return 1 + pack(count - 2);
}

PART void pay(int amount)
{
	pthread_mutex_lock(&till);
	sold += amount;
	usleep(2000);
	pthread_mutex_unlock(&till);
}

PART int serve(struct order *order)
{
	DTRACE_PROBE2(shop, order_begin, order->number, order->item.name);
	int boxes = pack(order->count);
	int amount = price(order, order->count > 3);
	pay(amount);
	DTRACE_PROBE3(shop, order_end, order->number, boxes, amount);
	return amount;
}

// Looks for a price list that is there and for one that is not; reads it, writes it away.
PART void look_up(void)
{
	char text[4096];
	int list = open("/etc/hostname", O_RDONLY);
	int none = open("/nonexistent/prices.txt", O_RDONLY);
	int nowhere = open("/dev/null", O_WRONLY);
	if (none >= 0)
		abort();
	ssize_t length = read(list, text, sizeof text);
	if (write(nowhere, text, length > 0 ? (size_t)length : 0) < 0)
		abort();
	close(list);
	close(nowhere);
}

// The compiler must not see that the note is thrown away unread.
PART void write_note(size_t size)
{
	char *volatile note = malloc(size);
	strcpy(note, getenv("HOME") ? "home" : "none");
	free(note);
}

// Nobody listens there.
PART void call_supplier(void)
{
	struct sockaddr_in supplier = { .sin_family = AF_INET, .sin_port = htons(1), .sin_addr = { htonl(INADDR_LOOPBACK) } };
	int line = socket(AF_INET, SOCK_STREAM, 0);
	(void)connect(line, (struct sockaddr *)&supplier, sizeof supplier);
	close(line);
}

PART void clean(void)
{
	char *floor = mmap(NULL, 1 << 16, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	memset(floor, 0, 1 << 16);
	munmap(floor, 1 << 16);
}

static void on_bell(int signal) { (void)signal; }

static void *clerk(void *unused)
{
	(void)unused;
	for (;;) {
		pay(1);
		usleep(100);
	}
	return NULL;
}

static void *visitor(void *unused) { return unused; }

int main(void)
{
	pthread_t other;
	signal(SIGUSR1, on_bell);
	pthread_create(&other, NULL, clerk, NULL);
	printf("%d\n", getpid());
	fflush(stdout);
	for (int round = 0;; round++) {
		struct order *order = calloc(1, sizeof *order);
		order->number = round;
		order->item = shelf[round % 3];
		order->count = 1 + round % 5;
		serve(order);
		order->next = history;
		// Every tenth is never given back.
		if (round % 10 == 0)
			history = order;
		else
			free(order);
		write_note(32 << round % 6);
		look_up();
		clean();
		if (round % 10 == 0) {
			pthread_t guest;
			call_supplier();
			kill(getpid(), SIGUSR1);
			pthread_create(&guest, NULL, visitor, NULL);
			pthread_join(guest, NULL);
			pid_t child = fork();
			if (child == 0) {
				execl("/bin/true", "true", "thanks", (char *)NULL);
				_exit(1);
			}
			waitpid(child, NULL, 0);
		}
		for (volatile int spin = 0; spin < 200000; spin++)
			;
		usleep(1000);
	}
}
