import { type Link, FIRST_HASH, brokenAt, canonicalJson, chained } from '../../src/platform/hash-chain';

/** A chain of these records, as a store would keep it. */
function chainOf(records: object[]): Link[] {
  let previous = FIRST_HASH;
  return records.map((record) => {
    const link = { record, previousHash: previous, hash: chained(previous, record) };
    previous = link.hash;
    return link;
  });
}

const records = [1, 2, 3, 4].map((seq) => ({
  seq,
  at: new Date(seq * 1000),
  words: `第${seq}步`,
  facts: { b: 1, a: [{ y: 2, x: null }] },
}));

describe('a hash chain (G1)', () => {
  it('is whole as it was made, in one piece or in batches', () => {
    const links = chainOf(records);
    expect(brokenAt([])).toBeNull();
    expect(brokenAt(links)).toBeNull();
    expect(brokenAt(links.slice(2), links[1]?.hash ?? '')).toBeNull();
    expect(brokenAt(links.slice(2), links[0]?.hash ?? '')).toBe(0);
  });

  it('does not mind how keys are ordered or an instant is given', () => {
    const links = chainOf(records);
    const reread = links.map((link, index) => ({
      ...link,
      record: {
        facts: { a: [{ x: null, y: 2 }], b: 1 },
        words: `第${index + 1}步`,
        at: new Date((index + 1) * 1000).toISOString(),
        seq: index + 1,
      },
    }));
    expect(brokenAt(reread)).toBeNull();
  });

  const [first, second, third, fourth] = chainOf(records) as [Link, Link, Link, Link];
  const changed = { ...second, record: { ...second.record, words: '改过' } };
  it.each<[string, Link[], number]>([
    ['a changed record', [first, changed, third], 1],
    [
      'a changed record with its hash made anew',
      [first, { ...changed, hash: chained(first.hash ?? '', changed.record) }, third],
      2,
    ],
    ['a removed record', [first, third, fourth], 1],
    ['a removed first record', [second, third], 0],
    ['a record put in twice', [first, second, second], 2],
    ['two records exchanged', [first, third, second], 1],
    ['a record that was never chained', [first, { ...second, previousHash: null, hash: null }], 1],
  ])('shows %s', (_words, links, index) => {
    expect(brokenAt(links)).toBe(index);
  });

  it('hashes one text for one meaning, and another for another', () => {
    expect(canonicalJson({ b: { d: 1, c: 2 }, a: undefined })).toBe('{"b":{"c":2,"d":1}}');
    expect(chained(FIRST_HASH, { a: 1 })).not.toBe(chained(FIRST_HASH, { a: '1' }));
    expect(chained(FIRST_HASH, { previous_hash: 'x' })).toBe(chained(FIRST_HASH, {}));
  });
});
