import type { PhoneKind } from '../call-control';
import { checkAccount } from '../switch-names';
import { isDone, isGone, refused, type AriCommands } from './ari-command.adapter';
import { fieldsOf } from './ari-translate';
import { formatsOf, phoneObjects } from './phone-account';

interface Phone {
  secret: string;
  kind: PhoneKind;
  reachable: boolean | null;
}

/**
 * Phone accounts live in Asterisk's memory only, pushed at sign-in. When Asterisk has been restarted they are gone, so
 * they are pushed again after every loss of the link.
 */
export class AsteriskPhones {
  private readonly phones = new Map<string, Phone>();

  constructor(
    private readonly ari: AriCommands,
    private readonly app: string,
  ) {}

  get size(): number {
    return this.phones.size;
  }

  /** The codecs to offer when this account is rung: those its kind of phone has. */
  formatsOf(account: string): string {
    return formatsOf(this.phones.get(account)?.kind ?? 'browser');
  }

  async admit(account: string, secret: string, kind: PhoneKind): Promise<void> {
    checkAccount(account);
    await this.push(account, secret, kind);
    this.phones.set(account, { secret, kind, reachable: this.phones.get(account)?.reachable ?? null });
  }

  async dismiss(account: string): Promise<void> {
    checkAccount(account);
    this.phones.delete(account);
    await this.ari.command('applications.unsubscribe', this.subscription(account)).catch(() => undefined);
    for (const objectType of ['endpoint', 'aor', 'auth']) {
      const reply = await this.ari.ask('asterisk.deleteObject', {
        configClass: 'res_pjsip',
        objectType,
        id: account,
      });
      if (!isDone(reply) && !isGone(reply)) throw refused('asterisk.deleteObject', reply);
    }
  }

  async reachable(account: string): Promise<boolean> {
    checkAccount(account);
    const reply = await this.ari.ask('endpoints.get', { tech: 'PJSIP', resource: account });
    return isDone(reply) && fieldsOf(reply.body).state === 'online';
  }

  /** After a loss of the link. Returns the phones that have come or gone meanwhile. */
  async pushAgain(): Promise<{ account: string; reachable: boolean }[]> {
    const changed = [];
    for (const [account, { secret, kind }] of [...this.phones]) {
      await this.push(account, secret, kind);
      const reachable = await this.reachable(account);
      if (this.isNews(account, reachable)) changed.push({ account, reachable });
    }
    return changed;
  }

  /** Whether this is a change: a phone's device state also changes with every call it gets. */
  isNews(account: string, reachable: boolean): boolean {
    const phone = this.phones.get(account);
    if (!phone || phone.reachable === reachable) return false;
    phone.reachable = reachable;
    return true;
  }

  private async push(account: string, secret: string, kind: PhoneKind): Promise<void> {
    for (const [objectType, fields] of phoneObjects(account, secret, kind)) {
      const reply = await this.ari.ask('asterisk.updateObject', {
        configClass: 'res_pjsip',
        objectType,
        id: account,
        fields,
      });
      if (!isDone(reply)) throw refused('asterisk.updateObject', reply);
    }
    const reply = await this.ari.ask('applications.subscribe', this.subscription(account));
    if (!isDone(reply)) throw refused('applications.subscribe', reply);
  }

  /** The device state, not the endpoint: an endpoint subscription would bring every event of its channels twice. */
  private subscription(account: string): { applicationName: string; eventSource: string } {
    return { applicationName: this.app, eventSource: `deviceState:PJSIP/${account}` };
  }
}
