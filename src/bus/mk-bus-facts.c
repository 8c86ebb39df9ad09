/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-bus-facts.h"

#include "mk-dbus.h"

#define MANAGER(member) G_STRUCT_OFFSET (MkManagerFacts, member)
#define SESSION(member) G_STRUCT_OFFSET (MkSessionFacts, member)
#define USER(member)    G_STRUCT_OFFSET (MkUserFacts, member)

static const MkFact manager_facts[] = {
  { "Version", MANAGER (version) },
  { "ProtocolVersion", MANAGER (protocol_version) },
  { "StartedAtUSec", MANAGER (started_at_us) },
  { "State", MANAGER (state) },
  { "JournalState", MANAGER (journal_state) },
  { "ListenUris", MANAGER (listen_uris) },
  { "SessionCount", MANAGER (session_count) },
  { "StoredSessionCount", MANAGER (stored_session_count) },
  { "UserCount", MANAGER (user_count) },
  { "ConnectionCount", MANAGER (connection_count) },
  { "MaxSessions", MANAGER (max_sessions) },
  { "MaxUsersPerSession", MANAGER (max_users_per_session) },
  { "MessagesReceived", MANAGER (messages_received) },
  { "MessagesSent", MANAGER (messages_sent) },
  { "EventsJournaled", MANAGER (events_journaled) },
  { "LatencyP50USec", MANAGER (latency_p50_us) },
  { "LatencyP99USec", MANAGER (latency_p99_us) },
};

static const MkFact session_facts[] = {
  { "Id", SESSION (id) },
  { "Epoch", SESSION (epoch) },
  { "CreatedAtUSec", SESSION (created_at_us) },
  { "HostUserId", SESSION (host_user_id) },
  { "UserCount", SESSION (user_count) },
  { "ObjectCount", SESSION (object_count) },
  { "Revision", SESSION (revision) },
  { "JournalBytes", SESSION (journal_bytes) },
  { "LastActivityUSec", SESSION (last_activity_us) },
};

static const MkFact user_facts[] = {
  { "Id", USER (id) },
  { "Session", USER (session) },
  { "DisplayName", USER (display_name) },
  { "Color", USER (color) },
  { "SelectedObject", USER (selected_object) },
  { "JoinedAtUSec", USER (joined_at_us) },
  { "ClientName", USER (client_name) },
  { "ClientVersion", USER (client_version) },
};

const MkFactSheet mk_manager_sheet = { mk_dbus_manager_interface_info, sizeof (MkManagerFacts),
                                       manager_facts, G_N_ELEMENTS (manager_facts) };
const MkFactSheet mk_session_sheet = { mk_dbus_session_interface_info, sizeof (MkSessionFacts),
                                       session_facts, G_N_ELEMENTS (session_facts) };
const MkFactSheet mk_user_sheet = { mk_dbus_user_interface_info, sizeof (MkUserFacts), user_facts,
                                    G_N_ELEMENTS (user_facts) };
