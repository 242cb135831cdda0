import { Button, Tag } from 'antd';
import { partyAction } from '../../calls/call-actions';
import type { DeskCall, DeskParty } from '../../desk/pop';
import { timerText } from '../shared/time';
import { useNow } from '../shared/use-now';
import type { CallControl } from './use-call-control';

interface Props {
  call: DeskCall;
  heldFrom: number | null;
  control: CallControl;
}

/** Who is in the call, how each stands, since when, and what may be done about each. */
export function CallPeople({ call, heldFrom, control }: Props) {
  const now = useNow(500);
  const alone = call.parties.length === 0 && call.citizen === 'up' && call.role === 'owner';
  if (alone && call.stage === 'talking' && !call.lost) return null;
  const citizen = citizenSaid(call);
  const talks = call.citizen === 'up' && !call.lost ? call.answeredAt : null;
  const since = call.stage === 'held' ? heldFrom : talks;
  return (
    <ul className="call-people" aria-label="通话各方" data-testid="people">
      <li className={`person person-${citizen.look}`} data-testid="citizen" data-state={call.citizen}>
        <b>诉求人</b>
        <span>{citizen.words}</span>
        {since !== null && <time>{timerText(now - since)}</time>}
      </li>
      {call.parties.map((party) => (
        <Person key={party.legId} call={call} party={party} now={now} control={control} />
      ))}
    </ul>
  );
}

function Person(props: { call: DeskCall; party: DeskParty; now: number; control: CallControl }) {
  const { call, party, now, control } = props;
  const action = partyAction(call, party);
  return (
    <li className={`person person-${party.state}`} data-testid="party" data-state={party.state}>
      <b>{party.name || '坐席'}</b>
      {party.emergency && <Tag color="red">紧急 · 已按紧急呼叫记录</Tag>}
      <span>{partySaid(call, party)}</span>
      <time>{timerText(now - party.since)}</time>
      {action && (
        <Button
          size="small"
          danger={action === 'drop'}
          disabled={control.busy}
          onClick={() => control.drop(party.legId)}
        >
          {action === 'drop' ? '请出' : '取消呼叫'}
        </Button>
      )}
    </li>
  );
}

function citizenSaid({ citizen, stage, lost, role, parties }: DeskCall): { words: string; look: string } {
  if (citizen === 'gone') return { words: '已挂机', look: 'gone' };
  if (citizen !== 'up') return { words: '拨号中', look: 'ringing' };
  // A seat that was called in is not told of the hold; it hears whether the citizen is there.
  if (role === 'party') return { words: '在线', look: 'talking' };
  if (stage === 'held') return { words: '保持中', look: 'held' };
  if (lost) return { words: parties.length ? '与其他方通话中' : '正在听安抚提示音', look: 'held' };
  return { words: '通话中', look: 'talking' };
}

function partySaid(call: DeskCall, party: DeskParty): string {
  if (party.state === 'ringing') return party.purpose === 'consult' ? '咨询呼叫中' : '呼叫中';
  if (party.barged) return '班长强插，通话中';
  if (call.role === 'party') return '通话中';
  return call.stage === 'held' ? '咨询中' : '通话中';
}
