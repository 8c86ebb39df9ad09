/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-process.h"

#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

/* The main loop and the journal thread; GLib's few helpers may share. Each further arena only keeps
 * memory that the others could use. */
#define MAX_ARENAS 2

/* Descriptors for all but connections: listeners, the journal, the log, and some to spare. */
#define OTHER_DESCRIPTORS 64

/* If the limit is infinite: more sockets than one loop can serve. */
#define MANY_DESCRIPTORS 1048576

static void
raise_descriptor_limit (void)
{
  struct rlimit limit;

  if (getrlimit (RLIMIT_NOFILE, &limit) != 0)
    return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit (RLIMIT_NOFILE, &limit);
}

/**
 * mk_process_prepare:
 *
 * Sets what holds for the whole process: nobody else reads what it writes, a socket that goes away
 * is no reason to die, as many descriptors as it may have. To be called first of all.
 */
void
mk_process_prepare (void)
{
  umask (0077);
  signal (SIGPIPE, SIG_IGN);
  mallopt (M_ARENA_MAX, MAX_ARENAS);
  raise_descriptor_limit ();
}

/**
 * mk_process_max_connections:
 *
 * Returns: for how many connections there are descriptors
 */
guint
mk_process_max_connections (void)
{
  struct rlimit limit;
  rlim_t descriptors = OTHER_DESCRIPTORS + 1;

  if (getrlimit (RLIMIT_NOFILE, &limit) == 0)
    descriptors = CLAMP (limit.rlim_cur, OTHER_DESCRIPTORS + 1, MANY_DESCRIPTORS);
  return (guint) (descriptors - OTHER_DESCRIPTORS);
}

static void
give_up (int number)
{
  static const char message[] = "meerkatd: could not stop in time, the disk does not answer\n";

  G_GNUC_UNUSED gssize written = write (STDERR_FILENO, message, sizeof message - 1);

  _exit (EXIT_FAILURE);
}

/**
 * mk_process_end_within:
 * @milliseconds: how long from now
 *
 * Ends the process with a failure if it is still there then, even if the main loop hangs.
 */
void
mk_process_end_within (guint milliseconds)
{
  struct itimerval timer = { .it_value = { milliseconds / 1000, milliseconds % 1000 * 1000 } };

  signal (SIGALRM, give_up);
  setitimer (ITIMER_REAL, &timer, NULL);
}
