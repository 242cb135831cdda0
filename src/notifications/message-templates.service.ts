import { randomUUID } from 'node:crypto';
import { HotlineError } from '../errors';
import type { AuditStore } from '../platform/audit.store';
import type { Clock } from '../platform/clock';
import type { Caller } from '../platform/http-route';
import {
  exampleParams,
  renderMessage,
  smsLength,
  TEMPLATE_CODES,
  templateOf,
  wordsFault,
  type ParamsOf,
  type TemplateCode,
} from './message-template';
import type { CurrentTemplate, MessageTemplateStore } from './message-template.store';
import { addressOf, maskAddress, type Addressee, type OutgoingPolicy } from './outgoing';
import type { OutgoingMessages } from './outgoing.service';
import type { OutgoingStore } from './outgoing.store';

export interface MessageTemplatesParts {
  templates: MessageTemplateStore;
  store: Pick<OutgoingStore, 'transaction'>;
  messages: Pick<OutgoingMessages, 'write'>;
  policy: Pick<OutgoingPolicy, 'areaCode' | 'open'>;
  audit: AuditStore;
  clock: Clock;
  signName: string;
}

/** The words of every message: an administrator changes them, sees how they come out, and sends one to try. */
export class MessageTemplates {
  constructor(private readonly parts: MessageTemplatesParts) {}

  async list() {
    return Promise.all(
      TEMPLATE_CODES.map(async (code) => this.view(await this.parts.templates.current(code))),
    );
  }

  /**
   * Changes a template: its words, the provider's code, whether it is sent. Before and after are in the audit trail.
   * Throws `invalid-input` for words that do not fit its parameters, `stale-version`.
   */
  async change(
    code: TemplateCode,
    { version, ...change }: { version: number } & Omit<CurrentTemplate, 'code' | 'version'>,
    caller: Caller,
  ) {
    const fault = wordsFault(code, change.words);
    if (fault) throw new HotlineError('invalid-input', fault, { field: 'words' });
    const after: CurrentTemplate = { code, version: version + 1, ...change };
    await this.parts.store.transaction(async (trx) => {
      const before = await this.parts.templates.current(code, trx);
      const written =
        before.version === version &&
        (await this.parts.templates.replace(trx, after, caller.personId, this.parts.clock.now()));
      if (!written)
        throw new HotlineError('stale-version', '模板已被他人修改，请刷新后再试。', {
          version: before.version,
        });
      const facts = { before, after };
      await this.parts.audit.append(entry(caller, 'message-template.change', `template:${code}`, facts), trx);
    });
    return this.view(after);
  }

  /** How words come out with the examples of their parameters, and their length as an SMS. Throws `invalid-input`. */
  preview(code: TemplateCode, words: string) {
    const fault = wordsFault(code, words);
    if (fault) throw new HotlineError('invalid-input', fault, { field: 'words' });
    const text = renderMessage(words, exampleParams(code));
    return { text, ...smsLength(text, this.parts.signName) };
  }

  /** Sends the template with its examples to an address to try it. Throws `invalid-input` when nothing can be sent there. */
  async test(
    code: TemplateCode,
    to: Extract<Addressee, { channel: 'sms' | 'email' }>,
    caller: Caller,
    requestKey: string | null,
  ): Promise<{ messageId: string | null }> {
    const { address, why } = addressOf(to, this.parts.policy);
    if (why) throw new HotlineError('invalid-input', why, { field: 'to' });
    const messageId = await this.parts.store.transaction(async (trx) => {
      const facts = { channel: to.channel, to: maskAddress(to.channel, address) };
      await this.parts.audit.append(entry(caller, 'message-template.test', `template:${code}`, facts), trx);
      return this.parts.messages.write(trx, {
        template: code,
        to,
        params: exampleParams(code) as ParamsOf<TemplateCode>,
        ticketId: null,
        sourceId: `test:${caller.personId}:${requestKey ?? randomUUID()}`,
      });
    });
    return { messageId };
  }

  private view({ code, version, words, providerCode, enabled }: CurrentTemplate) {
    const { title, audience, urgent = false, words: original, params } = templateOf(code);
    const declared = Object.entries(params).map(([name, { words: meaning, example, required = false }]) => ({
      name,
      meaning,
      example,
      required,
    }));
    const examples = exampleParams(code);
    const text = renderMessage(words, examples);
    const length = smsLength(text, this.parts.signName);
    return {
      ...{ code, version, title, audience, urgent, words, original, providerCode, enabled },
      ...{ params: declared, preview: { text, ...length } },
    };
  }
}

function entry(caller: Caller, action: string, subject: string, facts: Record<string, unknown>) {
  return { who: caller.personId, action, subject, facts, address: caller.address };
}
