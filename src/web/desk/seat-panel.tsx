import { Alert, Button, Input, Radio, Select, Tag } from 'antd';
import { useState } from 'react';
import { listensNow } from '../../calls/monitoring';
import { agentMoves, NOT_READY_REASONS, type NotReadyReason, type Seat } from '../../seats/seat';
import { api } from '../shared/api';
import { timerText } from '../shared/time';
import { useAction } from '../shared/use-action';
import { useNow } from '../shared/use-now';
import type { PhoneKind } from './call-controls';
import { PhoneStatus } from './phone-status';
import { CHOOSABLE_REASONS, SEAT_LOOK, seatName } from './seat-words';
import type { SeatPhone } from './use-seat-phone';

interface Props {
  seat: Seat | null;
  phone: SeatPhone;
  refresh: () => void;
}

/** The agent's own seat: state with its timer, the moves it allows, and the phone. */
export function SeatPanel({ seat, phone, refresh }: Props) {
  const signedIn = seat !== null && seat.state !== 'signedOut';
  return (
    <section className="desk-card" aria-label="坐席状态">
      <SeatState seat={seat} />
      {signedIn ? (
        <>
          <SeatMoves seat={seat} phone={phone} refresh={refresh} />
          <PhoneStatus phone={phone} seat={seat} />
        </>
      ) : (
        <SeatSignIn phone={phone} refresh={refresh} />
      )}
    </section>
  );
}

function SeatState({ seat }: { seat: Seat | null }) {
  const now = useNow();
  const look = SEAT_LOOK[seat?.state ?? 'signedOut'];
  return (
    <div
      className={`seat-state seat-${look.tone}`}
      data-testid="seat-state"
      data-state={seat?.state ?? 'signedOut'}
    >
      <strong aria-live="polite">{seatName(seat)}</strong>
      <span className="seat-timer">
        {seat && seat.state !== 'signedOut' ? timerText(now - seat.since) : '—'}
      </span>
      <small>{seat && listensNow(seat) ? '正在监听其他坐席' : look.means}</small>
    </div>
  );
}

function SeatSignIn({ phone, refresh }: { phone: SeatPhone; refresh: () => void }) {
  const [kind, setKind] = useState<PhoneKind>(phone.kind);
  const [number, setNumber] = useState(phone.number);
  const action = useAction();
  const lacking = kind === 'remote' && number.trim() === '';
  const signIn = async () => {
    if (lacking || action.busy) return;
    askForNotices();
    if (await action.run(() => phone.signIn(kind, number.trim()))) refresh();
  };
  return (
    <div className="seat-block">
      <Radio.Group
        value={kind}
        onChange={(event) => setKind(event.target.value as PhoneKind)}
        aria-label="接听方式"
        options={[
          { value: 'browser', label: '网页软电话' },
          { value: 'sip', label: 'SIP 话机' },
          { value: 'remote', label: '普通电话' },
        ]}
      />
      {kind === 'remote' && (
        <>
          <Input
            aria-label="电话号码"
            placeholder="手机或固定电话（含区号）"
            inputMode="tel"
            maxLength={40}
            value={number}
            onChange={(event) => setNumber(event.target.value)}
            onPressEnter={() => void signIn()}
          />
          <small>来电时呼叫该电话，接听后按 1 接入；通话声音在电话上。</small>
        </>
      )}
      <Button
        type="primary"
        size="large"
        block
        disabled={lacking}
        loading={action.busy}
        onClick={() => void signIn()}
      >
        签入坐席
      </Button>
    </div>
  );
}

/** A click is the moment at which browsers let a page ask. */
function askForNotices(): void {
  if ('Notification' in window && Notification.permission === 'default')
    void Notification.requestPermission();
}

function SeatMoves({ seat, phone, refresh }: Props & { seat: Seat }) {
  const action = useAction();
  const [reason, setReason] = useState<NotReadyReason>('rest');
  const moves = agentMoves(seat.state);
  const inCall = seat.state === 'ringing' || seat.state === 'talking';
  const command = async (work: () => Promise<unknown>) => {
    if (await action.run(work)) refresh();
  };
  const ready = () => command(() => api.post('/desk/seat/ready'));
  const notReady = () => command(() => api.post('/desk/seat/not-ready', { reason }));
  return (
    <div className="seat-block">
      {seat.state === 'rona' && (
        <Alert
          type="error"
          title="来电已转给其他坐席，本席已暂停派送。人在座位上请点“恢复示闲”；离席请改为示忙。"
        />
      )}
      {moves.includes('ready') && seat.state !== 'wrapUp' && (
        <Button
          className="seat-go-ready"
          type="primary"
          size="large"
          block
          disabled={action.busy}
          onClick={() => void ready()}
        >
          {seat.state === 'rona' ? '恢复示闲' : '示闲'}
        </Button>
      )}
      <div className="seat-choose">
        <Select<NotReadyReason>
          aria-label="示忙原因"
          value={reason}
          onChange={setReason}
          options={CHOOSABLE_REASONS.map((one) => ({ value: one.reason, label: one.words }))}
        />
        <Button
          disabled={action.busy}
          onClick={() => void notReady()}
          title={inCall ? '本次通话结束后生效' : undefined}
        >
          {inCall || seat.state === 'wrapUp' ? '话后示忙' : seat.state === 'notReady' ? '更改原因' : '示忙'}
        </Button>
      </div>
      {seat.notReadyNext && (
        <Tag color="warning" className="seat-next">
          本次通话结束后：示忙 · {NOT_READY_REASONS[seat.notReadyNext]}
        </Tag>
      )}
      {moves.includes('signOut') && (
        <Button
          type="text"
          size="small"
          disabled={action.busy}
          onClick={() => void command(() => phone.signOut())}
        >
          签出坐席
        </Button>
      )}
    </div>
  );
}
