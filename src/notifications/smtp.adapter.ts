import { within } from '../platform/lifecycle';
import { createTransport, type SendMailOptions, type Transporter } from 'nodemailer';
import type { CarriedMessage, MessageCarrier, Outcome } from './message-carrier';

const TIMEOUT_MS = 8000;
const WHOLE_SECONDS = 20;

export interface SmtpSettings {
  /** smtp:// or smtps://, with user and password where the server wants them. */
  url: string;
  /** The sender's address. */
  from: string;
}

/**
 * E-mail over SMTP. A mail server cannot be asked whether it has a message: one whose end was unsure is sent again under
 * the same Message-ID, by which mailboxes know a double.
 */
export class SmtpMail implements MessageCarrier {
  private readonly transport: Transporter;

  constructor(private readonly settings: SmtpSettings) {
    const limits = { connectionTimeout: TIMEOUT_MS, greetingTimeout: TIMEOUT_MS, socketTimeout: TIMEOUT_MS };
    this.transport = createTransport({ url: settings.url, ...limits });
  }

  async send({ messageId, address, title, text }: CarriedMessage): Promise<Outcome> {
    const { from } = this.settings;
    try {
      const mail: SendMailOptions = {
        from: { name: '12345政务服务热线', address: from },
        to: { name: '', address },
        subject: title,
        text,
        textEncoding: 'base64',
        messageId: `<${messageId}@${from.split('@')[1] ?? 'localhost'}>`,
        disableFileAccess: true,
        disableUrlAccess: true,
      };
      const sent = (await within(WHOLE_SECONDS, 'send an e-mail', () => this.transport.sendMail(mail))) as {
        messageId: string;
      };
      return { kind: 'taken', providerId: sent.messageId };
    } catch (fault) {
      return outcomeOf(fault as SmtpFault);
    }
  }
}

interface SmtpFault extends Error {
  code?: string;
  responseCode?: number;
}

/** The server was never asked, or could not sign us in: mended, the message may go. */
const NOT_ASKED = ['EAUTH', 'EDNS'];
/** An address or a text that cannot be sent at all. */
const UNFIT = ['EENVELOPE', 'EMESSAGE'];

function outcomeOf({ code = '', responseCode }: SmtpFault): Outcome {
  const words = `邮件服务器拒收（${responseCode ?? code}）`;
  if (NOT_ASKED.includes(code)) return { kind: 'refused', again: true, words };
  if (responseCode !== undefined) return { kind: 'refused', again: responseCode < 500, words };
  if (UNFIT.includes(code)) return { kind: 'refused', again: false, words };
  return { kind: 'unsure', words: `邮件服务器无应答（${code || '超时'}）` };
}
