/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-client-details.h"

#include "mk-connection.h"

/**
 * mk_client_details_read:
 * @door: where the connections are
 * @session: a session
 * @user: a user in it
 * @client: (out caller-allocates): what is known of the user's connection, until the next turn of the
 *   main loop
 *
 * Returns: %FALSE if the user has no connection
 */
gboolean
mk_client_details_read (MkDoor *door, MkSession *session, MkUser *user, MkBusClient *client)
{
  MkPeer *peer = mk_door_find_peer (door, session, user);
  MkConnection *connection;

  if (peer == NULL)
    return FALSE;

  connection = MK_CONNECTION (mk_peer_get_channel (peer));
  *client = (MkBusClient){
    .name = mk_peer_get_client_name (peer),
    .version = mk_peer_get_client_version (peer),
    .remote_address = mk_channel_get_address (MK_CHANNEL (connection)),
    .user_agent = mk_connection_get_user_agent (connection),
    .connected_at = mk_connection_get_connected_at (connection),
    .messages = mk_peer_get_messages (peer),
    .buffered_bytes = mk_connection_get_pending (connection),
    .round_trip_us = mk_connection_get_round_trip_us (connection),
  };
  return TRUE;
}
