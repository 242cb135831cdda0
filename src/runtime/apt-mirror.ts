/**
 * Finds the machine's own Debian mirror in its apt sources.
 *
 * @param files contents of /etc/apt/sources.list and sources.list.d, each with its name (which says the format)
 * @returns the address of the first entry that serves a Debian release (not security, not another vendor), or null
 */
export function debianMirror(files: { name: string; text: string }[]): string | null {
  for (const { name, text } of files) {
    const entries = name.endsWith('.sources') ? stanzaEntries(text) : lineEntries(text);
    const found = entries.find((entry) => usable(entry));
    if (found) return found.uri.replace(/\/+$/, '');
  }
  return null;
}

interface Entry {
  uri: string;
  suite: string;
  components: string[];
}

const RELEASES =
  /^(stable|oldstable|oldoldstable|testing|unstable|sid|buster|bullseye|bookworm|trixie|forky|duke)(-updates|-backports)?$/;

function usable(entry: Entry): boolean {
  return (
    /^https?:\/\//.test(entry.uri) &&
    RELEASES.test(entry.suite) &&
    entry.components.includes('main') &&
    !/security|ubuntu/i.test(entry.uri)
  );
}

/** `deb [options] URI SUITE COMPONENT…` */
function lineEntries(text: string): Entry[] {
  return text.split('\n').flatMap((line) => {
    const match = /^\s*deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(\S+)\s+([^#]+)/.exec(line);
    return match ? [{ uri: match[1]!, suite: match[2]!, components: match[3]!.trim().split(/\s+/) }] : [];
  });
}

/** deb822: `Field: value` with continuation lines, stanzas apart by empty lines. */
function stanzaEntries(text: string): Entry[] {
  const plain = text.replace(/^#.*\n?/gm, '');
  return plain.split(/\n\s*\n/).flatMap((stanza) => {
    const words = (field: string) =>
      (new RegExp(`^${field}:((?:.*)(?:\\n[ \\t].*)*)`, 'im').exec(stanza)?.[1] ?? '').trim().split(/\s+/);
    if (words('Enabled')[0]?.toLowerCase() === 'no' || !words('Types').includes('deb')) return [];
    const components = words('Components');
    return words('URIs').flatMap((uri) => words('Suites').map((suite) => ({ uri, suite, components })));
  });
}
