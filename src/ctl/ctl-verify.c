/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "ctl.h"

#include "mk-log.h"
#include "mk-state-dir.h"
#include "mk-verify.h"

#include <stdio.h>

static char *
get_state (const MkFinding *finding)
{
  if (finding->problem != NULL)
    return g_strdup_printf (_ ("DAMAGED: %s"), finding->problem);
  if (finding->set_aside)
    return g_strdup (_ ("set aside as damaged"));
  if (finding->closed_at < 0)
    return g_strdup (_ ("being purged"));
  return g_strdup (finding->closed_at > 0 ? _ ("ok, closed") : _ ("ok"));
}

static char *
get_history (const MkFinding *finding)
{
  if (finding->first_event == 0)
    return g_strdup ("-");
  return g_strdup_printf ("%" G_GUINT64_FORMAT "-%" G_GUINT64_FORMAT, finding->first_event,
                          finding->revision);
}

static void
print_findings (Ctl *ctl, GPtrArray *findings, GPtrArray *problems)
{
  static const char *const titles[] = { N_ ("SESSION"), N_ ("OBJECTS"), N_ ("REVISION"), N_ ("HISTORY"),
                                        N_ ("STATE"), NULL };
  CtlTable *table = ctl_table_new (ctl, titles);

  for (guint i = 0; i < findings->len; i++)
    {
      const MkFinding *finding = findings->pdata[i];
      g_autofree char *objects = g_strdup_printf ("%u", finding->object_count);
      g_autofree char *revision = g_strdup_printf ("%" G_GUINT64_FORMAT, finding->revision);
      g_autofree char *history = get_history (finding);
      g_autofree char *state = get_state (finding);

      ctl_table_add (table, finding->id != NULL ? finding->id : "?", objects, revision, history, state,
                     NULL);
    }
  ctl_table_print (table);
  for (guint i = 0; i < problems->len; i++)
    {
      g_autofree char *line = g_strdup_printf (_ ("The database: %s"), (char *) problems->pdata[i]);

      printf ("%s%s%s\n", ctl_red (ctl), line, ctl_plain (ctl));
    }
}

static void
print_json (GPtrArray *findings, GPtrArray *problems)
{
  GVariantBuilder sessions;
  GVariantDict whole;

  g_variant_builder_init (&sessions, G_VARIANT_TYPE ("aa{sv}"));
  for (guint i = 0; i < findings->len; i++)
    {
      const MkFinding *finding = findings->pdata[i];
      g_autofree char *state = get_state (finding);
      GVariantDict one;

      g_variant_dict_init (&one, NULL);
      g_variant_dict_insert (&one, "Id", "s", finding->id != NULL ? finding->id : "");
      g_variant_dict_insert (&one, "ObjectCount", "u", finding->object_count);
      g_variant_dict_insert (&one, "Revision", "t", finding->revision);
      g_variant_dict_insert (&one, "FirstEvent", "t", finding->first_event);
      g_variant_dict_insert (&one, "State", "s", state);
      g_variant_dict_insert (&one, "Damaged", "b", finding->problem != NULL);
      g_variant_builder_add_value (&sessions, g_variant_dict_end (&one));
    }
  g_variant_dict_init (&whole, NULL);
  g_variant_dict_insert_value (&whole, "Sessions", g_variant_builder_end (&sessions));
  g_variant_dict_insert_value (&whole, "Problems",
                               g_variant_new_strv ((const char *const *) problems->pdata, problems->len));
  ctl_print_json (g_variant_dict_end (&whole));
}

typedef struct
{
  gint64 shown_us; /* at first: when it began */
  gboolean shown;
} Progress;

static void
show_progress (guint n_done, guint n_sessions, gpointer user_data)
{
  Progress *progress = user_data;
  gint64 now = g_get_monotonic_time ();

  if (now - progress->shown_us < G_USEC_PER_SEC)
    return;
  fputc ('\r', stderr);
  fprintf (stderr, ngettext ("Verifying … %u of %u session", "Verifying … %u of %u sessions", n_sessions),
           n_done, n_sessions);
  fputs (" \033[K", stderr);
  progress->shown_us = now;
  progress->shown = TRUE;
}

static CtlExit
verify (Ctl *ctl, MkStore *store, const char *what)
{
  g_autoptr (GPtrArray) problems = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;
  Progress progress = { g_get_monotonic_time (), FALSE };
  g_autoptr (GPtrArray) findings = mk_verify_store (store, problems, ctl->live ? show_progress : NULL,
                                                    &progress, &error);
  guint n_damaged = 0;

  if (progress.shown)
    fputs ("\r\033[K", stderr);
  if (findings == NULL)
    {
      g_prefix_error (&error, "%s: ", what);
      return ctl_report (error);
    }
  for (guint i = 0; i < findings->len; i++)
    n_damaged += ((MkFinding *) findings->pdata[i])->problem != NULL;

  if (ctl->json)
    print_json (findings, problems);
  else
    print_findings (ctl, findings, problems);
  if (n_damaged == 0 && problems->len == 0)
    return CTL_DONE;
  fputs ("meerkatctl: ", stderr);
  fprintf (stderr,
           ngettext ("%s is damaged: %u of %u session\n", "%s is damaged: %u of %u sessions\n",
                     findings->len),
           what, n_damaged, findings->len);
  return CTL_FAILED;
}

static CtlExit
verify_backup (Ctl *ctl, const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MkStore) store = mk_store_open_copy (path, &error);

  if (store != NULL)
    return verify (ctl, store, path);
  g_prefix_error (&error, "%s: ", path);
  return ctl_report (error);
}

/* The directory is not made, and a database that is not there is not begun. */
static CtlExit
verify_state_dir (Ctl *ctl, const char *path)
{
  g_autofree char *database = g_build_filename (path, "meerkat.db", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (MkStateDir) dir = NULL;
  g_autoptr (MkStore) store = NULL;

  if (!g_file_test (database, G_FILE_TEST_EXISTS))
    {
      fprintf (stderr, _ ("meerkatctl: there is no %s\n"), database);
      return CTL_FAILED;
    }
  dir = mk_state_dir_open (path, &error);
  store = dir != NULL ? mk_store_open (database, NULL, &error) : NULL;
  return store != NULL ? verify (ctl, store, database) : ctl_report (error);
}

static char *
get_default_dir (void)
{
  const char *given = g_getenv ("STATE_DIRECTORY");

  return given != NULL ? g_strdup (given) : g_build_filename (g_get_user_state_dir (), "meerkat", NULL);
}

/**
 * ctl_verify:
 *
 * meerkatctl verify [--state-dir DIR | --backup FILE]
 */
CtlExit
ctl_verify (Ctl *ctl, int argc, char **argv)
{
  g_autofree char *state_dir = NULL;
  g_autofree char *backup = NULL;
  GOptionEntry entries[] = {
    { "state-dir", 0, 0, G_OPTION_ARG_FILENAME, &state_dir, NULL, NULL },
    { "backup", 0, 0, G_OPTION_ARG_FILENAME, &backup, NULL, NULL },
    { NULL },
  };

  if (!ctl_args_parse (ctl_table_find ("verify"), &argc, &argv, entries, 0, 0))
    return CTL_USAGE;
  if (state_dir != NULL && backup != NULL)
    return ctl_complain (_ ("verify: --state-dir or --backup, not both"));

  mk_log_init (MK_LOG_FORMAT_TEXT, G_LOG_LEVEL_WARNING);
  if (backup != NULL)
    return verify_backup (ctl, backup);
  if (state_dir == NULL)
    state_dir = get_default_dir ();
  return verify_state_dir (ctl, state_dir);
}
