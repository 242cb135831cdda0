import { HotlineError } from '../../errors';
import type { Outcome } from '../call-control';
import type { AriLink, AriReply } from './ari-link';
import type { AriOperation, AriParams } from './ari-operations';

/** Statuses that mean "that leg (talk, prompt) is no longer there, or no longer ours": a normal result. */
const GONE = new Set([404, 409, 412, 422]);

export function isGone(reply: AriReply): boolean {
  return GONE.has(reply.status);
}

export function isDone(reply: AriReply): boolean {
  return reply.status >= 200 && reply.status < 300;
}

/** A status nobody expects: a wrong password, a fault inside the switch. */
export function refused(operation: AriOperation, reply: AriReply): HotlineError {
  return new HotlineError('switch-unavailable', '交换机拒绝了请求', {
    operation,
    status: reply.status,
    body: reply.body,
  });
}

/** Requests to Asterisk over whatever link there is. */
export class AriCommands {
  private link: AriLink | null = null;

  use(link: AriLink): void {
    this.link = link;
  }

  /** Any status is a reply. Throws HotlineError `switch-unavailable` when there is none in time. */
  ask(operation: AriOperation, params: AriParams = {}): Promise<AriReply> {
    if (!this.link)
      return Promise.reject(new HotlineError('switch-unavailable', '尚未连接交换机', { operation }));
    return this.link.request(operation, params);
  }

  /** A command to something that may be gone. */
  async command(operation: AriOperation, params: AriParams): Promise<Outcome> {
    const reply = await this.ask(operation, params);
    if (isDone(reply)) return 'done';
    if (isGone(reply)) return 'gone';
    throw refused(operation, reply);
  }
}
