import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

export interface Received {
  id: string;
  event: string;
  body: string;
  /** Whether the signature is right, by the receiver's own reckoning. */
  signed: boolean;
  path: string;
}

/** A subscriber's server on loopback. `answers` are used up in order; afterwards it answers 204. */
export async function webhookReceiver() {
  const received: Received[] = [];
  const state = { secret: '', answers: [] as (number | 'hang' | { redirect: string })[] };
  const take = (request: IncomingMessage, body: string): void => {
    const timestamp = request.headers['webhook-timestamp'];
    const expected = createHmac('sha256', state.secret)
      .update(`${String(timestamp)}.${body}`)
      .digest('hex');
    received.push({
      id: String(request.headers['webhook-id']),
      event: (JSON.parse(body) as { event: string }).event,
      body,
      signed: request.headers['webhook-signature'] === `v1=${expected}`,
      path: request.url ?? '',
    });
  };
  const answer = (response: ServerResponse): void => {
    const next = state.answers.shift() ?? 204;
    if (next === 'hang') return;
    if (typeof next === 'number') response.writeHead(next).end('x'.repeat(10_000));
    else response.writeHead(302, { location: next.redirect }).end();
  };
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (data: Buffer) => (body += data.toString()));
    request.on('end', () => {
      take(request, body);
      answer(response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  return {
    port,
    url: `http://127.0.0.1:${port}/hook`,
    received,
    state,
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
