# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""What every error code means, in an artist's words.

The sentences are English message ids: the user interface translates them. The codes of the protocol
come from the server; those of LOCAL_CODES are made on this side.
"""

SENTENCES = {
    # From the server
    'MALFORMED_MESSAGE': 'The server did not understand this add-on. Please report this',
    'UNKNOWN_EVENT': 'This server is older than the add-on and cannot do that',
    'INVALID_PAYLOAD': 'The server refused a value',
    'UNSUPPORTED_VERSION': 'The add-on and the server do not fit together: update the older one',
    'NOT_JOINED': 'The server no longer counts you as being in the room. Connect again',
    'ALREADY_JOINED': 'This connection is in another room already. Disconnect first',
    'USER_MISMATCH': 'The server takes you for somebody else. Connect again',
    'USER_ID_IN_USE': 'You are in this room already, over another connection. Wait a few seconds '
                      'and try again',
    'SESSION_FULL': 'The room is full. Try again when somebody has left, or choose another room',
    'TOO_MANY_SESSIONS': 'The server cannot open another room. Choose a room that exists',
    'TOO_MANY_OBJECTS': 'The room cannot hold more objects. The new object is only in your file',
    'OBJECT_EXISTS': 'An object with this id is in the room already',
    'OBJECT_NOT_FOUND': 'Somebody has deleted this object',
    'CONFLICT': 'Somebody else changed this object at the same time',
    'RATE_LIMITED': 'Too many messages at once. The add-on slows down and connects again',
    'MESSAGE_TOO_LARGE': 'A message was too large for the server and was left out',
    'FORBIDDEN': 'Only the host of the room may do that',
    'KICKED': 'You were removed from the room',
    'SESSION_CLOSED': 'The room was closed',
    'DURABILITY_DEGRADED': "The server's disk is failing: work goes on, but a crash of the server "
                           'could now lose changes. Save your scene',
    'DURABILITY_RESTORED': "The server's disk works again: everything is saved",
    'EPOCH_CHANGED': 'The server began a new history of this room. Your scene stays as it is',
    'SERVER_SHUTTING_DOWN': 'The server is shutting down or restarting',
    'INTERNAL': 'The server could not do that. Try again later',
    # From this side
    'REPLACED': 'You joined this room from another connection, which took over',
    'TOO_SLOW': 'This computer read too slowly for the server and was disconnected',
    'CONNECTION_LOST': 'The connection to the server was lost',
    'SERVER_SILENT': 'The server has not answered for 30 seconds',
    'BAD_URL': 'This is not the address of a server. Write a name such as studio.example.com, with '
               ':port if it is not 8080, or a whole address that begins with ws://, wss://, '
               'http:// or https://',
    'BAD_SESSION': 'A room name has 1 to 64 letters (a to z), digits, dots, dashes and underscores',
    'BAD_DISPLAY_NAME': 'Your name must have 1 to 64 characters',
    'NAME_NOT_FOUND': 'There is no computer of this name. Check the address',
    'REFUSED': 'Nothing answers at this address. Is the server running, and the port right?',
    'UNREACHABLE': 'The server cannot be reached from here. Check the network or the VPN',
    'TIMEOUT': 'The server does not answer. Check the address, the network and the firewall',
    'TLS_FAILED': "The secure connection failed: the server's certificate is not accepted",
    'NO_TLS': 'This server does not encrypt its connections. Begin the address with ws:// instead '
              'of wss://, or ask whoever runs the server for its wss:// address',
    'TLS_NEEDED': 'This server takes encrypted connections only. Begin the address with wss:// '
                  'instead of ws://',
    'HTTP_403': 'The server does not let you in (403)',
    'HTTP_404': 'There is a web server at this address, but no Meerkat there (404)',
    'HTTP_429': 'Too many connections from your network at once (429). Try again in a moment',
    'HTTP_503': 'The server is full or not ready (503). Try again in a moment',
    'HTTP_OTHER': 'The server answered, but does not accept the connection',
    'NOT_A_SERVER': 'What answers at this address is not a Meerkat server',
    'NO_WEBSOCKETS': 'A part of the add-on is missing (the websockets library). Install it again',
    'CLIENT_DEFECT': 'The connection failed because of a defect. Please report this',
}

LOCAL_CODES = tuple(SENTENCES)[tuple(SENTENCES).index('REPLACED'):]

# Where the server's or the system's own words say more than the sentence.
_WITH_DETAIL = ('MALFORMED_MESSAGE', 'INVALID_PAYLOAD', 'KICKED', 'SESSION_CLOSED', 'INTERNAL',
                'DURABILITY_DEGRADED', 'TLS_FAILED', 'HTTP_OTHER', 'NOT_A_SERVER', 'CLIENT_DEFECT',
                'UNREACHABLE')


def sentence(code, detail='', translate=str):
    """What to tell the user about a code; `detail` is what the server or the system said.

    Of a code that nobody knows here, as a newer server may send it, the detail is all there is.
    """
    known = SENTENCES.get(code)
    if known is None:
        return detail or code
    text = translate(known)
    return f'{text} ({detail})' if detail and code in _WITH_DETAIL else text
