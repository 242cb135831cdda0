import type { TemplateCode } from './message-template';

/** A message on its way out. `messageId` goes with it as its serial number, the same at every attempt. */
export interface CarriedMessage {
  messageId: string;
  /** A mobile number (11 digits) or an e-mail address. */
  address: string;
  template: TemplateCode;
  /** The provider's own code of the template; empty when nobody has entered it. */
  providerCode: string;
  title: string;
  text: string;
  params: Record<string, string>;
  /** When it was written. */
  createdAt: Date;
}

/**
 * What came of an attempt: taken by the provider, refused for certain (`again`: another time may do), or unsure (no
 * answer came, the provider may have it or not). Words are Chinese and say the fault.
 */
export type Outcome =
  | { kind: 'taken'; providerId: string | null }
  | { kind: 'refused'; again: boolean; words: string }
  | { kind: 'unsure'; words: string };

/** Who carries messages of one channel: an SMS gateway, a mail server. */
export interface MessageCarrier {
  /** Gives up by itself within some 20 seconds, as asking does. A fault thrown counts as unsure. */
  send(message: CarriedMessage): Promise<Outcome>;
  /**
   * Whether an earlier attempt of this message was taken. Asked before an attempt is repeated that ended unsure; a carrier
   * without it gets the message again under the same serial number.
   */
  wasTaken?(message: CarriedMessage): Promise<boolean>;
}
