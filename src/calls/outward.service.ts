import { HotlineError } from '../errors';
import type { LineFacts } from '../events';
import type { Role } from '../permissions';
import type { Caller } from '../platform/http-route';
import type { Outside } from './call';
import type { CallService } from './call.service';
import type { DialVerdict } from './dial-rules';
import { EMERGENCY_DESKS } from './emergency-desks';

/** Whom an agent means: a seat, a queue, a parallel line (M3), an outside contact, a number, or an emergency service (D3). */
export type OutwardTarget =
  | { kind: 'seat'; seatId: string }
  | { kind: 'queue'; queue: string }
  | { kind: 'line'; lineId: string }
  | { kind: 'contact'; contactId: string }
  | { kind: 'number'; number: string; name: string }
  | { kind: 'emergency'; number: string };

/** Whom an agent wants to call himself: a typed number, or the citizen of an earlier call or of a work order. */
export type Callee =
  | { kind: 'number'; number: string }
  | { kind: 'call'; callId: string }
  | { kind: 'ticket'; ticketId: string };

interface Deps {
  calls: Pick<CallService, 'invite' | 'sendToQueue' | 'callOut'>;
  decideDial(role: Role, number: string): DialVerdict;
  contact(contactId: string): { name: string; number: string } | null;
  line(lineId: string): { name: string; parallelDestination: string | null } | null;
  queueName(queue: string): string | null;
  /** The hotline's own line: calls that agents place belong to it. */
  ownLine(at: Date): LineFacts;
  /** The citizen's number of an earlier call the person may see; null when hidden. Refused `not-found` otherwise. */
  numberOfCall(callId: string, caller: Caller): Promise<string | null>;
  numberOfTicket(ticketId: string, caller: Caller): Promise<string | null>;
  now(): Date;
}

/**
 * Where calls may lead out of the hotline: turns what an agent picked into what may be rung, by the dial rules of his
 * role. Nothing an agent types reaches the switch but by this way (DESIGN §9).
 */
export class OutwardCalls {
  constructor(private readonly deps: Deps) {}

  /** Rings somebody for the call, or passes it on. Refusals: `not-allowed`, `no-destination`, `wrong-state`. */
  async invite(
    caller: Caller,
    callId: string,
    purpose: 'consult' | 'threeWay' | 'transfer',
    target: OutwardTarget,
    words: string,
  ): Promise<void> {
    const { calls } = this.deps;
    if (target.kind === 'queue') {
      if (purpose !== 'transfer') throw new HotlineError('invalid-input', '队列只能转接，不能咨询或三方通话');
      if (this.deps.queueName(target.queue) === null) throw new HotlineError('not-found', '没有这个队列');
      return calls.sendToQueue(callId, caller.personId, target.queue, words);
    }
    if (target.kind === 'seat' && target.seatId === caller.personId)
      throw new HotlineError('invalid-input', '不能呼叫自己');
    const whom =
      target.kind === 'seat' ? { seatId: target.seatId } : { outside: this.outside(caller.role, target) };
    return calls.invite(callId, caller.personId, purpose, whom, words);
  }

  /** An agent's own call, shown with the hotline's number. Returns the call's id. Refusals as above. */
  async callOut(caller: Caller, callee: Callee): Promise<string> {
    const { calls, ownLine, now } = this.deps;
    const typed = await this.numberOf(caller, callee);
    if (typed === null) throw new HotlineError('no-destination', '诉求人没有可拨打的号码');
    const { dial, number } = this.allowed(caller.role, typed);
    const facts = ownLine(now());
    return calls.callOut(caller.personId, {
      direction: 'outbound',
      dialTo: dial,
      callerNumber: number,
      line: facts,
      priority: 0,
      about: { ticketId: callee.kind === 'ticket' ? callee.ticketId : null, callbackId: null },
      waitingSince: null,
    });
  }

  private async numberOf(caller: Caller, callee: Callee): Promise<string | null> {
    if (callee.kind === 'number') return callee.number;
    return callee.kind === 'call'
      ? this.deps.numberOfCall(callee.callId, caller)
      : this.deps.numberOfTicket(callee.ticketId, caller);
  }

  private outside(role: Role, target: Exclude<OutwardTarget, { kind: 'seat' | 'queue' }>): Outside {
    if (target.kind === 'line') {
      const line = this.deps.line(target.lineId);
      if (!line?.parallelDestination) throw new HotlineError('no-destination', '该热线没有可转接的号码');
      const { dial } = this.allowed(role, line.parallelDestination);
      return { number: dial, name: line.name, lineId: target.lineId, emergency: false };
    }
    if (target.kind === 'contact') {
      const contact = this.deps.contact(target.contactId);
      if (!contact) throw new HotlineError('not-found', '没有这个转接目标');
      const { dial, kind } = this.allowed(role, contact.number);
      return { number: dial, name: contact.name, lineId: null, emergency: kind === 'emergency' };
    }
    const { dial, kind } = this.allowed(role, target.number);
    const emergency = kind === 'emergency';
    if (target.kind === 'emergency' && !emergency)
      throw new HotlineError('invalid-input', '紧急电话只有 110、119、120、122');
    const name = target.kind === 'number' ? target.name.trim() : '';
    const desk = Object.entries(EMERGENCY_DESKS)
      .find(([number]) => number === dial)
      ?.join(' ');
    return { number: dial, name: desk ?? (name || '外线'), lineId: null, emergency };
  }

  private allowed(role: Role, typed: string): { dial: string; number: string; kind: string } {
    const { allowed, dial, number, kind, words } = this.deps.decideDial(role, typed);
    if (!allowed || dial === null) throw new HotlineError('not-allowed', words);
    return { dial, number: number ?? dial, kind };
  }
}
