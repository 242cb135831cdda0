import { Button } from 'antd';
import type { Seat } from '../../seats/seat';
import { lineSaid, microphoneSaid, type Said } from './phone-state';
import type { SeatPhone } from './use-seat-phone';

function Line({ said, testId }: { said: Said; testId?: string }) {
  return (
    <div
      className={`said said-${said.tone}`}
      data-testid={testId}
      role={said.tone === 'bad' ? 'alert' : undefined}
    >
      <span className="said-words">{said.words}</span>
      {said.help && <small>{said.help}</small>}
    </div>
  );
}

/** The phone in words: registration and microphone of the page's phone, or the account of a desk phone. */
export function PhoneStatus({ phone, seat }: { phone: SeatPhone; seat: Seat }) {
  const reachable = seat.phoneReachable;
  if (seat.telephone !== null) return <Telephone number={seat.telephone} />;
  if (phone.kind === 'sip') return <DeskPhone phone={phone} reachable={reachable} />;
  const microphone = microphoneSaid(phone.state.microphone);
  const line = lineSaid(phone.state.line);
  return (
    <div
      className="phone-status"
      aria-label="话机状态"
      data-line={phone.state.line}
      data-testid="phone-status"
    >
      <Line said={line} />
      {phone.state.line === 'registered' && !reachable && (
        <Line said={{ tone: 'wait', words: '等待交换系统确认话机在线…', help: null }} />
      )}
      {microphone && (
        <>
          <Line said={microphone} />
          {microphone.tone === 'bad' && (
            <Button size="small" onClick={phone.checkMicrophone}>
              重新检测
            </Button>
          )}
        </>
      )}
    </div>
  );
}

/** An ordinary telephone: the switch knows no more of it than the carrier does. */
function Telephone({ number }: { number: string }) {
  const said: Said = {
    tone: 'good',
    words: `普通电话 ${number}`,
    help: '来电时呼叫该电话，接听后按 1 接入；通话声音在电话上，保持、静音、挂断仍在本页操作。',
  };
  return (
    <div className="phone-status" aria-label="话机状态" data-testid="phone-status">
      <Line said={said} />
    </div>
  );
}

function DeskPhone({ phone, reachable }: { phone: SeatPhone; reachable: boolean }) {
  const said: Said = reachable
    ? { tone: 'good', words: '话机已注册，可以接听', help: null }
    : { tone: 'bad', words: '话机未注册', help: '请在话机上填写下列账号。' };
  return (
    <div className="phone-status" aria-label="话机状态" data-testid="phone-status">
      <Line said={said} />
      {phone.account && !reachable && (
        <dl className="phone-account">
          <dt>服务器</dt>
          <dd>{phone.account.domain}</dd>
          <dt>账号</dt>
          <dd>{phone.account.account}</dd>
          <dt>密码</dt>
          <dd>{phone.account.secret}</dd>
        </dl>
      )}
    </div>
  );
}
