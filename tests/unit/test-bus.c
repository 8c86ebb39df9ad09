/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-bus-error.h"
#include "mk-bus-facts.h"
#include "mk-bus-path.h"
#include "mk-descriptor.h"
#include "mk-gate.h"

#include <fcntl.h>
#include <glib-unix.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

static void
test_escape (void)
{
  static const char *const cases[][2] = {
    { "", "_" },          { "abc", "abc" },       { "a1", "a1" },         { "1a", "_31a" },
    { "shot-010", "shot_2d010" }, { "a_b", "a_5fb" }, { "_", "_5f" },     { "a.b", "a_2eb" },
    { "\xc3\xa9", "_c3_a9" },     { "A~ z", "A_7e_20z" }, { "__", "_5f_5f" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *label = mk_bus_path_escape (cases[i][0]);
      g_autofree char *session = mk_bus_path_session (cases[i][0]);
      g_autofree char *user = mk_bus_path_user (session, cases[i][0]);

      g_assert_cmpstr (label, ==, cases[i][1]);
      g_assert_true (g_variant_is_object_path (session));
      g_assert_true (g_variant_is_object_path (user));
    }
}

/* Two texts never get the same label. */
static void
test_escape_is_unique (void)
{
  g_autoptr (GHashTable) labels = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint a = 0x21; a < 0x7f; a++)
    for (guint b = 0x20; b < 0x7f; b++)
      {
        const char text[] = { (char) a, (char) b, '\0' };

        g_assert_true (g_hash_table_add (labels, mk_bus_path_escape (text)));
      }
}

static void
test_errors (void)
{
  static const struct
  {
    MkError code;
    const char *name;
  } cases[] = {
    { MK_ERROR_SESSION_NOT_FOUND, "org.meerkat.Meerkat1.Error.NoSuchSession" },
    { MK_ERROR_USER_NOT_FOUND, "org.meerkat.Meerkat1.Error.NoSuchUser" },
    { MK_ERROR_USER_AMBIGUOUS, "org.meerkat.Meerkat1.Error.AmbiguousUser" },
    { MK_ERROR_STORAGE, "org.meerkat.Meerkat1.Error.JournalFailed" },
    { MK_ERROR_FAILED, "org.meerkat.Meerkat1.Error.Failed" },
    { MK_ERROR_SHUTTING_DOWN, "org.meerkat.Meerkat1.Error.Failed" },
    { MK_ERROR_INVALID, "org.freedesktop.DBus.Error.InvalidArgs" },
    { MK_ERROR_FORBIDDEN, "org.freedesktop.DBus.Error.AccessDenied" },
  };
  g_autoptr (GError) foreign = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_BUSY, "");

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = g_error_new_literal (MK_ERROR, (int) cases[i].code, "");

      g_assert_cmpstr (mk_bus_error_get_name (error), ==, cases[i].name);
    }
  for (int code = 0; code < MK_N_ERRORS; code++)
    {
      g_autoptr (GError) error = g_error_new_literal (MK_ERROR, code, "");

      g_assert_true (g_dbus_is_interface_name (mk_bus_error_get_name (error)));
    }
  g_assert_cmpstr (mk_bus_error_get_name (foreign), ==, "org.meerkat.Meerkat1.Error.Failed");
}

static MkSessionFacts
make_facts (void)
{
  return (MkSessionFacts){ .id = g_ref_string_new ("stage"),
                           .epoch = g_ref_string_new ("one"),
                           .user_count = 1,
                           .revision = 5 };
}

/* Every property that is described has its place, and no other. */
static void
test_facts_are_complete (void)
{
  const MkFactSheet *sheets[] = { &mk_manager_sheet, &mk_session_sheet, &mk_user_sheet };

  for (guint i = 0; i < G_N_ELEMENTS (sheets); i++)
    {
      GDBusPropertyInfo **properties = sheets[i]->get_info ()->properties;
      guint n = 0;

      for (; properties[n] != NULL; n++)
        {
          g_assert_cmpuint (n, <, sheets[i]->n_facts);
          g_assert_cmpstr (sheets[i]->facts[n].property, ==, properties[n]->name);
          g_assert_cmpuint (sheets[i]->facts[n].offset, <, sheets[i]->size);
        }
      g_assert_cmpuint (n, ==, sheets[i]->n_facts);
    }
}

static void
test_facts (void)
{
  MkSessionFacts before = make_facts ();
  MkSessionFacts after = make_facts ();
  g_autoptr (GVariant) all = g_variant_ref_sink (mk_facts_get_all (&mk_session_sheet, &before));
  g_autoptr (GVariant) revision = mk_facts_get (&mk_session_sheet, &before, "Revision");
  g_autoptr (GVariant) changed = NULL;
  guint users = 0;

  g_assert_cmpuint (g_variant_n_children (all), ==, 9);
  g_assert_cmpuint (g_variant_get_uint64 (revision), ==, 5);

  /* What follows the edits is not told. */
  after.revision = 6;
  after.object_count = 7;
  g_assert_null (mk_facts_get_changed (&mk_session_sheet, &before, &after));

  after.user_count = 2;
  changed = g_variant_ref_sink (mk_facts_get_changed (&mk_session_sheet, &before, &after));
  g_assert_cmpuint (g_variant_n_children (changed), ==, 1);
  g_assert_true (g_variant_lookup (changed, "UserCount", "u", &users));
  g_assert_cmpuint (users, ==, 2);

  mk_facts_clear (&mk_session_sheet, &before);
  mk_facts_clear (&mk_session_sheet, &after);
  g_assert_null (before.id);
}

static guint
count_admitted (MkGate *gate, const char *sender, const char *member, guint n, gint64 now)
{
  guint admitted = 0;

  for (guint i = 0; i < n; i++)
    admitted += mk_gate_admit (gate, sender, member, now) != FALSE;
  return admitted;
}

static void
test_gate (void)
{
  g_autoptr (MkGate) gate = mk_gate_new ();
  gint64 now = g_get_monotonic_time () + G_USEC_PER_SEC;

  /* One caller alone: so many at once, and after a while again. */
  g_assert_cmpuint (count_admitted (gate, ":1.1", "Get", 1000, now), ==, 50);
  g_assert_cmpuint (count_admitted (gate, ":1.2", "Get", 10, now), ==, 10);
  now += G_USEC_PER_SEC;
  g_assert_cmpuint (count_admitted (gate, ":1.1", "Get", 1000, now), ==, 50);

  /* All together. */
  now += G_USEC_PER_SEC;
  g_assert_cmpuint (count_admitted (gate, ":1.1", "Get", 1000, now)
                        + count_admitted (gate, ":1.2", "Get", 1000, now)
                        + count_admitted (gate, ":1.3", "Get", 1000, now),
                    ==, 100);

  /* Lists are dearer, whichever it is. */
  now += 10 * G_USEC_PER_SEC;
  g_assert_cmpuint (count_admitted (gate, ":1.4", "GetManagedObjects", 9, now)
                        + count_admitted (gate, ":1.4", "ListSessions", 9, now)
                        + count_admitted (gate, ":1.4", "ListClosed", 9, now),
                    ==, 10);
  g_assert_true (mk_gate_admit (gate, ":1.4", "Get", now));
}

/* A crowd of callers costs no memory without end, and does not open the gate. */
static void
test_gate_crowd (void)
{
  g_autoptr (MkGate) gate = mk_gate_new ();
  gint64 now = g_get_monotonic_time () + G_USEC_PER_SEC;
  guint admitted = 0;

  for (guint i = 0; i < 5000; i++)
    {
      g_autofree char *sender = g_strdup_printf (":1.%u", i);

      admitted += count_admitted (gate, sender, "Get", 1, now);
    }
  g_assert_cmpuint (admitted, ==, 100);
}

static gpointer
read_all (gpointer data)
{
  int fd = GPOINTER_TO_INT (data);
  GString *text = g_string_new (NULL);
  char piece[1000];
  gssize length;

  while ((length = read (fd, piece, sizeof piece)) > 0)
    g_string_append_len (text, piece, length);
  close (fd);
  return text;
}

/* More than a pipe holds arrives whole, and the descriptor is given back as it was. */
static void
test_descriptor (void)
{
  g_autofree char *text = g_strnfill (1000000, 'x');
  g_autoptr (MkDescriptor) descriptor = NULL;
  g_autoptr (GError) error = NULL;
  GThread *reader;
  GString *got;
  MkSink sink;
  int ends[2];
  int ours;

  g_assert_true (g_unix_open_pipe (ends, FD_CLOEXEC, NULL));
  ours = dup (ends[1]);
  descriptor = mk_descriptor_new (ends[1], &error);
  g_assert_no_error (error);
  g_assert_true (fcntl (ours, F_GETFL) & O_NONBLOCK);
  sink = mk_descriptor_get_sink (descriptor);

  reader = g_thread_new ("reader", read_all, GINT_TO_POINTER (ends[0]));
  g_assert_true (mk_sink_write (&sink, text, strlen (text), &error));
  g_clear_pointer (&descriptor, mk_descriptor_free);
  g_assert_false (fcntl (ours, F_GETFL) & O_NONBLOCK);
  close (ours);

  got = g_thread_join (reader);
  g_assert_cmpstr (got->str, ==, text);
  g_string_free (got, TRUE);
}

static gpointer
give_up (gpointer data)
{
  mk_descriptor_give_up (data);
  return NULL;
}

/* Who waits for a reader that does not come can be told to give up. */
static void
test_descriptor_give_up (void)
{
  g_autofree char *text = g_strnfill (1000000, 'x');
  g_autoptr (MkDescriptor) descriptor = NULL;
  g_autoptr (GError) error = NULL;
  GThread *thread;
  MkSink sink;
  int ends[2];

  g_assert_true (g_unix_open_pipe (ends, FD_CLOEXEC, NULL));
  descriptor = mk_descriptor_new (ends[1], NULL);
  sink = mk_descriptor_get_sink (descriptor);
  thread = g_thread_new ("stopper", give_up, descriptor);
  g_assert_false (mk_sink_write (&sink, text, strlen (text), &error));
  g_assert_error (error, MK_ERROR, MK_ERROR_SHUTTING_DOWN);
  g_thread_join (thread);
  close (ends[0]);
}

static void
test_descriptor_refused (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (mk_descriptor_new (open ("/dev/null", O_RDONLY | O_CLOEXEC), &error));
  g_assert_error (error, MK_ERROR, MK_ERROR_INVALID);
}

int
main (int argc, char **argv)
{
  signal (SIGPIPE, SIG_IGN);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/bus/escape", test_escape);
  g_test_add_func ("/bus/escape/unique", test_escape_is_unique);
  g_test_add_func ("/bus/errors", test_errors);
  g_test_add_func ("/bus/facts/complete", test_facts_are_complete);
  g_test_add_func ("/bus/facts", test_facts);
  g_test_add_func ("/bus/gate", test_gate);
  g_test_add_func ("/bus/gate/crowd", test_gate_crowd);
  g_test_add_func ("/bus/descriptor", test_descriptor);
  g_test_add_func ("/bus/descriptor/give-up", test_descriptor_give_up);
  g_test_add_func ("/bus/descriptor/refused", test_descriptor_refused);
  return g_test_run ();
}
