/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-outbox.h"

static guint64
append (MkOutbox *outbox)
{
  g_autoptr (GRefString) user = g_ref_string_new ("ada");
  MkEvent *event = mk_event_new (MK_EVENT_MARK, 0, user);
  guint64 sequence = mk_outbox_append (outbox, event);

  g_assert_cmpuint (event->sequence, ==, sequence);
  g_assert_true (mk_outbox_get (outbox, sequence) == event);
  return sequence;
}

static void
append_many (MkOutbox *outbox, guint n)
{
  for (guint i = 0; i < n; i++)
    append (outbox);
}

static void
assert_places (MkOutbox *outbox, guint64 oldest, guint64 head, guint64 tail)
{
  g_assert_cmpuint (mk_outbox_get_oldest (outbox), ==, oldest);
  g_assert_cmpuint (mk_outbox_get_head (outbox), ==, head);
  g_assert_cmpuint (mk_outbox_get_tail (outbox), ==, tail);
}

static void
test_empty (void)
{
  g_autoptr (MkOutbox) outbox = mk_outbox_new ();

  assert_places (outbox, 1, 0, 0);
  g_assert_false (mk_outbox_is_awaiting (outbox));
  g_assert_false (mk_outbox_advance (outbox, 0));
  mk_outbox_trim (outbox, G_MAXUINT64);
  assert_places (outbox, 1, 0, 0);
}

/* What waits for nothing may be told at the next advance, not before. */
static void
test_presence (void)
{
  g_autoptr (MkOutbox) outbox = mk_outbox_new ();

  g_assert_cmpuint (append (outbox), ==, 1);
  g_assert_cmpuint (append (outbox), ==, 2);
  assert_places (outbox, 1, 0, 2);
  g_assert_true (mk_outbox_advance (outbox, 0));
  assert_places (outbox, 1, 2, 2);
  g_assert_false (mk_outbox_advance (outbox, 0));
}

/* The head stands before the first event that is not on disk, and presence queues behind it. */
static void
test_await (void)
{
  g_autoptr (MkOutbox) outbox = mk_outbox_new ();

  append_many (outbox, 2);
  mk_outbox_advance (outbox, 0);
  append_many (outbox, 3);
  mk_outbox_await (outbox, 4, 5);
  g_assert_true (mk_outbox_is_awaiting (outbox));
  g_assert_true (mk_outbox_advance (outbox, 0));
  assert_places (outbox, 1, 3, 5);

  append_many (outbox, 1);
  g_assert_false (mk_outbox_advance (outbox, 0));
  g_assert_false (mk_outbox_advance (outbox, 4));
  assert_places (outbox, 1, 3, 6);

  g_assert_true (mk_outbox_advance (outbox, 5));
  g_assert_false (mk_outbox_is_awaiting (outbox));
  assert_places (outbox, 1, 6, 6);
}

/* One report may cover several entries, and only some of those that wait. */
static void
test_several_spans (void)
{
  g_autoptr (MkOutbox) outbox = mk_outbox_new ();

  append_many (outbox, 9);
  mk_outbox_await (outbox, 1, 2);
  mk_outbox_await (outbox, 4, 5);
  mk_outbox_await (outbox, 8, 8);
  g_assert_false (mk_outbox_advance (outbox, 1));
  g_assert_true (mk_outbox_advance (outbox, 5));
  assert_places (outbox, 1, 7, 9);
  g_assert_true (mk_outbox_is_awaiting (outbox));
  g_assert_true (mk_outbox_advance (outbox, G_MAXUINT64));
  assert_places (outbox, 1, 9, 9);
}

/* The ring grows over its seam without mixing anything up. */
static void
test_growth (void)
{
  g_autoptr (MkOutbox) outbox = mk_outbox_new ();

  append_many (outbox, 10);
  mk_outbox_advance (outbox, 0);
  mk_outbox_trim (outbox, 7);
  assert_places (outbox, 8, 10, 10);

  append_many (outbox, 500);
  mk_outbox_await (outbox, 11, 510);
  for (guint64 s = 8; s <= 510; s++)
    g_assert_cmpuint (mk_outbox_get (outbox, s)->sequence, ==, s);
}

static void
test_trim (void)
{
  g_autoptr (MkOutbox) outbox = mk_outbox_new ();

  append_many (outbox, 6);
  mk_outbox_await (outbox, 5, 6);
  mk_outbox_advance (outbox, 0);
  mk_outbox_trim (outbox, 2);
  assert_places (outbox, 3, 4, 6);
  mk_outbox_trim (outbox, 1);
  assert_places (outbox, 3, 4, 6);

  /* Nothing beyond the head goes. */
  mk_outbox_trim (outbox, 6);
  assert_places (outbox, 5, 4, 6);
  g_assert_cmpuint (mk_outbox_get (outbox, 5)->sequence, ==, 5);

  mk_outbox_advance (outbox, 6);
  mk_outbox_trim (outbox, 6);
  assert_places (outbox, 7, 6, 6);
}

/* Nobody has to trim for memory to be bounded: of what could be told before, a fixed number is kept. */
static void
test_bound (void)
{
  g_autoptr (MkOutbox) outbox = mk_outbox_new ();

  append_many (outbox, MK_OUTBOX_KEEP + 50);
  mk_outbox_await (outbox, 1, MK_OUTBOX_KEEP + 50);
  g_assert_false (mk_outbox_advance (outbox, 0));
  assert_places (outbox, 1, 0, MK_OUTBOX_KEEP + 50);
  mk_outbox_advance (outbox, MK_OUTBOX_KEEP + 50);
  assert_places (outbox, 1, MK_OUTBOX_KEEP + 50, MK_OUTBOX_KEEP + 50);

  append_many (outbox, 7);
  mk_outbox_advance (outbox, 0);
  assert_places (outbox, 51, MK_OUTBOX_KEEP + 57, MK_OUTBOX_KEEP + 57);
  append_many (outbox, 1);
  mk_outbox_advance (outbox, 0);
  assert_places (outbox, 58, MK_OUTBOX_KEEP + 58, MK_OUTBOX_KEEP + 58);
}

/* Those who keep up find what was held back, however much it is. */
static void
test_held_back (void)
{
  g_autoptr (MkOutbox) outbox = mk_outbox_new ();

  append_many (outbox, 10);
  mk_outbox_advance (outbox, 0);
  mk_outbox_set_told (outbox, 10);
  for (guint i = 0; i < 3; i++)
    {
      append_many (outbox, MK_OUTBOX_KEEP);
      mk_outbox_advance (outbox, 0);
    }
  assert_places (outbox, 11, 10 + 3 * MK_OUTBOX_KEEP, 10 + 3 * MK_OUTBOX_KEEP);

  mk_outbox_set_told (outbox, 10 + 3 * MK_OUTBOX_KEEP);
  append_many (outbox, 1);
  mk_outbox_advance (outbox, 0);
  assert_places (outbox, 11 + 2 * MK_OUTBOX_KEEP, 11 + 3 * MK_OUTBOX_KEEP, 11 + 3 * MK_OUTBOX_KEEP);
}

/* A selection of 1,000 ids takes as much room as a hundred other events. */
static void
test_weight (void)
{
  g_autoptr (MkOutbox) outbox = mk_outbox_new ();
  g_autoptr (GPtrArray) ids = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GRefString) user = g_ref_string_new ("u");

  for (guint i = 0; i < 1000; i++)
    g_ptr_array_add (ids, g_strdup_printf ("%u", i));
  g_ptr_array_add (ids, NULL);
  for (guint i = 0; i < 50; i++)
    {
      MkEvent *event = mk_event_new (MK_EVENT_USER_SELECTED, 0, user);

      event->selection = mk_selection_new (NULL, (const char *const *) ids->pdata);
      mk_outbox_append (outbox, event);
      mk_outbox_advance (outbox, 0);
    }
  assert_places (outbox, 50 - MK_OUTBOX_KEEP / 101, 50, 50);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/outbox/empty", test_empty);
  g_test_add_func ("/outbox/presence", test_presence);
  g_test_add_func ("/outbox/await", test_await);
  g_test_add_func ("/outbox/several-spans", test_several_spans);
  g_test_add_func ("/outbox/growth", test_growth);
  g_test_add_func ("/outbox/trim", test_trim);
  g_test_add_func ("/outbox/bound", test_bound);
  g_test_add_func ("/outbox/held-back", test_held_back);
  g_test_add_func ("/outbox/weight", test_weight);
  return g_test_run ();
}
