# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""Everything of the add-on that needs no Blender: plain Python, tested without it."""
