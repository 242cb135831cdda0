import { AriClientLink } from './ari-client-link.adapter';
import { DirectAriLink } from './ari-direct-link.adapter';
import { asteriskVersion } from './ari-http.adapter';
import {
  backOffMs,
  speaksRestOverWebsocket,
  type AriLink,
  type AriLinkKind,
  type AriLinkOptions,
} from './ari-link';

/**
 * Makes the link: the one asked for, or the best the switch offers. With `auto` it asks the switch for its version and
 * keeps asking until it answers or `signal` is aborted (then it throws).
 */
export async function makeAriLink(
  options: AriLinkOptions,
  kind: AriLinkKind | 'auto',
  signal: AbortSignal,
): Promise<AriLink> {
  if (kind === 'direct') return new DirectAriLink(options);
  if (kind === 'ari-client') return new AriClientLink(options);
  for (let attempt = 0; ; attempt++) {
    signal.throwIfAborted();
    try {
      const version = await asteriskVersion(options);
      const direct = speaksRestOverWebsocket(version);
      options.log.info({ version, link: direct ? 'direct' : 'ari-client' }, 'found Asterisk');
      return direct ? new DirectAriLink(options) : new AriClientLink(options);
    } catch (fault) {
      if (attempt % 10 === 0)
        options.log.warn({ why: String(fault), attempt }, 'Asterisk does not answer, trying again');
      await pause(backOffMs(attempt), signal);
    }
  }
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal.addEventListener('abort', done);
  });
}
