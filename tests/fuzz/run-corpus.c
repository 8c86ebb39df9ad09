/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 *
 * The main() of a fuzz target in a build without libFuzzer: runs it once on every file of a folder.
 */
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

static void
run_file (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autofree char *data = NULL;
  g_autofree guint8 *exact = NULL;
  g_autoptr (GError) error = NULL;
  gsize size;

  if (!g_file_get_contents (path, &data, &size, &error))
    {
      printf ("Bail out! %s\n", error->message);
      exit (EXIT_FAILURE);
    }

  /* Without the NUL that GLib puts behind it, so that a sanitizer sees a read beyond the end. */
  exact = g_memdup2 (data, size);
  LLVMFuzzerTestOneInput (exact, size);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return g_strcmp0 (*(const char *const *) a, *(const char *const *) b);
}

int
main (int argc, char **argv)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) folder = NULL;
  const char *name;

  if (argc != 2)
    {
      fprintf (stderr, "usage: %s FOLDER\n", argv[0]);
      return EXIT_FAILURE;
    }
  folder = g_dir_open (argv[1], 0, &error);
  if (folder == NULL)
    {
      printf ("Bail out! %s\n", error->message);
      return EXIT_FAILURE;
    }

  while ((name = g_dir_read_name (folder)) != NULL)
    g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, compare_names);

  printf ("1..%u\n", names->len);
  for (guint i = 0; i < names->len; i++)
    {
      run_file (argv[1], names->pdata[i]);
      printf ("ok %u - %s\n", i + 1, (char *) names->pdata[i]);
      fflush (stdout);
    }
  return EXIT_SUCCESS;
}
