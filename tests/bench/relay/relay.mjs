// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The Meerkat developers
//
// A relay of the kind that is written in an afternoon: every message is parsed, the state is kept
// in memory, and what somebody does is sent to everybody else, as one text that is made once. No
// disk, no order beyond arrival, no limits. It speaks as much of Meerkat's protocol as
// meerkat-bench needs, so that both servers can be put before the same clients:
//
//     npm ci
//     meerkat-bench compare -- node relay.mjs

import { randomUUID } from 'node:crypto';
import { WebSocketServer } from 'ws';

const sessions = new Map(); // session id → { objects, members, revision }
const TRANSFORM = { position: [0, 0, 0], rotation: [0, 0, 0], scale: [1, 1, 1] };

function envelope(eventType, source, payload, revision) {
  return { event_type: eventType, timestamp: Date.now(), source_user_id: source, revision, payload };
}

function tell(socket, eventType, payload, revision) {
  socket.send(JSON.stringify(envelope(eventType, 'server', payload, revision)));
}

function tellOthers(client, eventType, payload, revision) {
  const text = JSON.stringify(envelope(eventType, client.userId, payload, revision));
  for (const member of client.session.members)
    if (member !== client)
      member.socket.send(text);
}

function join(client, message) {
  const id = message.payload.session_id;
  if (!sessions.has(id))
    sessions.set(id, { objects: new Map(), members: new Set(), revision: 0, epoch: randomUUID() });
  const session = sessions.get(id);
  client.session = session;
  client.userId = message.source_user_id;
  session.members.add(client);
  tell(client.socket, 'FULL_STATE_SYNC', {
    session_id: id, epoch: session.epoch, revision: session.revision,
    objects: Object.fromEntries(session.objects),
    users: Object.fromEntries([...session.members].map((m) => [m.userId, { display_name: '?' }])),
  }, session.revision);
  tellOthers(client, 'USER_JOINED', { user_id: client.userId, display_name: message.payload.display_name });
}

function create(client, payload) {
  const { session, userId } = client;
  const object = {
    ...payload, transform: payload.transform ?? TRANSFORM, properties: payload.properties ?? {},
    created_by: userId, last_updated_by: userId, last_updated_at: Date.now(), revision: ++session.revision,
  };
  session.objects.set(object.object_id, object);
  tellOthers(client, 'OBJECT_CREATED', object, session.revision);
}

function move(client, payload) {
  const { session, userId } = client;
  const object = session.objects.get(payload.object_id);
  if (!object)
    return tell(client.socket, 'ERROR', { code: 'OBJECT_NOT_FOUND', message: payload.object_id });
  object.transform = payload.transform;
  object.last_updated_by = userId;
  object.last_updated_at = Date.now();
  object.revision = ++session.revision;
  tellOthers(client, 'TRANSFORM_UPDATED', {
    object_id: payload.object_id, transform: payload.transform, updated_by: userId, sent_at: payload.sent_at,
  }, session.revision);
}

function apply(client, message) {
  switch (message.event_type) {
    case 'JOIN_SESSION': join(client, message); break;
    case 'CREATE_OBJECT': create(client, message.payload); break;
    case 'UPDATE_TRANSFORM': move(client, message.payload); break;
    case 'BATCH': message.payload.events.forEach((event) => apply(client, event)); break;
    default: tell(client.socket, 'ERROR', { code: 'UNKNOWN_EVENT', message: message.event_type });
  }
  if (message.event_id)
    tell(client.socket, 'ACK', { event_id: message.event_id, revision: client.session.revision });
}

function leave(client) {
  if (!client.session)
    return;
  client.session.members.delete(client);
  tellOthers(client, 'USER_LEFT', { user_id: client.userId, reason: 'disconnected' });
}

const server = new WebSocketServer({ host: '127.0.0.1', port: 0, path: '/ws' });
server.on('connection', (socket) => {
  const client = { socket, session: null, userId: null };
  socket.on('message', (data) => apply(client, JSON.parse(data)));
  socket.on('close', () => leave(client));
  socket.on('error', () => socket.terminate());
  tell(socket, 'WELCOME', { protocol_version: 1, server_version: 'relay', capabilities: [] });
});
server.on('listening', () => console.log(`relay listening on ws://127.0.0.1:${server.address().port}/ws`));
process.on('SIGTERM', () => process.exit(0));
