/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "bench-options.h"

#include "bench-schedule.h"
#include "mk-error.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

/* What the program has open beside its clients. */
#define OTHER_DESCRIPTORS 64

/* A number of the plan, and what it may be. */
typedef struct
{
  const char *name;
  const char *argument;
  const char *help;
  gsize offset;
  gboolean real; /* a double; else a guint */
  double min, max, initial;
} Number;

#define COUNT(member) G_STRUCT_OFFSET (BenchPlan, member), FALSE
#define REAL(member)  G_STRUCT_OFFSET (BenchPlan, member), TRUE

static const Number numbers[] = {
  { "clients", "N", "people who move things", COUNT (clients), 1, 100000, 5 },
  { "rate", "HZ", "how often each of them sends", REAL (rate_hz), 0.1, 1000, 30 },
  { "duration", "S", "seconds that are measured", REAL (duration_s), 0.1, 86400, 10 },
  { "warm-up", "S", "seconds before it is measured", REAL (warm_up_s), 0, 3600, 2 },
  { "objects", "N", "objects that each of them moves at once; more than one go into a BATCH",
    COUNT (objects), 1, 1000, 1 },
  { "sessions", "N", "sessions that they are spread over", COUNT (sessions), 1, 10000, 1 },
  { "scene", "N", "objects that lie around in the first session", COUNT (scene), 0, 1000000, 0 },
  { "idle", "N", "people who are only there, in sessions of 10 of their own", COUNT (idle), 0, 100000,
    0 },
  { "churn", "N", "people a second who join the first session and go at once", COUNT (churn), 0, 1000,
    0 },
  { "storm", "N", "people who join the first session at once, in the middle", COUNT (storm), 0, 100000,
    0 },
  { "stuck", "N", "people in the first session who stop reading", COUNT (stuck), 0, 10000, 0 },
};

static gboolean
read_number (const char *option, const char *value, gpointer data, GError **error)
{
  BenchPlan *plan = data;
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
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "%s: \"%s\" is not a%s number from %g to %.0f",
                   option, value, number->real ? "" : " whole", number->min, number->max);
      return FALSE;
    }
  if (number->real)
    G_STRUCT_MEMBER (double, plan, number->offset) = n;
  else
    G_STRUCT_MEMBER (guint, plan, number->offset) = (guint) n;
  return TRUE;
}

static void
set_initial (BenchPlan *plan)
{
  *plan = (BenchPlan){ .batch = TRUE };
  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    if (numbers[i].real)
      G_STRUCT_MEMBER (double, plan, numbers[i].offset) = numbers[i].initial;
    else
      G_STRUCT_MEMBER (guint, plan, numbers[i].offset) = (guint) numbers[i].initial;
}

/* Takes what stands behind "--" for the server. */
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
               "%u connections are more than the limit on open files, %lu, allows (ulimit -Hn)", wanted,
               (unsigned long) limit.rlim_cur);
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
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   "--rate: %u clients at %g Hz are %.0f messages a second; at most %.0f can be told "
                   "apart", plan->clients, plan->rate_hz, sends, most);
      return FALSE;
    }
  return raise_descriptor_limit (plan->clients + plan->idle + plan->storm + plan->stuck + 2 * plan->churn,
                                 error);
}

static GArray *
make_entries (BenchOptions *self, char **url, gboolean *no_batch)
{
  GArray *entries = g_array_new (TRUE, TRUE, sizeof (GOptionEntry));
  GOptionEntry others[] = {
    { "url", 0, 0, G_OPTION_ARG_STRING, url, NULL, NULL },
    { "tls", 0, 0, G_OPTION_ARG_NONE, &self->plan.tls, NULL, NULL },
    { "no-batch", 0, 0, G_OPTION_ARG_NONE, no_batch, NULL, NULL },
    { "json", 0, 0, G_OPTION_ARG_NONE, &self->json, NULL, NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      GOptionEntry entry = { numbers[i].name, 0, 0, G_OPTION_ARG_CALLBACK, (gpointer) read_number,
                             NULL, NULL };

      g_array_append_val (entries, entry);
    }
  g_array_append_vals (entries, others, G_N_ELEMENTS (others));
  return entries;
}

/**
 * bench_options_parse:
 * @self: (out): options; to be cleared in any case
 * @argc: number of arguments
 * @argv: (array length=argc): the program's arguments, @argv[0] among them
 * @error: what is wrong (G_OPTION_ERROR)
 *
 * Returns: whether that is how the program is called
 */
gboolean
bench_options_parse (BenchOptions *self, int argc, char **argv, GError **error)
{
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GArray) entries = NULL;
  GOptionGroup *group = g_option_group_new ("bench", "", "", &self->plan, NULL);
  gboolean no_batch = FALSE;

  *self = (BenchOptions){ .daemon = split (&argc, argv) };
  set_initial (&self->plan);
  entries = make_entries (self, &self->url, &no_batch);
  g_option_group_add_entries (group, (const GOptionEntry *) (gpointer) entries->data);
  g_option_context_set_help_enabled (context, FALSE);
  g_option_context_set_main_group (context, group);
  if (!g_option_context_parse (context, &argc, &argv, error))
    return FALSE;
  self->plan.batch = !no_batch;

  if (argc > 1)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
                   "there is no command \"%s\"; see meerkat-bench --help", argv[1]);
      return FALSE;
    }
  if (self->url != NULL && (self->daemon != NULL || self->plan.tls))
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
                   "--url: %s is for a server that is started here; this one runs already",
                   self->plan.tls ? "--tls" : "what stands behind --");
      return FALSE;
    }
  return bench_plan_check (&self->plan, error);
}

/**
 * bench_options_clear:
 * @self: options
 */
void
bench_options_clear (BenchOptions *self)
{
  g_clear_pointer (&self->url, g_free);
  g_clear_pointer (&self->daemon, g_strfreev);
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
  GString *out = g_string_new ("Usage: meerkat-bench [OPTION]… [-- OPTION OF THE SERVER…]\n"
                               "Measure a Meerkat server with many clients, over its own protocol.\n\n");

  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      g_autofree char *help = g_strdup_printf ("%s [%g]", numbers[i].help, numbers[i].initial);

      append_option (out, numbers[i].name, numbers[i].argument, help);
    }
  append_option (out, "no-batch", "", "clients do not ask for batches: a frame for each event");
  append_option (out, "tls", "", "the server that is started serves wss");
  append_option (out, "url", "URL", "measure the server that runs there, such as ws://127.0.0.1:8080/ws");
  append_option (out, "json", "", "print the result as JSON");
  append_option (out, "version", "", "print the version and exit");
  append_option (out, "help", "", "print this and exit");
  g_string_append (out,
                   "\nIn brackets: the default. Without --url a meerkatd is started on a new state in "
                   "/var/tmp,\nwith the limits on rates and users lifted: the one beside this program, "
                   "else the one in\nPATH, else what the environment variable MEERKATD says.\n");
  return g_string_free (out, FALSE);
}
