/** 诉求人: whoever has spoken to the hotline from a number that was shown. */
export interface Citizen {
  citizenId: string;
  name: string;
  note: string;
}

/** The name to keep: what was said last, unless nothing was said. */
export function keptName(known: string, said: string): string {
  return said.trim().slice(0, 60) || known;
}
