import { GiveWay } from '../../src/platform/give-way';

describe('work that gives way to a ring', () => {
  const set = () => {
    const alarms: (() => void)[] = [];
    const done: string[] = [];
    const giveWay = new GiveWay((work) => void alarms.push(work));
    return { giveWay, done, alarms };
  };

  test('is done in its order when its time has come, and once', () => {
    const { giveWay, done, alarms } = set();
    giveWay.postpone(() => done.push('journal'));
    giveWay.postpone(() => done.push('news'));
    expect({ done: [...done], alarms: alarms.length }).toEqual({ done: [], alarms: 1 });
    alarms[0]?.();
    giveWay.catchUp();
    expect(done).toEqual(['journal', 'news']);
  });

  test('goes before what is told from within it', () => {
    const { giveWay, done } = set();
    const tell = (what: string) => {
      giveWay.catchUp();
      done.push(what);
    };
    giveWay.postpone(() => tell('first'));
    giveWay.postpone(() => done.push('second'));
    tell('third');
    expect(done).toEqual(['second', 'first', 'third']);
  });

  test('has its time again after all was done', () => {
    const { giveWay, done, alarms } = set();
    giveWay.postpone(() => done.push('one'));
    giveWay.catchUp();
    giveWay.postpone(() => done.push('two'));
    expect(alarms).toHaveLength(2);
    alarms[1]?.();
    expect(done).toEqual(['one', 'two']);
  });

  test('what fails does not take the rest with it', () => {
    const { giveWay, done } = set();
    giveWay.postpone(() => {
      throw new Error('no');
    });
    giveWay.postpone(() => done.push('rest'));
    expect(() => giveWay.catchUp()).toThrow('no');
    giveWay.catchUp();
    expect(done).toEqual(['rest']);
  });
});
