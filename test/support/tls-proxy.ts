/** A reverse proxy on loopback where TLS ends, with a certificate of its own. */

import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:https';
import { join } from 'node:path';

export interface TlsProxy {
  /** The file of the certificate, for clients that are to trust it. */
  readonly certificate: string;
  close(): Promise<void>;
}

/** Listens on `from` and passes on to `to`; the certificate for localhost is made in `directory`. */
export async function startTlsProxy(
  directory: string,
  from: number,
  to: number,
): Promise<TlsProxy> {
  const [key, certificate] = [join(directory, 'tls.key'), join(directory, 'tls.crt')];
  const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const name = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  const files = ['-keyout', key, '-out', certificate, '-days', '1'];
  execFileSync('openssl', ['req', ...kind, ...name, ...files], { stdio: 'ignore' });
  const tls = { key: readFileSync(key), cert: readFileSync(certificate) };
  const server = createServer(tls, (incoming, answer) => {
    const { method, url: path } = incoming;
    const client = incoming.socket.remoteAddress ?? '';
    const headers = { ...incoming.headers, 'x-forwarded-for': client };
    const passed = request({ host: '127.0.0.1', port: to, method, path, headers }, (response) => {
      answer.writeHead(response.statusCode ?? 502, response.headers);
      response.pipe(answer);
    });
    passed.on('error', () => answer.writeHead(502).end());
    incoming.pipe(passed);
  }).listen(from, '127.0.0.1');
  await once(server, 'listening');
  return {
    certificate,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
