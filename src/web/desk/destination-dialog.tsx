import { Input, Modal, Segmented, Tag } from 'antd';
import { useEffect, useRef, useState, type KeyboardEvent } from 'react';
import type { Destination } from '../../desk/destination';
import { api } from '../shared/api';
import { faultWords } from '../shared/problem';
import { Failure, Loading, Nothing } from '../shared/states';
import { useResource } from '../shared/use-resource';
import { choices, PURPOSES, remember, step, type Choice, type Purpose } from './destination-choice';
import { keyOf } from './shortcuts';

/** Seats come and go while the dialog is open. */
const LOOK_EVERY_MS = 3000;
const MOST = 120;

interface Props {
  personId: string;
  callId: string;
  purpose: Purpose;
  /** The purposes the call allows now. */
  allowed: readonly Purpose[];
  onPurpose: (purpose: Purpose) => void;
  onClose: () => void;
  onDone: () => void;
}

/** Whom to consult, call in or pass the call on to: found by typing, chosen by arrow keys, rung by Enter. */
export function DestinationDialog(props: Props) {
  const { personId, callId, purpose, allowed, onPurpose, onClose, onDone } = props;
  const [typed, setTyped] = useState('');
  const [words, setWords] = useState('');
  const [picked, setPicked] = useState<string | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const used = useLastUsed(personId);
  const found = useDestinations(typed);
  const list = choices(found.data?.destinations ?? [], purpose, typed, used.keys);
  // What was found for fewer letters is still shown for a moment, but an Enter must not ring it.
  const fresh = found.data?.query === typed.trim();
  const wanted = list.findIndex(({ key }) => key === (fresh ? picked : 'number'));
  const at = fresh ? Math.max(0, wanted) : wanted;
  const chosen = list[at];

  const pick = (key: string | null) => {
    setPicked(key);
    setFault(null);
  };
  const go = async (choice: Choice | undefined) => {
    if (!choice || busy) return;
    setFault(choice.why && `${choice.name}：${choice.why}`);
    if (choice.why) return;
    setBusy(true);
    try {
      await api.post(`/desk/calls/${callId}/invite`, { purpose, to: choice.target, words: words.trim() });
      used.add(choice.key);
      onDone();
    } catch (refusal) {
      setFault(faultWords(refusal));
    } finally {
      setBusy(false);
    }
  };
  const onKeys = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    const by = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[event.key];
    if (by !== undefined) pick(list[step(at, by, list.length)]?.key ?? null);
    else if (event.key === 'Enter' && !event.ctrlKey) void go(chosen);
    else return;
    event.preventDefault();
  };
  const { means, go: goWords } = PURPOSES[purpose];
  return (
    <Modal
      open
      width={680}
      title="咨询 · 三方 · 转接"
      onCancel={onClose}
      onOk={() => void go(chosen)}
      okText={`${goWords} Enter`}
      okButtonProps={{ disabled: !chosen || chosen.why !== null, loading: busy }}
      cancelText="返回 Esc"
      className="destinations"
      data-testid="destinations"
    >
      <div onKeyDown={onKeys}>
        <Segmented<Purpose>
          block
          value={purpose}
          onChange={onPurpose}
          options={(Object.keys(PURPOSES) as Purpose[]).map((one) => ({
            value: one,
            label: `${PURPOSES[one].name} ${keyOf(one)}`,
            disabled: !allowed.includes(one),
          }))}
        />
        <p className="destinations-means">{means}</p>
        <Input
          autoFocus
          allowClear
          size="large"
          value={typed}
          onChange={(event) => {
            setTyped(event.target.value);
            pick(null);
          }}
          placeholder="姓名、工号、技能、队列、热线、联系人，或直接输入号码"
          role="combobox"
          aria-label="查找去处"
          aria-expanded
          aria-controls="destination-list"
          aria-activedescendant={chosen && `destination-${at}`}
          data-testid="destination-search"
        />
        <DestinationList found={found} list={list} at={at} onPick={pick} onGo={(one) => void go(one)} />
        <Input
          value={words}
          maxLength={200}
          onChange={(event) => setWords(event.target.value)}
          placeholder="交代给对方的话：事由、诉求要点（对方弹屏可见，可不填）"
          aria-label="交代给对方的话"
          data-testid="destination-words"
        />
        <p className="destinations-fault" role="alert">
          {fault ?? chosen?.why}
        </p>
      </div>
    </Modal>
  );
}

function DestinationList(props: {
  found: ReturnType<typeof useDestinations>;
  list: readonly Choice[];
  at: number;
  onPick: (key: string) => void;
  onGo: (choice: Choice) => void;
}) {
  const { found, list, at, onPick, onGo } = props;
  const marked = useRef<HTMLLIElement>(null);
  const key = list[at]?.key;
  useEffect(() => {
    // In braces: newer browsers answer with a promise, which React would take for the effect's end.
    void marked.current?.scrollIntoView({ block: 'nearest' });
  }, [key]);
  if (!found.data)
    return (
      <div className="destination-list">
        {found.loading ? <Loading rows={5} /> : <Failure error={found.error} onRetry={found.reload} />}
      </div>
    );
  if (list.length === 0)
    return (
      <div className="destination-list">
        <Nothing words="没有找到。可输入号码直接拨打" />
      </div>
    );
  return (
    <ul className="destination-list" id="destination-list" role="listbox" aria-label="去处">
      {list.map((one, index) => (
        <li
          key={one.key}
          id={`destination-${index}`}
          ref={index === at ? marked : undefined}
          role="option"
          aria-selected={index === at}
          aria-disabled={one.why !== null}
          className={one.why ? 'destination-off' : undefined}
          onClick={() => onPick(one.key)}
          onDoubleClick={() => onGo(one)}
        >
          <b>{one.name}</b>
          {one.emergency && <Tag color="red">紧急</Tag>}
          {one.used && <Tag>最近用过</Tag>}
          <small>{one.detail}</small>
          <span>{one.why ?? one.words}</span>
        </li>
      ))}
    </ul>
  );
}

function useDestinations(typed: string) {
  const found = useResource(
    async (signal) => {
      // A number is nobody's name: the list then holds only what has the digits in it.
      const query = { q: typed.trim(), limit: MOST };
      const { destinations } = await api.get<{ destinations: Destination[] }>('/desk/destinations', {
        query,
        signal,
      });
      return { query: query.q, destinations };
    },
    [typed],
  );
  const { reload } = found;
  useEffect(() => {
    const timer = setInterval(reload, LOOK_EVERY_MS);
    return () => clearInterval(timer);
  }, [reload]);
  return found;
}

/** Each person's last used destinations, on this computer. */
function useLastUsed(personId: string) {
  const place = `hotline-destinations:${personId}`;
  const [keys] = useState<string[]>(() => readKeys(localStorage.getItem(place)));
  const add = (key: string) => localStorage.setItem(place, JSON.stringify(remember(keys, key)));
  return { keys, add };
}

function readKeys(text: string | null): string[] {
  try {
    const read: unknown = JSON.parse(text ?? '[]');
    return Array.isArray(read) ? read.filter((one) => typeof one === 'string') : [];
  } catch {
    return [];
  }
}
