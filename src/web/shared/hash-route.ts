import { useEffect, useState } from 'react';

/** The part of the address after `#/`, split at slashes: `/admin#/lines/abc` → `['lines', 'abc']`. */
export function readHash(hash: string): string[] {
  return hash
    .replace(/^#\/?/, '')
    .split('/')
    .filter((part) => part !== '')
    .map((part) => decodeURIComponent(part));
}

/** Goes to a section of this page; the browser's back button comes back. */
export function goTo(...parts: string[]): void {
  location.hash = `/${parts.map(encodeURIComponent).join('/')}`;
}

/** Where in this page we are; draws again when it changes. */
export function useHashRoute(): string[] {
  const [hash, setHash] = useState(() => location.hash);
  useEffect(() => {
    const onChange = () => setHash(location.hash);
    window.addEventListener('hashchange', onChange);
    return () => window.removeEventListener('hashchange', onChange);
  }, []);
  return readHash(hash);
}
