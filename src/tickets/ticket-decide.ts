import type { Category } from './category.store';
import { addAssistant, dispatch, meet, recall } from './decide-dispatch';
import {
  amend,
  answer,
  discard,
  markHard,
  merge,
  refuse,
  submit,
  supplement,
  unmerge,
  urge,
} from './decide-intake';
import {
  acknowledge,
  askExtension,
  askReturn,
  decide as decideRequest,
  giveOpinion,
  object,
  pause,
  reply,
  resume,
  withdrawRequest,
} from './decide-part';
import { archive, check, followUp, reopen, sendBack } from './decide-closing';
import type { ActionInput } from './ticket-action-input';
import {
  mustBePossible,
  type Actor,
  type Decider,
  type Decision,
  type Known,
  type TicketFile,
} from './ticket-decision';
import type { TicketAction } from './ticket-lifecycle';

const DECIDERS: { [A in Exclude<TicketAction, 'amend'>]: Decider<ActionInput<A>> } = {
  submit,
  discard,
  answer,
  refuse,
  dispatch,
  addAssistant,
  recall,
  meet,
  acknowledge,
  askReturn,
  object,
  askExtension,
  withdrawRequest,
  decide: decideRequest,
  giveOpinion,
  pause,
  resume,
  reply,
  sendBack,
  check,
  followUp,
  reopen,
  archive,
  urge,
  supplement,
  merge,
  unmerge,
  markHard,
};

/**
 * What an action on a work order changes (B1). Pure. Throws HotlineError: `wrong-state` where the table of actions does
 * not allow it, and what each action refuses by its clause.
 */
export function decideAction<A extends TicketAction>(
  action: A,
  input: ActionInput<A>,
  file: TicketFile,
  actor: Actor,
  known: Known & { category: Pick<Category, 'utility'> },
): Decision {
  mustBePossible(action, file, actor);
  if (action === 'amend')
    return amend({ ...(input as ActionInput<'amend'>), utility: known.category.utility }, file, actor, known);
  const decider = DECIDERS[action as Exclude<TicketAction, 'amend'>] as Decider<ActionInput<A>>;
  return decider(input, file, actor, known);
}
