/**
 * Who may do what: one table of roles × actions (DESIGN §9). The browser imports it to hide what the server refuses.
 * An overseer (监督员: people's congress, CPPCC, discipline inspection; G1) reads and may change nothing.
 */
export const ROLES = ['agent', 'supervisor', 'administrator', 'unit', 'overseer'] as const;
export type Role = (typeof ROLES)[number];

const ALLOWED = {
  'seat.use': ['agent', 'supervisor'],
  'call.control': ['agent', 'supervisor'],
  'call.view-own': ['agent', 'supervisor', 'overseer'],
  'call.view-all': ['supervisor', 'administrator', 'overseer'],
  'recording.hear': ['agent', 'supervisor'],
  'recording.hear-all': ['supervisor'],
  'recording.verify': ['supervisor'],
  'recording.keep': ['supervisor'],
  'recording.alarms': ['supervisor', 'administrator'],
  'number.reveal': ['agent', 'supervisor', 'administrator'],
  'citizen.view': ['agent', 'supervisor', 'administrator'],
  'callback.view': ['agent', 'supervisor', 'administrator'],
  'callback.manage': ['supervisor', 'administrator'],
  'message.work': ['agent', 'supervisor'],
  'line.view': ['agent', 'supervisor', 'administrator', 'overseer'],
  'line.try': ['agent', 'supervisor', 'administrator'],
  'line.edit': ['administrator'],
  'dial-rule.view': ['supervisor', 'administrator'],
  'dial-rule.edit': ['administrator'],
  'contact.view': ['agent', 'supervisor', 'administrator'],
  'contact.edit': ['supervisor', 'administrator'],
  'prompt.view': ['supervisor', 'administrator'],
  'prompt.edit': ['administrator'],
  'nuisance.propose': ['agent', 'supervisor'],
  'nuisance.view': ['supervisor', 'administrator'],
  'nuisance.decide': ['supervisor'],
  'leader-shift.edit': ['supervisor', 'administrator'],
  'queue.view': ['agent', 'supervisor', 'administrator'],
  // Whoever may listen to a call may do so while it is going on, a confidential one too.
  'call.monitor': ['supervisor'],
  'seat.supervise': ['supervisor'],
  'seat.view-all': ['supervisor', 'administrator'],
  'wallboard.view': ['supervisor', 'administrator'],
  'ticket.open': ['agent', 'supervisor'],
  'ticket.dispatch': ['agent', 'supervisor'],
  'ticket.handle': ['unit'],
  'ticket.decide': ['supervisor'],
  'ticket.check': ['agent', 'supervisor'],
  'ticket.follow-up': ['agent', 'supervisor'],
  'evaluation.view': ['agent', 'supervisor', 'administrator', 'unit', 'overseer'],
  'evaluation.appeal': ['unit'],
  'evaluation.decide': ['supervisor'],
  'performance.view': ['supervisor', 'administrator', 'unit', 'overseer'],
  'performance.close': ['supervisor', 'administrator'],
  'performance.scheme': ['administrator'],
  'exclusion.view': ['agent', 'supervisor', 'administrator', 'overseer'],
  'exclusion.propose': ['agent', 'supervisor'],
  'ticket.view': ['agent', 'supervisor', 'administrator', 'unit', 'overseer'],
  'ticket.view-confidential': ['agent', 'supervisor'],
  // The category tree, the dispatch catalogue, what duplicates are judged by.
  'catalogue.view': ['agent', 'supervisor', 'administrator'],
  'catalogue.edit': ['administrator'],
  'open311.edit': ['administrator'],
  'parallel.view': ['unit'],
  'ticket.inbox': ['unit'],
  'supervision.view': ['agent', 'supervisor', 'administrator', 'unit', 'overseer'],
  'supervision.act': ['supervisor'],
  'supervision.answer': ['unit'],
  'ladder.edit': ['administrator'],
  'ticket.export': ['supervisor', 'administrator', 'unit'],
  'ticket.reveal-number': ['agent', 'supervisor', 'administrator', 'unit'],
  'attachment.view': ['agent', 'supervisor', 'administrator', 'unit', 'overseer'],
  'attachment.add': ['agent', 'supervisor', 'unit'],
  'attachment.release': ['agent', 'supervisor'],
  'attachment.remove-any': ['supervisor'],
  'knowledge.read': ['agent', 'supervisor', 'administrator', 'unit', 'overseer'],
  // A unit's clerk: the own unit's articles and tasks only.
  'knowledge.write': ['supervisor', 'administrator', 'unit'],
  'knowledge.review': ['supervisor'],
  'knowledge.use': ['agent', 'supervisor'],
  'knowledge.figures': ['supervisor', 'administrator', 'overseer'],
  'knowledge.words': ['supervisor', 'administrator'],
  'webhook.manage': ['administrator'],
  'directory.view': ['agent', 'supervisor', 'administrator', 'unit', 'overseer'],
  'people.edit': ['administrator'],
  'outgoing.view': ['supervisor', 'administrator'],
  'outgoing.manage': ['supervisor', 'administrator'],
  'message-template.edit': ['administrator'],
  'calendar.view': ['agent', 'supervisor', 'administrator', 'unit', 'overseer'],
  'calendar.edit': ['administrator'],
  'audit.view': ['administrator', 'overseer'],
} as const satisfies Record<string, readonly Role[]>;

export type Action = keyof typeof ALLOWED;

/** Whether a role may do an action. */
export function may(role: Role, action: Action): boolean {
  return (ALLOWED[action] as readonly Role[]).includes(role);
}
