/** A request whose body comes in two parts: what happens in between is for the test to say. */

import { request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';

export interface HeldRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** How much of the body is sent at once; the first byte, unless said otherwise. */
  readonly atOnce?: number;
}

export interface HeldAnswer {
  readonly status: number;
  readonly text: string;
}

/** Long enough for a server that is not busy to let the caller in; nothing fails if it was not. */
const letInMilliseconds = 400;

/** Sends head and first byte, does `meanwhile`, and sends the rest. */
export async function sendHeld(
  url: string,
  { method, headers, body, atOnce = 1 }: HeldRequest,
  meanwhile: () => Promise<unknown>,
): Promise<HeldAnswer> {
  const bytes = Buffer.from(body);
  const length = { 'content-length': String(bytes.length) };
  const sent = request(url, { method, headers: { ...headers, ...length } });
  const answered = new Promise<HeldAnswer>((resolve, reject) => {
    sent.on('error', reject);
    sent.on('response', async (response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk);
      resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() });
    });
  });
  answered.catch(() => {}); // told at the end; `meanwhile` may fail first
  sent.write(bytes.subarray(0, atOnce));
  await pause(letInMilliseconds);
  await meanwhile();
  sent.end(bytes.subarray(atOnce));
  return answered;
}
