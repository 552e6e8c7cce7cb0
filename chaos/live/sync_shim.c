/* Preloaded into a unit: one fdatasync of its log fails with EIO, and the kernel never hears of it, when there
 * is a file of the name FAIL in the unit's directory. The file is taken away first: each one is one failure.
 * It sees the call only where a thread of the unit makes it (log.sync_by = "thread"). Built by chaos/live/shim.py.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FAIL "fail-next-sync"

static int taken(int fd)
{
	char link[64], path[PATH_MAX + sizeof FAIL];
	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	ssize_t length = readlink(link, path, PATH_MAX - 1);
	if (length < 0)
		return 0;
	path[length] = 0;
	char *log = strstr(path, "/log/");
	if (!log)
		return 0;
	strcpy(log + 1, FAIL);
	return unlink(path) == 0;
}

int fdatasync(int fd)
{
	int before = errno;
	if (taken(fd)) {
		errno = EIO;
		return -1;
	}
	errno = before;
	return (int)syscall(SYS_fdatasync, fd);
}
