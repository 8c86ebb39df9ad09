/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mon-errands.h"

#include <glib/gi18n.h>

/* Long enough to read a line and reach for the mouse. */
#define UNDO_SECONDS 6

/* Errands that wait until their toast is gone: as long as one can be seen it can be taken back. */
struct _MonErrands
{
  GObject parent_instance;

  AdwToastOverlay *overlay;
  GPtrArray *toasts; /* of those that can be taken back, the newest last */
};

G_DEFINE_FINAL_TYPE (MonErrands, mon_errands, G_TYPE_OBJECT)

static MonErrand *
errand_of (AdwToast *toast)
{
  return g_object_get_data (G_OBJECT (toast), "mon-errand");
}

static void
on_undo (AdwToast *toast)
{
  mon_errand_undo (errand_of (toast));
}

static void
on_dismissed (MonErrands *self, AdwToast *toast)
{
  mon_errand_run (errand_of (toast));
  g_ptr_array_remove (self->toasts, toast);
}

/* The application lives until what was decided is done, also without a window. */
static void
on_done (MonErrands *self, const char *trouble, MonErrand *errand)
{
  GApplication *application = g_application_get_default ();

  if (trouble != NULL && self->overlay != NULL)
    adw_toast_overlay_add_toast (self->overlay, adw_toast_new (trouble));
  if (application != NULL)
    g_application_release (application);
}

static void
unref (gpointer data, GClosure *closure)
{
  g_object_unref (data);
}

/**
 * mon_errands_add:
 * @self: the errands of a window
 * @errand: a new one
 *
 * Shows what is going to happen, and does it after some seconds unless it is taken back.
 */
void
mon_errands_add (MonErrands *self, MonErrand *errand)
{
  AdwToast *toast = adw_toast_new (mon_errand_get_title (errand));
  GApplication *application = g_application_get_default ();

  adw_toast_set_timeout (toast, UNDO_SECONDS);
  adw_toast_set_button_label (toast, _ ("_Undo"));
  g_object_set_data_full (G_OBJECT (toast), "mon-errand", g_object_ref (errand), g_object_unref);
  g_signal_connect (toast, "button-clicked", G_CALLBACK (on_undo), NULL);
  g_signal_connect_object (toast, "dismissed", G_CALLBACK (on_dismissed), self, G_CONNECT_SWAPPED);
  g_signal_connect_data (errand, "done", G_CALLBACK (on_done), g_object_ref (self), unref,
                         G_CONNECT_SWAPPED);
  if (application != NULL)
    g_application_hold (application);

  g_ptr_array_add (self->toasts, g_object_ref (toast));
  adw_toast_overlay_add_toast (self->overlay, toast);
}

/**
 * mon_errands_undo:
 * @self: the errands of a window
 *
 * Takes the newest one back, if there is one.
 */
void
mon_errands_undo (MonErrands *self)
{
  g_autoptr (AdwToast) toast = NULL;

  if (self->toasts->len == 0)
    return;
  toast = g_object_ref (self->toasts->pdata[self->toasts->len - 1]);
  mon_errand_undo (errand_of (toast));
  adw_toast_dismiss (toast);
}

/**
 * mon_errands_run_all:
 * @self: the errands of a window
 *
 * Does at once what waits: nobody can take it back any more.
 */
void
mon_errands_run_all (MonErrands *self)
{
  while (self->toasts->len > 0)
    {
      g_autoptr (AdwToast) toast = g_object_ref (self->toasts->pdata[0]);

      g_ptr_array_remove_index (self->toasts, 0);
      mon_errand_run (errand_of (toast));
    }
}

static void
mon_errands_dispose (GObject *object)
{
  MonErrands *self = MON_ERRANDS (object);

  if (self->overlay != NULL)
    g_object_remove_weak_pointer (G_OBJECT (self->overlay), (gpointer *) &self->overlay);
  self->overlay = NULL;

  G_OBJECT_CLASS (mon_errands_parent_class)->dispose (object);
}

static void
mon_errands_finalize (GObject *object)
{
  g_ptr_array_unref (MON_ERRANDS (object)->toasts);

  G_OBJECT_CLASS (mon_errands_parent_class)->finalize (object);
}

static void
mon_errands_class_init (MonErrandsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = mon_errands_dispose;
  G_OBJECT_CLASS (klass)->finalize = mon_errands_finalize;
}

static void
mon_errands_init (MonErrands *self)
{
  self->toasts = g_ptr_array_new_with_free_func (g_object_unref);
}

/**
 * mon_errands_new:
 * @overlay: where they are shown
 *
 * Returns: (transfer full): the errands of a window
 */
MonErrands *
mon_errands_new (AdwToastOverlay *overlay)
{
  MonErrands *self = g_object_new (MON_TYPE_ERRANDS, NULL);

  self->overlay = overlay;
  g_object_add_weak_pointer (G_OBJECT (overlay), (gpointer *) &self->overlay);
  return self;
}
