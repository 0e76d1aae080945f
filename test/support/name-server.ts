/** A real name server on loopback that answers questions for text records as a test wants. */

import { createSocket } from 'node:dgram';
import { once } from 'node:events';

export interface NameServer {
  /** Such as `127.0.0.1:5353`. */
  readonly address: string;
  /** The text records by name; `hang`: no answer, `fail`: SERVFAIL. Other names do not exist. */
  readonly records: Map<string, readonly string[] | 'hang' | 'fail'>;
  close(): void;
}

/** Starts one on a port of its own. */
export async function startNameServer(): Promise<NameServer> {
  const records: NameServer['records'] = new Map();
  const socket = createSocket('udp4');
  socket.on('message', (question, { port }) => {
    const answer = answerTo(question, records.get(nameOf(question)));
    if (answer !== undefined) socket.send(answer, port, '127.0.0.1');
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return { address: `127.0.0.1:${socket.address().port}`, records, close: () => socket.close() };
}

/** RFC 1035 section 4.1.2: labels, each after its length. */
function nameOf(question: Buffer): string {
  const labels: string[] = [];
  for (let at = 12; question.readUInt8(at) > 0; at += question.readUInt8(at) + 1) {
    labels.push(question.toString('latin1', at + 1, at + 1 + question.readUInt8(at)));
  }
  return labels.join('.').toLowerCase();
}

/** RFC 1035 section 4: the question again, with an answer for each text. */
function answerTo(
  question: Buffer,
  known: readonly string[] | 'hang' | 'fail' | undefined,
): Buffer | undefined {
  if (known === 'hang') return undefined;
  const texts = typeof known === 'object' ? known : [];
  const head = Buffer.from(question.subarray(0, 12));
  head.writeUInt16BE(known === 'fail' ? 0x8182 : known === undefined ? 0x8183 : 0x8180, 2);
  head.writeUInt16BE(texts.length, 6);
  head.writeUInt32BE(0, 8);
  const body = question.subarray(12, question.indexOf(0, 12) + 5);
  return Buffer.concat([head, body, ...texts.map(recordOf)]);
}

/** Section 3.3.14: a text in pieces of at most 255 bytes. */
function recordOf(text: string): Buffer {
  const bytes = Buffer.from(text);
  const pieces = Array.from({ length: Math.ceil(bytes.length / 255) }, (_, n) => {
    const piece = bytes.subarray(n * 255, (n + 1) * 255);
    return Buffer.concat([Buffer.from([piece.length]), piece]);
  });
  const data = Buffer.concat(pieces);
  const head = Buffer.from([0xc0, 12, 0, 16, 0, 1, 0, 0, 0, 0, 0, 0]);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
}
