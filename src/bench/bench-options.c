/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "bench-options.h"

#include "bench-scenarios.h"
#include "bench-schedule.h"
#include "mk-error.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

/* What the program has open beside its clients. */
#define OTHER_DESCRIPTORS 64

/* A number, and what it may be. */
typedef struct
{
  BenchCommand commands; /* that it is an option of */
  const char *name;
  const char *argument;
  const char *help;
  gsize offset;
  gboolean real; /* a double; else a guint */
  double min, max, initial;
} Number;

#define COUNT(member) G_STRUCT_OFFSET (BenchOptions, member), FALSE
#define REAL(member)  G_STRUCT_OFFSET (BenchOptions, member), TRUE
#define RUN           BENCH_COMMAND_RUN

static const Number numbers[] = {
  { RUN, "clients", "N", "people who move things", COUNT (plan.clients), 1, 100000, 5 },
  { RUN, "rate", "HZ", "how often each of them sends", REAL (plan.rate_hz), 0.1, 1000, 30 },
  { BENCH_COMMAND_ALL, "duration", "S", "seconds that are measured", REAL (plan.duration_s), 0.1,
    86400, 10 },
  { BENCH_COMMAND_ALL, "warm-up", "S", "seconds before it is measured", REAL (plan.warm_up_s), 0,
    3600, 2 },
  { RUN, "objects", "N", "objects that each of them moves at once; more than one go into a BATCH",
    COUNT (plan.objects), 1, 1000, 1 },
  { RUN, "sessions", "N", "sessions that they are spread over", COUNT (plan.sessions), 1, 10000,
    1 },
  { RUN, "scene", "N", "objects that lie around in the first session", COUNT (plan.scene), 0,
    1000000, 0 },
  { RUN, "idle", "N", "people who are only there, in sessions of 10 of their own",
    COUNT (plan.idle), 0, 100000, 0 },
  { RUN, "churn", "N", "people a second who join the first session and go at once",
    COUNT (plan.churn), 0, 1000, 0 },
  { RUN, "storm", "N", "people who join the first session at once, in the middle",
    COUNT (plan.storm), 0, 100000, 0 },
  { RUN, "stuck", "N", "people in the first session who stop reading", COUNT (plan.stuck), 0, 10000,
    0 },
  { BENCH_COMMAND_COMPARE, "rounds", "N", "how often each server has its turn", COUNT (rounds), 1,
    100, 3 },
};

static gboolean
read_number (const char *option, const char *value, gpointer data, GError **error)
{
  BenchOptions *self = data;
  const Number *number = NULL;
  char *end;
  double n = g_ascii_strtod (value, &end);

  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    if (g_str_equal (numbers[i].name, option + strspn (option, "-")))
      number = &numbers[i];
  g_return_val_if_fail (number != NULL, FALSE);

  if (end == value || *end != '\0' || !(n >= number->min && n <= number->max)
      || (!number->real && n != (double) (guint) n))
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   "%s: \"%s\" is not a%s number from %g to %.0f", option, value,
                   number->real ? "" : " whole", number->min, number->max);
      return FALSE;
    }
  if (number->real)
    G_STRUCT_MEMBER (double, self, number->offset) = n;
  else
    G_STRUCT_MEMBER (guint, self, number->offset) = (guint) n;
  return TRUE;
}

static void
set_initial (BenchOptions *self)
{
  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    if (numbers[i].real)
      G_STRUCT_MEMBER (double, self, numbers[i].offset) = numbers[i].initial;
    else
      G_STRUCT_MEMBER (guint, self, numbers[i].offset) = (guint) numbers[i].initial;
}

/* Takes what stands behind "--": it is for a server. */
static GStrv
split (int *argc, char **argv)
{
  for (int i = 1; i < *argc; i++)
    if (g_str_equal (argv[i], "--"))
      {
        GStrv rest = g_strdupv (argv + i + 1);

        *argc = i;
        return rest;
      }
  return NULL;
}

static gboolean
raise_descriptor_limit (guint wanted, GError **error)
{
  struct rlimit limit;

  if (getrlimit (RLIMIT_NOFILE, &limit) != 0)
    return TRUE;
  limit.rlim_cur = limit.rlim_max;
  setrlimit (RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur >= wanted + OTHER_DESCRIPTORS)
    return TRUE;
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
               "%u connections are more than the limit on open files, %lu, allows (ulimit -Hn)",
               wanted, (unsigned long) limit.rlim_cur);
  return FALSE;
}

/**
 * bench_plan_check:
 * @plan: a plan
 * @error: what cannot be (G_OPTION_ERROR)
 *
 * Raises the limit on open files, too.
 *
 * Returns: whether that can be done
 */
gboolean
bench_plan_check (const BenchPlan *plan, GError **error)
{
  double sends = plan->clients * plan->rate_hz;
  double most = G_USEC_PER_SEC / BENCH_SCHEDULE_MIN_STEP_US;

  if (plan->sessions > plan->clients)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   "--sessions: %u sessions need as many clients; there are %u", plan->sessions,
                   plan->clients);
      return FALSE;
    }
  if (sends > most)
    {
      g_set_error (
          error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
          "--rate: %u clients at %g Hz are %.0f messages a second; at most %.0f can be told "
          "apart",
          plan->clients, plan->rate_hz, sends, most);
      return FALSE;
    }
  return raise_descriptor_limit (
      plan->clients + plan->idle + plan->storm + plan->stuck + 2 * plan->churn, error);
}

static GArray *
make_entries (BenchOptions *self, BenchCommand command, gboolean *no_batch)
{
  GArray *entries = g_array_new (TRUE, TRUE, sizeof (GOptionEntry));
  struct
  {
    BenchCommand commands;
    GOptionEntry entry;
  } others[] = {
    { RUN, { "url", 0, 0, G_OPTION_ARG_STRING, &self->url, NULL, NULL } },
    { RUN, { "tls", 0, 0, G_OPTION_ARG_NONE, &self->plan.tls, NULL, NULL } },
    { RUN, { "no-batch", 0, 0, G_OPTION_ARG_NONE, no_batch, NULL, NULL } },
    { BENCH_COMMAND_SUITE, { "plot", 0, 0, G_OPTION_ARG_FILENAME, &self->plot, NULL, NULL } },
    { BENCH_COMMAND_ALL, { "json", 0, 0, G_OPTION_ARG_NONE, &self->json, NULL, NULL } },
  };

  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      GOptionEntry entry
          = { numbers[i].name, 0, 0, G_OPTION_ARG_CALLBACK, (gpointer) read_number, NULL, NULL };

      if (numbers[i].commands & command)
        g_array_append_val (entries, entry);
    }
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    if (others[i].commands & command)
      g_array_append_val (entries, others[i].entry);
  return entries;
}

static gboolean
check (const BenchOptions *self, BenchCommand command, GError **error)
{
  if (self->names != NULL && command != BENCH_COMMAND_SUITE)
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
                 "%s \"%s\"; see meerkat-bench --help",
                 command == RUN ? "there is no command" : "compare takes no", self->names[0]);
  else if (self->url != NULL && (self->rest != NULL || self->plan.tls))
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
                 "--url: %s is for a server that is started here; this one runs already",
                 self->plan.tls ? "--tls" : "what stands behind --");
  else if (command == BENCH_COMMAND_COMPARE && (self->rest == NULL || self->rest[0] == NULL))
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
                 "compare: the command of the other server is missing; it stands behind --");
  else
    return command != RUN || bench_plan_check (&self->plan, error);
  return FALSE;
}

/**
 * bench_options_parse:
 * @self: (out): options; to be cleared in any case
 * @command: what they are for
 * @argc: number of arguments
 * @argv: (array length=argc): the program's name and what follows, without the command
 * @error: what is wrong (G_OPTION_ERROR)
 *
 * Returns: whether that is how the program is called
 */
gboolean
bench_options_parse (BenchOptions *self, BenchCommand command, int argc, char **argv,
                     GError **error)
{
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GArray) entries = NULL;
  GOptionGroup *group = g_option_group_new ("bench", "", "", self, NULL);
  gboolean no_batch = FALSE;

  *self = (BenchOptions){ .rest = split (&argc, argv) };
  set_initial (self);
  entries = make_entries (self, command, &no_batch);
  g_option_group_add_entries (group, (const GOptionEntry *) (gpointer) entries->data);
  g_option_context_set_help_enabled (context, FALSE);
  g_option_context_set_main_group (context, group);
  argv = g_memdup2 (argv, sizeof (char *) * ((gsize) argc + 1));
  argv[argc] = NULL;
  if (g_option_context_parse (context, &argc, &argv, error))
    {
      self->plan.batch = !no_batch;
      if (argc > 1)
        self->names = g_strdupv (argv + 1);
      g_free (argv);
      return check (self, command, error);
    }
  g_free (argv);
  return FALSE;
}

/**
 * bench_options_clear:
 * @self: options
 */
void
bench_options_clear (BenchOptions *self)
{
  g_clear_pointer (&self->url, g_free);
  g_clear_pointer (&self->plot, g_free);
  g_clear_pointer (&self->names, g_strfreev);
  g_clear_pointer (&self->rest, g_strfreev);
}

static void
append_option (GString *out, const char *name, const char *argument, const char *help)
{
  g_autofree char *head = g_strjoin (*argument != '\0' ? " " : "", name, argument, NULL);

  g_string_append_printf (out, "  --%-14s %s\n", head, help);
}

/**
 * bench_options_help:
 *
 * Returns: (transfer full): what --help prints
 */
char *
bench_options_help (void)
{
  GString *out = g_string_new (
      "Usage: meerkat-bench [OPTION]… [-- OPTION OF THE SERVER…]\n"
      "       meerkat-bench suite [OPTION]… [SCENARIO…] [-- OPTION OF THE SERVER…]\n"
      "       meerkat-bench compare [OPTION]… -- COMMAND OF ANOTHER SERVER…\n"
      "Measure a Meerkat server with many clients, over its own protocol: one load, a row of\n"
      "loads, or some beside another server that speaks the protocol.\n\n");
  guint n_scenarios;
  const BenchScenario *scenarios = bench_scenarios_get (&n_scenarios);

  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      g_autofree char *help = g_strdup_printf (
          "%s%s [%g]", numbers[i].commands == BENCH_COMMAND_COMPARE ? "compare: " : "",
          numbers[i].help, numbers[i].initial);

      append_option (out, numbers[i].name, numbers[i].argument, help);
    }
  append_option (out, "no-batch", "", "clients do not ask for batches: a frame for each event");
  append_option (out, "tls", "", "the server that is started serves wss");
  append_option (out, "url", "URL",
                 "measure the server that runs there, such as ws://127.0.0.1:8080/ws");
  append_option (out, "plot", "FILE", "suite: draw latency against load, as SVG");
  append_option (out, "json", "", "print the result as JSON");
  append_option (out, "version", "", "print the version and exit");
  append_option (out, "help", "", "print this and exit");
  g_string_append (
      out, "\nIn brackets: the default. suite and compare take --duration, --warm-up, --json "
           "and what is said to\nbe theirs. Scenarios of the suite:\n\n");
  for (guint i = 0; i < n_scenarios; i++)
    g_string_append_printf (out, "  %-16s %s\n", scenarios[i].name, scenarios[i].title);
  g_string_append (
      out, "\nWithout --url a meerkatd is started on a new state in /var/tmp or $TMPDIR, with "
           "the limits on\nrates and users lifted: the one beside this program, else the one in "
           "PATH, or "
           "what the environment\nvariable MEERKATD says. Another server must print a line \"… "
           "listening on ws://HOST:PORT/PATH\".\n");
  return g_string_free (out, FALSE);
}
