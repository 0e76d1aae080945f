/** HTTP as a rude client speaks it: bytes on a socket, so that any header or request line can be sent. */

import { once } from 'node:events';
import { connect } from 'node:net';

export interface RawAnswer {
  readonly status: number;
  /** Header lines and body as they came. */
  readonly text: string;
  readonly body: string;
}

/** Sends a request whose lines are given as they are; the connection is closed after the answer. */
export async function sendRaw(
  origin: string,
  lines: readonly string[],
  body = '',
): Promise<RawAnswer> {
  const { hostname, port } = new URL(origin);
  const socket = connect(Number(port), hostname);
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  socket.write([...lines, 'Connection: close', '', body].join('\r\n'));
  await once(socket, 'close');
  const text = Buffer.concat(chunks).toString();
  return {
    status: Number(text.split(' ')[1]),
    text,
    body: text.slice(text.indexOf('\r\n\r\n') + 4),
  };
}
