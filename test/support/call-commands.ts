import fc from 'fast-check';

/** How many agents the random commands are for. */
export const AGENTS = 3;
const seat = fc.integer({ min: 1, max: AGENTS });
/** The how-manieth of what there is: calls, legs. */
const which = fc.nat({ max: 7 });

/** What may happen at any moment: from outside, at the seats, and to the link. */
export const command = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('talk' as const), seat }) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('third' as const),
      seat,
      purpose: fc.constantFrom('consult' as const, 'threeWay' as const),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('citizenCalls' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('citizenHangsUp' as const), which }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('ready' as const), seat }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('notReady' as const), seat }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('picksUp' as const), which }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('refuses' as const), which }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('legLost' as const),
      which,
      cause: fc.constantFrom('normal' as const, 'channel-unavailable' as const),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('wish' as const),
      seat,
      wish: fc.constantFrom(
        'hold' as const,
        'resume' as const,
        'hangUp' as const,
        'leave' as const,
        'rejoin' as const,
      ),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('invite' as const),
      seat,
      purpose: fc.constantFrom('consult' as const, 'threeWay' as const, 'transfer' as const),
      to: fc.oneof(seat, fc.constant('outside' as const)),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('toQueue' as const), seat }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('drop' as const), seat }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('callOut' as const), seat }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('callBack' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('digit' as const),
      which,
      digit: fc.constantFrom('1', '2', '5', '#'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('outsideIs' as const),
      onRing: fc.constantFrom('answer' as const, 'busy' as const, 'ignore' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('phone' as const), seat, registered: fc.boolean() }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('failNext' as const), requests: fc.integer({ min: 1, max: 3 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('outage' as const), seconds: fc.integer({ min: 0, max: 4 }) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('pass' as const), seconds: fc.integer({ min: 1, max: 30 }) }),
  },
);
export type Command = typeof command extends fc.Arbitrary<infer C> ? C : never;
