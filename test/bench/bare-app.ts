import WebSocket from 'ws';

/** What the bare application needs: ARI as the service has it, its own application's name, the phones. */
export interface BareOptions {
  url: string;
  username: string;
  password: string;
  app: string;
  /** Endpoints to ring, one after another. */
  phones: string[];
}

/**
 * The least that an ARI application can do with a call: it rings the next phone for it and joins the two. No routing, no
 * seats, no memory: what it takes is what ARI itself takes, the floor under the service's own figure.
 *
 * @returns what stops it
 */
export async function bareApp({ url, username, password, app, phones }: BareOptions): Promise<() => void> {
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/ari/events?app=${app}`, {
    headers: { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` },
    perMessageDeflate: false,
  });
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  let made = 0;
  const other = new Map<string, string>();
  const ask = (method: string, uri: string, body?: object): void =>
    socket.send(
      JSON.stringify({
        type: 'RESTRequest',
        request_id: String(++made),
        method,
        uri,
        ...(body ? { content_type: 'application/json', message_body: JSON.stringify(body) } : {}),
      }),
    );
  socket.on('message', (data: Buffer) => {
    const event = JSON.parse(data.toString('utf8')) as {
      type: string;
      args?: string[];
      channel?: { id: string; caller: { number: string } };
    };
    const id = event.channel?.id ?? '';
    if (event.type === 'StasisStart' && event.args?.[0] === 'dialled') {
      const talk = `bare-talk-${id}`;
      ask('POST', `channels/${other.get(id)}/answer`);
      ask('POST', `bridges/${talk}?type=mixing`);
      ask('POST', `bridges/${talk}/addChannel?channel=${id},${other.get(id)}`);
    } else if (event.type === 'StasisStart') {
      const phone = phones[made % phones.length]!;
      const leg = `bare-${++made}`;
      other.set(leg, id).set(id, leg);
      const number = event.channel?.caller.number ?? '';
      ask('POST', `channels/${leg}`, {
        endpoint: phone,
        app,
        appArgs: 'dialled',
        formats: 'alaw',
        callerId: `"" <${number}>`,
        timeout: 10,
      });
    } else if (event.type === 'StasisEnd' || event.type === 'ChannelDestroyed') {
      const peer = other.get(id);
      other.delete(id);
      if (peer) ask('DELETE', `channels/${peer}`);
      ask('DELETE', `bridges/bare-talk-${id}`);
    }
  });
  return () => socket.close();
}
