/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-line-private.h"

#include "mk-bus-path.h"
#include "mk-dbus.h"

/* Something to do in the other thread. */
typedef struct
{
  MkLineFunc func;
  gpointer data;
} Errand;

static gboolean
run_errand (gpointer user_data)
{
  Errand *errand = user_data;

  errand->func (errand->data);
  return G_SOURCE_REMOVE;
}

/* Sources of one priority are dispatched in the order in which they were attached. */
static void
post (GMainContext *context, MkLineFunc func, gpointer data)
{
  g_autoptr (GSource) source = g_idle_source_new ();
  Errand *errand = g_new0 (Errand, 1);

  errand->func = func;
  errand->data = data;
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, run_errand, errand, g_free);
  g_source_attach (source, context);
}

/* Asking the main loop */

typedef struct
{
  gatomicrefcount references;
  MkLine *line;
  MkLineFunc func;
  gpointer data;
  gboolean done; /* guarded by the line's lock */
} Question;

static void
question_unref (Question *question)
{
  if (!g_atomic_ref_count_dec (&question->references))
    return;
  mk_line_unref (question->line);
  g_free (question);
}

/*
 * mk_line_is_stopping:
 * @self: a line
 *
 * Returns: whether nothing that comes over it is to be looked at any more
 */
gboolean
mk_line_is_stopping (MkLine *self)
{
  gboolean stopping;

  g_mutex_lock (&self->lock);
  stopping = self->stopping;
  g_mutex_unlock (&self->lock);
  return stopping;
}

static void
answer (gpointer data)
{
  Question *question = data;
  MkLine *line = question->line;

  if (!mk_line_is_stopping (line))
    {
      question->func (question->data);
      g_mutex_lock (&line->lock);
      question->done = TRUE;
      g_cond_signal (&line->answered);
      g_mutex_unlock (&line->lock);
    }
  question_unref (question);
}

/*
 * mk_line_ask:
 * @self: a line
 * @func: called in the main loop
 * @data: for @func
 *
 * Called in the line's thread, which waits.
 *
 * Returns: %FALSE if the line is being stopped, and @func is not called
 */
gboolean
mk_line_ask (MkLine *self, MkLineFunc func, gpointer data)
{
  Question *question = g_new0 (Question, 1);
  gboolean done;

  g_atomic_ref_count_init (&question->references);
  g_atomic_ref_count_inc (&question->references);
  question->line = mk_line_ref (self);
  question->func = func;
  question->data = data;
  post (NULL, answer, question);

  g_mutex_lock (&self->lock);
  while (!question->done && !self->stopping)
    g_cond_wait (&self->answered, &self->lock);
  done = question->done;
  g_mutex_unlock (&self->lock);
  question_unref (question);
  return done;
}

/* The thread */

static void
connect_now (gpointer data)
{
  mk_line_connect (data);
}

static gpointer
run (gpointer data)
{
  MkLine *self = data;

  g_main_context_push_thread_default (self->context);
  g_main_loop_run (self->loop);
  g_main_context_pop_thread_default (self->context);
  return NULL;
}

/**
 * mk_line_new:
 * @is_system: the system bus, or else the session bus
 * @handler: who is asked; must outlive the line
 * @user_data: for @handler
 *
 * Returns: (transfer full): a line to the bus, as soon as there is one, and again whenever it comes back
 */
MkLine *
mk_line_new (gboolean is_system, const MkLineHandler *handler, gpointer user_data)
{
  MkLine *self = g_atomic_rc_box_new0 (MkLine);

  self->is_system = is_system;
  self->handler = handler;
  self->user_data = user_data;
  self->context = g_main_context_new ();
  self->loop = g_main_loop_new (self->context, FALSE);
  g_mutex_init (&self->lock);
  g_cond_init (&self->answered);
  self->registrations = g_array_new (FALSE, FALSE, sizeof (guint));
  self->trees = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->connecting = g_cancellable_new ();
  post (self->context, connect_now, self);
  self->thread = g_thread_new ("bus", run, self);
  return self;
}

MkLine *
mk_line_ref (MkLine *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
line_clear (gpointer data)
{
  MkLine *self = data;

  g_main_loop_unref (self->loop);
  g_main_context_unref (self->context);
  g_array_unref (self->registrations);
  g_hash_table_unref (self->trees);
  g_object_unref (self->connecting);
  g_cond_clear (&self->answered);
  g_mutex_clear (&self->lock);
}

/**
 * mk_line_unref:
 * @self: (transfer full): a line; the last who has it has stopped it
 */
void
mk_line_unref (MkLine *self)
{
  g_atomic_rc_box_release_full (self, line_clear);
}

static void
hang_up (gpointer data)
{
  MkLine *self = data;

  mk_line_disconnect (self);
  g_main_loop_quit (self->loop);
}

/**
 * mk_line_stop:
 * @self: a line
 *
 * Says what was to be said, gives the name back and hangs up. Blocks until that is done. What is handed
 * over from now on is never said, and nothing is asked any more.
 */
void
mk_line_stop (MkLine *self)
{
  g_mutex_lock (&self->lock);
  self->stopping = TRUE;
  g_cond_signal (&self->answered);
  g_mutex_unlock (&self->lock);

  post (self->context, hang_up, self);
  g_thread_join (self->thread);
}

/**
 * mk_line_run:
 * @self: a line
 * @func: called in its thread
 * @data: for @func
 */
void
mk_line_run (MkLine *self, MkLineFunc func, gpointer data)
{
  post (self->context, func, data);
}

/* Telling */

typedef struct
{
  MkLine *line;
  char *path;
  char *interface;
  char *member;
  GVariant *parameters;
} News;

static void
tell (gpointer data)
{
  g_autofree News *news = data;

  if (news->line->connection != NULL)
    g_dbus_connection_emit_signal (news->line->connection, NULL, news->path, news->interface,
                                   news->member, news->parameters, NULL);
  g_free (news->path);
  g_free (news->interface);
  g_free (news->member);
  g_variant_unref (news->parameters);
}

/**
 * mk_line_tell:
 * @self: a line
 * @path: an object
 * @interface: the interface of the signal
 * @member: the signal
 * @parameters: (transfer floating): its parameters
 */
void
mk_line_tell (MkLine *self, const char *path, const char *interface, const char *member,
              GVariant *parameters)
{
  News *news = g_new0 (News, 1);

  news->line = self;
  news->path = g_strdup (path);
  news->interface = g_strdup (interface);
  news->member = g_strdup (member);
  news->parameters = g_variant_ref_sink (parameters);
  post (self->context, tell, news);
}

/**
 * mk_line_tell_changes:
 * @self: a line
 * @path: an object
 * @sheet: the properties of one of its interfaces
 * @before: what their values were
 * @after: what they are
 */
void
mk_line_tell_changes (MkLine *self, const char *path, const MkFactSheet *sheet, gconstpointer before,
                      gconstpointer after)
{
  GVariant *changed = mk_facts_get_changed (sheet, before, after);

  if (changed != NULL)
    mk_line_tell (self, path, "org.freedesktop.DBus.Properties", "PropertiesChanged",
                  g_variant_new ("(s@a{sv}as)", sheet->get_info ()->name, changed, NULL));
}

/* Answering */

typedef struct
{
  GDBusMethodInvocation *invocation;
  GVariant *result; /* (nullable) */
  char *name;       /* (nullable): of an error */
  char *message;
} Reply;

static void
reply (gpointer data)
{
  g_autofree Reply *self = data;

  if (self->name == NULL)
    g_dbus_method_invocation_return_value (self->invocation, self->result);
  else
    g_dbus_method_invocation_return_dbus_error (self->invocation, self->name, self->message);
  g_clear_pointer (&self->result, g_variant_unref);
  g_free (self->name);
  g_free (self->message);
}

/**
 * mk_line_return:
 * @self: a line
 * @invocation: (transfer full): a call
 * @result: (transfer floating) (nullable): what it returns
 */
void
mk_line_return (MkLine *self, GDBusMethodInvocation *invocation, GVariant *result)
{
  Reply *data = g_new0 (Reply, 1);

  data->invocation = invocation;
  data->result = result != NULL ? g_variant_ref_sink (result) : NULL;
  post (self->context, reply, data);
}

/**
 * mk_line_fail:
 * @self: a line
 * @invocation: (transfer full): a call
 * @name: what the error is called
 * @message: what it is
 */
void
mk_line_fail (MkLine *self, GDBusMethodInvocation *invocation, const char *name, const char *message)
{
  Reply *data = g_new0 (Reply, 1);

  data->invocation = invocation;
  data->name = g_strdup (name);
  data->message = g_strdup (message);
  post (self->context, reply, data);
}

/* Asking who may */

typedef struct
{
  MkLine *line;
  GDBusMessage *message;
  const char *action;
  MkLineAnswerFunc func;
  gpointer user_data;
  GError *refusal; /* (nullable) */
} Request;

static void
pass_answer (gpointer data)
{
  g_autofree Request *request = data;

  if (!mk_line_is_stopping (request->line))
    request->func (request->refusal, request->user_data);
  g_clear_error (&request->refusal);
  g_object_unref (request->message);
  mk_line_unref (request->line);
}

static void
on_answer (const GError *refusal, gpointer user_data)
{
  Request *request = user_data;

  request->refusal = refusal != NULL ? g_error_copy (refusal) : NULL;
  post (NULL, pass_answer, request);
}

static void
authorize (gpointer data)
{
  Request *request = data;
  g_autoptr (GError) gone = NULL;

  if (request->line->authority != NULL)
    {
      mk_authority_ask (request->line->authority, request->message, request->action, on_answer, request);
      return;
    }
  gone = g_error_new (G_IO_ERROR, G_IO_ERROR_CLOSED, "the bus has gone");
  on_answer (gone, request);
}

/**
 * mk_line_authorize:
 * @self: a line
 * @message: a call
 * @action: a static string: what it needs, as polkit calls it
 * @func: called in the main loop with the answer: %NULL, or why not
 * @user_data: for @func
 */
void
mk_line_authorize (MkLine *self, GDBusMessage *message, const char *action, MkLineAnswerFunc func,
                   gpointer user_data)
{
  Request *request = g_new0 (Request, 1);

  request->line = mk_line_ref (self);
  request->message = g_object_ref (message);
  request->action = action;
  request->func = func;
  request->user_data = user_data;
  post (self->context, authorize, request);
}
