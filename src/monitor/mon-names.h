/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

/* Where the server is found, as data/org.meerkat.Meerkat1.xml says. */
#define MON_BUS_NAME          "org.meerkat.Meerkat1"
#define MON_ROOT              "/org/meerkat/Meerkat1"
#define MON_MANAGER_PATH      MON_ROOT "/Manager"
#define MON_MANAGER_INTERFACE MON_BUS_NAME ".Manager"
#define MON_SESSION_INTERFACE MON_BUS_NAME ".Session"
#define MON_USER_INTERFACE    MON_BUS_NAME ".User"
#define MON_OBJECT_MANAGER    "org.freedesktop.DBus.ObjectManager"
#define MON_PROPERTIES        "org.freedesktop.DBus.Properties"

/* The unit that runs it. */
#define MON_UNIT "meerkatd.service"
