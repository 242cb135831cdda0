import { createTransport, type Transporter } from 'nodemailer';
import type { CarriedMessage, MessageCarrier, Outcome } from './message-carrier';

const TIMEOUT_MS = 8000;

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
      const sent = (await this.transport.sendMail({
        from: { name: '12345政务服务热线', address: from },
        to: { name: '', address },
        subject: title,
        text,
        messageId: `<${messageId}@${from.split('@')[1] ?? 'localhost'}>`,
        disableFileAccess: true,
        disableUrlAccess: true,
      })) as { messageId: string };
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

/** No answer: the server may have the message, or was never reached. */
const SILENCE = ['ETIMEDOUT', 'ECONNECTION', 'ESOCKET'];

function outcomeOf({ code = '', responseCode }: SmtpFault): Outcome {
  if (responseCode === undefined && SILENCE.includes(code))
    return { kind: 'unsure', words: `邮件服务器无应答（${code}）` };
  // Whoever cannot sign in or find the server has a wrong setting: mended, the message may go.
  const again = code === 'EAUTH' || code === 'EDNS' || (responseCode !== undefined && responseCode < 500);
  return { kind: 'refused', again, words: `邮件服务器拒收（${responseCode ?? code}）` };
}
