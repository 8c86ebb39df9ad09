/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include <adwaita.h>

/**
 * MonConfirmed:
 * @reason: what the user typed; may be empty
 * @user_data: as it was given
 */
typedef void (*MonConfirmed) (const char *reason, gpointer user_data);

void mon_confirm (GtkWindow     *parent,
                  const char    *heading,
                  const char    *body,
                  const char    *verb,
                  gboolean       ask_reason,
                  MonConfirmed   confirmed,
                  gpointer       user_data,
                  GDestroyNotify destroy);
