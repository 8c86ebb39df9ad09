/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */

/*
 * Preloaded into a daemon under test: moves its clocks by what stands in the file that
 * MEERKAT_CLOCK_FILE names, two native 64-bit numbers of milliseconds: the wall clock, the
 * monotonic clock. The test changes them in place while the daemon runs. See clock.py.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t *shifts;

__attribute__ ((constructor)) static void
map_shifts (void)
{
  const char *path = getenv ("MEERKAT_CLOCK_FILE");
  int fd = path != NULL ? open (path, O_RDONLY | O_CLOEXEC) : -1;
  void *map;

  if (fd < 0)
    return;
  map = mmap (NULL, 2 * sizeof (int64_t), PROT_READ, MAP_SHARED, fd, 0);
  close (fd);
  if (map != MAP_FAILED)
    shifts = map;
}

static int64_t
shift_of (clockid_t clock)
{
  if (shifts == NULL)
    return 0;
  if (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)
    return shifts[0];
  if (clock == CLOCK_MONOTONIC || clock == CLOCK_MONOTONIC_COARSE || clock == CLOCK_BOOTTIME)
    return shifts[1];
  return 0;
}

int
clock_gettime (clockid_t clock, struct timespec *time)
{
  static int (*real) (clockid_t, struct timespec *);
  int64_t nanoseconds;

  if (real == NULL)
    real = dlsym (RTLD_NEXT, "clock_gettime");
  if (real (clock, time) != 0)
    return -1;
  nanoseconds = (int64_t) time->tv_sec * 1000000000 + time->tv_nsec + shift_of (clock) * 1000000;
  time->tv_sec = nanoseconds / 1000000000;
  time->tv_nsec = nanoseconds % 1000000000;
  return 0;
}

int
gettimeofday (struct timeval *restrict time, void *restrict zone)
{
  struct timespec now;

  if (clock_gettime (CLOCK_REALTIME, &now) != 0)
    return -1;
  time->tv_sec = now.tv_sec;
  time->tv_usec = now.tv_nsec / 1000;
  return 0;
}

time_t
time (time_t *result)
{
  struct timespec now;

  if (clock_gettime (CLOCK_REALTIME, &now) != 0)
    return (time_t) -1;
  if (result != NULL)
    *result = now.tv_sec;
  return now.tv_sec;
}
