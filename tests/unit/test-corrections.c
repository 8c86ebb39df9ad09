/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-corrections.h"

#define NOW (1000 * G_USEC_PER_SEC)

/* The bound in mk-corrections.c: beyond it the answer is "yes" for any. */
#define MAX_OBJECTS 1024

static void
test_registers (void)
{
  g_autoptr (MkCorrections) corrections = mk_corrections_new ();

  g_assert_false (mk_corrections_contain (corrections, "o", ~(MkRegisters) 0, NOW));
  mk_corrections_add (corrections, "o", MK_REGISTER_NAME, NOW);
  g_assert_true (mk_corrections_contain (corrections, "o", MK_REGISTER_NAME, NOW));
  g_assert_true (mk_corrections_contain (corrections, "o", ~(MkRegisters) 0, NOW));
  g_assert_false (mk_corrections_contain (corrections, "o", MK_REGISTER_TRANSFORM, NOW));
  g_assert_false (mk_corrections_contain (corrections, "p", MK_REGISTER_NAME, NOW));
}

static void
test_window (void)
{
  g_autoptr (MkCorrections) corrections = mk_corrections_new ();

  mk_corrections_add (corrections, "o", MK_REGISTER_NAME, NOW);
  g_assert_true (mk_corrections_contain (corrections, "o", MK_REGISTER_NAME, NOW + MK_CROSSING_US));
  g_assert_false (mk_corrections_contain (corrections, "o", MK_REGISTER_NAME, NOW + MK_CROSSING_US + 1));
}

/* A later correction of another register keeps the earlier ones, unless they are long past. */
static void
test_again (void)
{
  g_autoptr (MkCorrections) corrections = mk_corrections_new ();
  gint64 later = NOW + MK_CROSSING_US;

  mk_corrections_add (corrections, "o", MK_REGISTER_NAME, NOW);
  mk_corrections_add (corrections, "o", MK_REGISTER_TRANSFORM, later);
  g_assert_true (mk_corrections_contain (corrections, "o", MK_REGISTER_NAME, later + 1));

  mk_corrections_add (corrections, "o", MK_REGISTER_TRANSFORM, later + MK_CROSSING_US + 1);
  g_assert_false (mk_corrections_contain (corrections, "o", MK_REGISTER_NAME, later + MK_CROSSING_US + 1));
  g_assert_true (mk_corrections_contain (corrections, "o", MK_REGISTER_TRANSFORM, later + MK_CROSSING_US + 1));
}

static void
fill (MkCorrections *corrections, gint64 now)
{
  for (guint i = 0; i < MAX_OBJECTS; i++)
    {
      g_autofree char *id = g_strdup_printf ("%u", i);

      mk_corrections_add (corrections, id, MK_REGISTER_NAME, now);
    }
}

/* A client cannot fill the memory; what does not fit counts as corrected, so nobody diverges. */
static void
test_crowd (void)
{
  g_autoptr (MkCorrections) corrections = mk_corrections_new ();

  fill (corrections, NOW);
  g_assert_false (mk_corrections_contain (corrections, "o", MK_REGISTER_NAME, NOW));
  mk_corrections_add (corrections, "o", MK_REGISTER_NAME, NOW);
  g_assert_true (mk_corrections_contain (corrections, "o", MK_REGISTER_NAME, NOW));
  g_assert_true (mk_corrections_contain (corrections, "any", MK_REGISTER_TRANSFORM, NOW + MK_CROSSING_US));
  g_assert_false (mk_corrections_contain (corrections, "any", MK_REGISTER_TRANSFORM, NOW + MK_CROSSING_US + 1));

  /* The memory is taken up anew once what fills it is past. */
  mk_corrections_add (corrections, "o", MK_REGISTER_NAME, NOW + MK_CROSSING_US + 1);
  g_assert_true (mk_corrections_contain (corrections, "o", MK_REGISTER_NAME, NOW + MK_CROSSING_US + 1));
  g_assert_false (mk_corrections_contain (corrections, "any", MK_REGISTER_NAME, NOW + MK_CROSSING_US + 1));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/corrections/registers", test_registers);
  g_test_add_func ("/corrections/window", test_window);
  g_test_add_func ("/corrections/again", test_again);
  g_test_add_func ("/corrections/crowd", test_crowd);
  return g_test_run ();
}
