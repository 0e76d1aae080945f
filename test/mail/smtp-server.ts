/** The smallest SMTP server that a mail can be handed to (RFC 5321), with answers to choose. */

import type { AddressInfo } from 'node:net';
import { createServer, type Socket } from 'node:net';

export interface SmtpServer {
  readonly url: string;
  /** The mails that were taken, as they came over the wire. */
  readonly taken: string[];
  /** What it answers to each recipient, such as `250 ok` or `550 no such person`. */
  answer: string;
  close(): Promise<void>;
}

export async function startSmtpServer(): Promise<SmtpServer> {
  const server = createServer((socket) => converse(socket, smtp));
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
  const smtp: SmtpServer = {
    url: `smtp://127.0.0.1:${port}`,
    taken: [],
    answer: '250 ok',
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
  return smtp;
}

function converse(socket: Socket, smtp: SmtpServer): void {
  let pending = '';
  let isData = false;
  socket.on('error', () => {});
  socket.write('220 test\r\n');
  socket.on('data', (chunk) => {
    pending += chunk.toString();
    for (;;) {
      const end = pending.indexOf(isData ? '\r\n.\r\n' : '\r\n');
      if (end === -1) return;
      const line = pending.slice(0, end);
      pending = pending.slice(end + (isData ? 5 : 2));
      if (isData) smtp.taken.push(line);
      const reply = isData ? '250 ok' : replyTo(line, smtp);
      isData = reply.startsWith('354');
      socket.write(`${reply}\r\n`);
      if (reply.startsWith('221')) socket.end();
    }
  });
}

function replyTo(line: string, { answer }: SmtpServer): string {
  const verb = line.slice(0, 4).toUpperCase();
  if (verb === 'RCPT') return answer;
  if (verb === 'DATA') return '354 go on';
  return verb === 'QUIT' ? '221 bye' : '250 ok';
}
