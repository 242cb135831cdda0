import type { HotlineEvent } from '../events';

type Kind = HotlineEvent['kind'];
type Of<K extends Kind> = Extract<HotlineEvent, { kind: K }>;
type Listener<E> = (event: E) => void;

/**
 * The in-process announcer: modules say what happened, others hear it. Delivery is synchronous and in order; a
 * listener that throws is reported and does not stop the others. Nothing durable depends on it: what must survive
 * goes to the journal (calls, seats) or the outbox (tickets) first.
 */
export class Bus {
  private readonly listeners = new Map<Kind | '*', Set<Listener<HotlineEvent>>>();

  constructor(private readonly onFault: (fault: unknown, event: HotlineEvent) => void = () => undefined) {}

  /** Hears one kind of event; returns the function that stops it. */
  on<K extends Kind>(kind: K, listener: Listener<Of<K>>): () => void {
    return this.add(kind, listener as Listener<HotlineEvent>);
  }

  /** Hears every event; returns the function that stops it. */
  onAny(listener: Listener<HotlineEvent>): () => void {
    return this.add('*', listener);
  }

  announce(event: HotlineEvent): void {
    for (const listener of [...(this.listeners.get(event.kind) ?? []), ...(this.listeners.get('*') ?? [])]) {
      try {
        listener(event);
      } catch (fault) {
        this.onFault(fault, event);
      }
    }
  }

  private add(kind: Kind | '*', listener: Listener<HotlineEvent>): () => void {
    const set = this.listeners.get(kind) ?? new Set();
    set.add(listener);
    this.listeners.set(kind, set);
    return () => set.delete(listener);
  }
}
