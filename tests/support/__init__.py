# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""What the tests that speak to a running meerkatd have in common.

By hand: PYTHONPATH=tests MEERKATD=build/src/daemon/meerkatd python3 tests/integration/test_join.py
"""
