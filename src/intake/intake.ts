/**
 * What a citizen hears before an agent, as a state table. Straight to the queue: GB/T 33358-2016 discourages voice
 * menus, so `menu` is entered only when switched on and the line has choices.
 *
 *   arrived → notice → greeting → menu → queued        (stages that do not apply are skipped)
 */
export type IntakeStage = 'arrived' | 'notice' | 'greeting' | 'menu' | 'queued';

const AFTER: Record<Exclude<IntakeStage, 'queued'>, IntakeStage> = {
  arrived: 'notice',
  notice: 'greeting',
  greeting: 'menu',
  menu: 'queued',
};

/** Which stages this call goes through. */
export interface IntakePlan {
  notice: boolean;
  greeting: boolean;
  menu: boolean;
}

/** The stage after this one under the plan; `queued` is final. */
export function nextStage(stage: IntakeStage, plan: IntakePlan): IntakeStage {
  if (stage === 'queued') return 'queued';
  const next = AFTER[stage];
  if (next === 'queued' || plan[next as keyof IntakePlan]) return next;
  return nextStage(next, plan);
}

/** One choice of an optional digit menu: data, edited with the line. */
export interface MenuChoice {
  digit: string;
  queue: string;
  words: string;
}

/** The queue a pressed digit leads to; null when the digit is no choice of the menu. */
export function chosenQueue(menu: MenuChoice[], digit: string): string | null {
  return menu.find((choice) => choice.digit === digit)?.queue ?? null;
}
