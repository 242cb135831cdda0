import { SimulatedSwitch } from '../../src/telephony/simulated-switch.adapter';
import { SimulatedCallControl } from '../../src/telephony/simulated.adapter';
import { describeCallControl, type FarEnd, type World } from './call-control.conformance';

function farEnd(world: SimulatedSwitch, legId: () => string | undefined): FarEnd {
  return {
    state: () => world.legs.get(legId() ?? '')?.state ?? 'over',
    answer: () => world.picksUp(legId() ?? ''),
    hangUp: () => world.hangsUp(legId() ?? ''),
    press: (digit) => world.pressDigit(legId() ?? '', digit),
    speak: (on) => world.speaks(legId() ?? '', on),
    pressed: () =>
      world.sentDigits
        .filter((sent) => sent.legId === legId())
        .map(({ digits }) => digits)
        .join(''),
    hears: () => Promise.resolve(world.hears(legId() ?? '')),
  };
}

async function open(): Promise<World> {
  const world = new SimulatedSwitch();
  let current: SimulatedCallControl | undefined;
  return {
    control: () => (current = new SimulatedCallControl(world)),
    citizenCalls: ({ callerNumber, callerName, dialled, diversion, hidden }) => {
      const diversions = diversion
        ? [{ number: diversion, source: 'diversion' as const, reason: 'unconditional' }]
        : [];
      const legId = world.citizenCalls({
        callerNumber,
        callerName,
        dialled,
        diversions,
        callerHidden: hidden,
      });
      return farEnd(world, () => legId);
    },
    phone: async (account) => {
      const legId = () => [...world.legs.values()].find((leg) => leg.account === account)?.id;
      return {
        ...farEnd(world, legId),
        register: async () => world.phone(account, { registered: true }),
        unregister: async () => world.phone(account, { registered: false }),
        onRing: (what) => world.phone(account, { onRing: what === 'ring' ? 'ignore' : what }),
        call: (dialled) => void world.phoneCalls(account, dialled),
      };
    },
    cut: () => current?.loseLink(),
    mend: () => current?.restoreLink(),
    outside: farEnd(world, () => [...world.legs.values()].find((leg) => leg.dialled && !leg.account)?.id),
    channels: () => Promise.resolve(world.legs.size),
    close: () => Promise.resolve(),
  };
}

describeCallControl('simulated', open);
