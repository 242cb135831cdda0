import { Tag } from 'antd';
import type { CalledIn } from '../../tickets/called-in';
import { INVITE_OUTCOMES, PURPOSE_WORDS } from './call-words';
import { lengthText, timeText } from './time';

/** Who was called into a work order's call: three-way, consultation, transfer, emergency. */
export function CalledInList({ list }: { list: CalledIn[] }) {
  if (list.length === 0) return null;
  return (
    <section className="called-in" aria-label="通话中接入的各方" data-testid="called-in">
      <h4>通话中接入</h4>
      <ul>
        {list.map((one, index) => (
          <li key={index}>
            <time>{timeText(one.at)}</time> <Tag color={one.emergency ? 'red' : 'blue'}>{kindOf(one)}</Tag>
            <b>{one.name}</b> <span>{resultOf(one)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function kindOf({ purpose, emergency }: CalledIn): string {
  const words = purpose === 'threeWay' ? '三方通话' : PURPOSE_WORDS[purpose];
  return emergency ? `紧急${words}` : words;
}

function resultOf({ outcome, seconds }: CalledIn): string {
  if (outcome === null) return '呼叫中';
  return seconds === null ? INVITE_OUTCOMES[outcome] : `通话 ${lengthText(seconds)}`;
}
