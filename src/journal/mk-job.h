/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-errand.h"
#include "mk-journal.h"

G_BEGIN_DECLS

typedef enum
{
  MK_JOB_APPEND,
  MK_JOB_REWRITE,
  MK_JOB_UNLOAD,
  MK_JOB_LOAD,
  MK_JOB_ERRAND,
} MkJobKind;

/**
 * MkJob: something for the journal thread to do
 */
typedef struct
{
  MkJobKind kind;
  MkJournalEntry *entry; /* (owned): APPEND */
  MkSessionImage *image; /* (owned): REWRITE */
  guint64 sequence;      /* REWRITE */
  guint64 handle;        /* UNLOAD, LOAD */
  GTask *task;           /* (owned): LOAD; its task data is the session's name */
  MkErrand *errand;      /* (owned): ERRAND */
} MkJob;

MkJob *mk_job_new  (MkJobKind kind);
void   mk_job_free (MkJob *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MkJob, mk_job_free)

G_END_DECLS
