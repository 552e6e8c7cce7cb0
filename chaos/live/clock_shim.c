/* Preloaded into one process: its clocks run as the numbers in a small file say, which may change meanwhile.
 *
 * SHIM_CLOCK names the file: struct below, mapped and read at each call. The wall clock is the machine's
 * plus an offset; both clocks run at `ppm` millionths of the true rate since `since_ns`. Deadlines are turned
 * back, so that a wait lasts as long as the process believes. Waits of poll, select and epoll keep real
 * lengths: whoever uses them looks at the clock again. Built by chaos/live/shim.py.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define SECOND 1000000000LL
#define MILLION 1000000LL

struct clocks {
	_Atomic uint64_t turn; /* odd while it is being written */
	int64_t since_ns;      /* of the true monotonic clock: the rate holds since then */
	int64_t shown_ns;      /* what the monotonic clock showed then */
	int64_t ppm;           /* MILLION: true */
	int64_t wall_ns;       /* offset of the wall clock, beside what the rate makes of it */
};

static const struct clocks *told;

__attribute__((constructor)) static void begin(void)
{
	const char *path = getenv("SHIM_CLOCK");
	int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	void *at;

	if (file < 0)
		return;
	at = mmap(NULL, sizeof(struct clocks), PROT_READ, MAP_SHARED, file, 0);
	close(file);
	if (at != MAP_FAILED)
		told = at;
}

static int64_t true_ns(clockid_t id)
{
	struct timespec at;

	syscall(SYS_clock_gettime, id, &at);
	return at.tv_sec * SECOND + at.tv_nsec;
}

static struct clocks now_told(void)
{
	struct clocks copy;
	uint64_t turn;

	do {
		turn = atomic_load(&told->turn);
		copy.since_ns = told->since_ns;
		copy.shown_ns = told->shown_ns;
		copy.ppm = told->ppm;
		copy.wall_ns = told->wall_ns;
		atomic_thread_fence(memory_order_acquire);
	} while (turn % 2 || turn != atomic_load(&told->turn));
	return copy;
}

/* How far the monotonic clock is from the true one. */
static int64_t gained_ns(const struct clocks *as, int64_t mono_ns)
{
	__int128 passed = mono_ns - as->since_ns;

	return as->shown_ns + (int64_t)(passed * as->ppm / MILLION) - mono_ns;
}

static int is_wall(clockid_t id)
{
	return id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE;
}

static int is_monotonic(clockid_t id)
{
	return id == CLOCK_MONOTONIC || id == CLOCK_MONOTONIC_RAW || id == CLOCK_MONOTONIC_COARSE ||
	       id == CLOCK_BOOTTIME;
}

static int64_t shown(clockid_t id)
{
	struct clocks as = now_told();
	int64_t gained = gained_ns(&as, true_ns(CLOCK_MONOTONIC));

	return true_ns(id) + gained + (is_wall(id) ? as.wall_ns : 0);
}

int clock_gettime(clockid_t id, struct timespec *at)
{
	int64_t ns;

	if (!told || !(is_wall(id) || is_monotonic(id)))
		return (int)syscall(SYS_clock_gettime, id, at);
	ns = shown(id);
	at->tv_sec = ns / SECOND;
	at->tv_nsec = ns % SECOND;
	return 0;
}

time_t time(time_t *at)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	if (at)
		*at = now.tv_sec;
	return now.tv_sec;
}

int gettimeofday(struct timeval *restrict at, void *restrict zone)
{
	struct timespec now;

	(void)zone;
	clock_gettime(CLOCK_REALTIME, &now);
	at->tv_sec = now.tv_sec;
	at->tv_usec = now.tv_nsec / 1000;
	return 0;
}

/* A moment of a shown clock, as the same moment of the true one. */
static struct timespec turned(clockid_t id, const struct timespec *until)
{
	struct timespec at = *until;
	struct clocks as;
	int64_t left, ns;

	if (!told || !(is_wall(id) || is_monotonic(id)))
		return at;
	as = now_told();
	left = until->tv_sec * SECOND + until->tv_nsec - shown(id);
	ns = true_ns(id) + (int64_t)((__int128)left * MILLION / as.ppm);
	if (ns < 0)
		ns = 0;
	at.tv_sec = ns / SECOND;
	at.tv_nsec = ns % SECOND;
	return at;
}

int sem_clockwait(sem_t *sem, clockid_t id, const struct timespec *until)
{
	static int (*next)(sem_t *, clockid_t, const struct timespec *);
	struct timespec at = turned(id, until);

	if (!next)
		next = dlsym(RTLD_NEXT, "sem_clockwait");
	return next(sem, id, &at);
}

int pthread_cond_clockwait(pthread_cond_t *cond, pthread_mutex_t *mutex, clockid_t id,
			   const struct timespec *until)
{
	static int (*next)(pthread_cond_t *, pthread_mutex_t *, clockid_t, const struct timespec *);
	struct timespec at = turned(id, until);

	if (!next)
		next = dlsym(RTLD_NEXT, "pthread_cond_clockwait");
	return next(cond, mutex, id, &at);
}

/* Which clock the condition was made with is not to be seen: a moment before 2001 is no wall clock's. */
int pthread_cond_timedwait(pthread_cond_t *cond, pthread_mutex_t *mutex, const struct timespec *until)
{
	static int (*next)(pthread_cond_t *, pthread_mutex_t *, const struct timespec *);
	struct timespec at = turned(until->tv_sec > SECOND ? CLOCK_REALTIME : CLOCK_MONOTONIC, until);

	if (!next)
		next = dlsym(RTLD_NEXT, "pthread_cond_timedwait");
	return next(cond, mutex, &at);
}

int clock_nanosleep(clockid_t id, int flags, const struct timespec *span, struct timespec *left)
{
	static int (*next)(clockid_t, int, const struct timespec *, struct timespec *);
	struct timespec at = *span;

	if (!next)
		next = dlsym(RTLD_NEXT, "clock_nanosleep");
	if (flags & TIMER_ABSTIME) {
		at = turned(id, span);
	} else if (told) {
		int64_t ns = (int64_t)((__int128)(span->tv_sec * SECOND + span->tv_nsec) * MILLION / now_told().ppm);
		at.tv_sec = ns / SECOND;
		at.tv_nsec = ns % SECOND;
	}
	return next(id, flags, &at, left);
}
